"""The table of clients in the documentation is the one that the tests make."""

import pytest

from support import clients_table
from support.clients_table import CLIENTS, TESTS, covered, expected, written


def test_the_table_holds_what_the_tests_cover():
    wanted, found = expected(), written()
    # It is the distribution's, so it is another on another machine.
    wanted["restic"] = wanted["restic"]._replace(version=found["restic"].version)
    assert found == wanted, "run `tests/support/clients_table.py --write`"
    assert list(found) == list(wanted)


def test_every_client_has_tests():
    assert [name for name, found in covered().items() if not found.tests] == []
    assert list(covered()) == list(CLIENTS)


def test_a_test_that_fails_is_named_in_the_table(monkeypatch, tmp_path):
    document = tmp_path / "clients.md"
    document.write_text(clients_table.DOCUMENT.read_text())
    monkeypatch.setattr(clients_table, "DOCUMENT", document)

    def main(words, plugins):
        assert words[0] == str(TESTS)
        for name, outcome in (("test_s3cmd", "failed"), ("test_s5cmd[x]", "passed")):
            where = ("test_gateway_carriers.py", 1, name)
            plugins[0].pytest_runtest_logreport(
                pytest.TestReport(name, where, {}, outcome, None, "call")
            )
        return 1

    monkeypatch.setattr(clients_table.pytest, "main", main)
    assert clients_table.main() == 1
    assert written()["s3cmd"].result == "fails: test_s3cmd"
    assert written()["s5cmd"] == expected()["s5cmd"]
