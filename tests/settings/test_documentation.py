"""The documented settings are the real ones."""

import tomllib

from support.documents import PROJECT
from valetkey.settings import load_settings, markdown_table, settings_table, upstream_table

DOCUMENT = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_table_is_the_one_in_the_documentation():
    assert f"\n\n{markdown_table()}\n\n" in DOCUMENT
    assert f"\n\n{markdown_table(upstream_table())}\n\n" in DOCUMENT


def test_the_example_is_right():
    example = DOCUMENT.split("```toml\n")[1].split("```")[0]
    settings = load_settings(example, "valetkey.toml", {})
    assert {name: getattr(settings, name) for name in tomllib.loads(example)} == {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in tomllib.loads(example).items()
    }


def test_every_example_is_read():
    for text in DOCUMENT.split("```toml\n")[1:]:
        load_settings(text.split("```")[0], "valetkey.toml", {})


def test_every_setting_says_what_it_is_for():
    for setting in (*settings_table(), *upstream_table()):
        assert setting.purpose.endswith(".")
        assert "|" not in setting.purpose
