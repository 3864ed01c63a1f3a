"""However the body is declared, a signature is verified; no mode is a way round it.

Elsewhere: `STREAMING-UNSIGNED-PAYLOAD-TRAILER` with credentials in the query, and a form that
unpacks archives, skipped the signature altogether.
"""

import pytest

from gateway.matrix.forms import FORM_CELLS, build_form, form
from gateway.matrix.plans import CELLS, PRIVATE, Auth, build, plan
from gateway.matrix.serving import Bench
from gateway.matrix.signing import Wire
from support.gateway_guarded import nothing_reached, put_bucket

SNOWBALL = ("x-amz-meta-snowball-auto-extract", "true")
FORGERIES = ("another secret", "no secret", "an unknown key", "another day's")


def forge(signer: object, how: str) -> None:
    changes = {
        "another secret": {"secret": "s" * 40},
        "no secret": {"secret": ""},
        "an unknown key": {"key_id": "ASIA" + "Q" * 16, "token": None},
        "another day's": {"scope_date": "20200101"},
    }
    for name, value in changes[how].items():
        setattr(signer, name, value)


def elsewhere(wire: Wire, bucket: str) -> Wire:
    wire.path = wire.path.replace("matrix-public", bucket)
    return wire


@pytest.mark.parametrize("bucket", ["matrix-public", PRIVATE])
@pytest.mark.parametrize("how", FORGERIES)
async def test_a_forged_signature_is_refused_in_every_mode(bench: Bench, how: str, bucket: str):
    """A bucket that is open to everybody is closed to who pretends to be somebody."""
    for cell in CELLS:
        if cell.auth is Auth.NEITHER:
            continue
        for snowball in (False, True):
            made = plan(cell, bench.key)
            elsewhere(made.wire, bucket)
            if snowball and cell.stores:
                made.header(*SNOWBALL)
            forge(made.signer, how)
            said = await bench.ask(build(made))
            assert said.status in (400, 403), (cell, said)
    for form_cell in FORM_CELLS:
        if not form_cell.fields:
            continue
        upload = form(form_cell, bench.key)
        upload.path = f"/{bucket}"
        upload.conditions[0] = {"bucket": bucket}
        forge(upload.signer, how)
        said = await bench.ask(build_form(upload))
        assert said.status in (400, 403), (form_cell, said)
    assert nothing_reached(bench)


async def test_nobody_is_somebody_in_no_mode(bench: Bench):
    put_bucket(bench, name=PRIVATE)
    for cell in CELLS:
        if cell.auth is Auth.NEITHER:
            made = plan(cell, bench.key)
            elsewhere(made.wire, PRIVATE)
            said = await bench.ask(build(made))
            assert said.status in (400, 403), (cell, said)
    assert nothing_reached(bench)
