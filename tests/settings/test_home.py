"""Where the state lives."""

from pathlib import Path

import pytest

from valetkey.errors import ValetkeyError
from valetkey.settings import home_directory

CASES = [
    ("/opt/vk", {"VALETKEY_HOME": "/b", "HOME": "/home/x"}, "linux", "/opt/vk"),
    ("here", {}, "linux", "here"),
    (None, {"VALETKEY_HOME": "/b", "XDG_DATA_HOME": "/c", "HOME": "/home/x"}, "linux", "/b"),
    (None, {"XDG_DATA_HOME": "/c", "HOME": "/home/x"}, "linux", "/c/valetkey"),
    (None, {"XDG_DATA_HOME": "relative", "HOME": "/h"}, "linux", "/h/.local/share/valetkey"),
    (None, {"XDG_DATA_HOME": "", "HOME": "/h"}, "linux", "/h/.local/share/valetkey"),
    (None, {"XDG_DATA_HOME": "/c"}, "linux", "/c/valetkey"),
    (None, {"HOME": "/h"}, "linux", "/h/.local/share/valetkey"),
    (None, {"HOME": "/h"}, "darwin", "/h/Library/Application Support/valetkey"),
    (None, {"HOME": "/h", "VALETKEY_HOME": "/b"}, "darwin", "/b"),
]


@pytest.mark.parametrize(("option", "environ", "platform", "place"), CASES)
def test_place(option, environ, platform, place):
    assert home_directory(option, environ, platform=platform) == Path(place)


@pytest.mark.parametrize(
    ("option", "environ", "words"),
    [
        ("", {"HOME": "/h"}, "`--home` is empty"),
        (" ", {"HOME": "/h"}, "`--home` is empty"),
        (None, {"VALETKEY_HOME": "", "HOME": "/h"}, "`VALETKEY_HOME` is empty"),
        (None, {}, "no home directory is known"),
        (None, {"HOME": ""}, "no home directory is known"),
    ],
)
def test_no_place_is_made_up(option, environ, words):
    with pytest.raises(ValetkeyError, match=words):
        home_directory(option, environ, platform="linux")
