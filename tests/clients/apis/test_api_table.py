"""The documentation's tables of services are what the tests and the code say."""

import re

from support.api_table import DOCUMENT, table
from support.moto_running import SERVICES, arn
from valetkey.gateway.apis import tag_lookup
from valetkey.gateway.apis.authorization import prefixes

NAMES = {"ec2": "instance/i-1", "lambda": "function:f", "logs": "log-group:g"}


def test_the_table_is_what_the_tests_cover():
    assert DOCUMENT.read_text().endswith(f"\n\n{table()}")


def test_every_upstream_of_the_tests_is_in_the_table():
    written = set(re.findall(r"^\| [^|]+ \| `(\w+)` \|", table(), re.MULTILINE))
    assert written == {*SERVICES}


def test_the_services_whose_tags_are_looked_up():
    sentence = DOCUMENT.read_text().partition("That is done for:")[2].partition(".")[0]
    named = set(re.findall(r"`(\w+)`", sentence))
    told = {name for name in prefixes() if tag_lookup(name, arn(name, NAMES.get(name, "x/y")))}
    assert named == told
