"""What can be wrong with a request, and what S3 says to it.

Each row prepares a request that is right (its twin), then spoils it in one way. ``where`` tells the
cells it is for, ``says`` the answers: a status and a code each, one of which must come.
"""

import base64
import hashlib
from collections.abc import Callable
from typing import NamedTuple

from gateway.matrix.plans import OBJECT, PRIVATE, Auth, Cell, Mode, Plan, amz_date, crc32
from gateway.matrix.signing import Frame, Framed, Wire
from valetkey.sigv4.checksums import ALGORITHMS

Change = Callable[[Plan], None]
Where = Callable[[Cell], bool]
Says = Callable[[Cell], tuple[str, ...]]


class Spoil(NamedTuple):
    """A row of the table."""

    name: str
    group: str
    where: Where
    says: Says
    spoil: Change
    prepare: Change


SPOILS: list[Spoil] = []

ANY = "4xx"
MISMATCH = "403 SignatureDoesNotMatch"
DENIED = "403 AccessDenied"
INVALID = "400 InvalidRequest"
ARGUMENT = "400 InvalidArgument"
INCOMPLETE = "400 IncompleteBody"
TRAILER = "400 MalformedTrailerError"
DIGEST = "400 BadDigest"
LENGTH = "411 MissingContentLength"
OTHER_HASH = "400 XAmzContentSHA256Mismatch"
HEADER = "400 AuthorizationHeaderMalformed"
QUERY = "400 AuthorizationQueryParametersError"


def nothing(plan: Plan) -> None:
    """Leave a request as it is."""


def row(  # noqa: PLR0917 - a row reads as a row
    group: str,
    name: str,
    where: Where,
    says: str | tuple[str, ...] | Says,
    spoil: Change,
    prepare: Change = nothing,
) -> None:
    if isinstance(says, str):
        says = (says,)
    answers = says if callable(says) else lambda _cell, fixed=says: fixed
    SPOILS.append(Spoil(name, group, where, answers, spoil, prepare))


def after(change: Callable[[Wire], None]) -> Change:
    """Return a change to what was signed already."""
    return lambda plan: plan.after.append(change)


def frames(change: Callable[[Framed], None]) -> Change:
    """Return a change to the chunks."""
    return lambda plan: plan.edits.append(change)


def set_signer(**changes: object) -> Change:
    def change(plan: Plan) -> None:
        for name, value in changes.items():
            setattr(plan.signer, name, value)

    return change


def set_plan(**changes: object) -> Change:
    def change(plan: Plan) -> None:
        for name, value in changes.items():
            setattr(plan, name, value)

    return change


def set_header(name: str, value: str | None) -> Change:
    return lambda plan: plan.header(name, value)


def both(*changes: Change) -> Change:
    def change(plan: Plan) -> None:
        for one in changes:
            one(plan)

    return change


# Where a row belongs.
def signed(cell: Cell) -> bool:
    return cell.signed


def in_header(cell: Cell) -> bool:
    return cell.auth.in_header


def in_query(cell: Cell) -> bool:
    return cell.auth.in_query


def neither(cell: Cell) -> bool:
    return cell.auth is Auth.NEITHER


def everywhere(_cell: Cell) -> bool:
    return True


def stores(cell: Cell) -> bool:
    return cell.stores


def chunked(cell: Cell) -> bool:
    return cell.mode.chunked


def stored_chunks(cell: Cell) -> bool:
    return cell.mode.chunked and cell.stores


def signed_chunks(cell: Cell) -> bool:
    return cell.mode.signed_chunks and cell.signed


def trailers(cell: Cell) -> bool:
    return cell.mode.trailers


def plain(cell: Cell) -> bool:
    return not cell.mode.chunked


def hashed(cell: Cell) -> bool:
    return cell.mode is Mode.HASH


def declared(cell: Cell) -> bool:
    return cell.mode is not Mode.ABSENT


def and_(*all_of: Where) -> Where:
    return lambda cell: all(one(cell) for one in all_of)


def by_auth(header: str, query: str) -> Says:
    """Return what is said to a request that is signed in its header, and in its query."""
    return lambda cell: (query if cell.auth.in_query else header,)


MALFORMED = by_auth(HEADER, QUERY)
SKEWED = by_auth("403 RequestTimeTooSkewed", DENIED)
BAD_DATE = by_auth(DENIED, QUERY)


# --- wrong signature -------------------------------------------------------------------------
def flipped(wire: Wire) -> None:
    """Change the last digit of the signature."""

    def other(text: str) -> str:
        return text[:-1] + ("0" if text[-1] != "0" else "1")

    wire.headers = [(n, other(v) if n == "authorization" else v) for n, v in wire.headers]
    wire.query = [(n, other(v) if n == "X-Amz-Signature" else v) for n, v in wire.query]


def authorization(change: Callable[[str], str]) -> Change:
    def edit(wire: Wire) -> None:
        wire.headers = [(n, change(v) if n == "authorization" else v) for n, v in wire.headers]

    return after(edit)


def set_parameter(name: str, value: str | None) -> Change:
    return after(lambda wire: wire.set_parameter(name, value))


def add_parameter(name: str, value: str | None = None) -> Change:
    return after(
        lambda wire: wire.query.append((name, wire.parameter(name) if value is None else value))
    )


def add_header(name: str, value: str | None = None) -> Change:
    return after(
        lambda wire: wire.headers.append(
            (name, (wire.header(name) or "") if value is None else value)
        )
    )


def other_path(wire: Wire) -> None:
    wire.path = wire.path + "x" if wire.path.count("/") > 1 else wire.path[:-1] + "s"


row("signature", "another secret", signed, MISMATCH, set_signer(secret="another" * 6))
row("signature", "one digit another", signed, MISMATCH, after(flipped))
row("signature", "for another path", signed, MISMATCH, after(other_path))
row("signature", "for another query", signed, MISMATCH, add_parameter("x-id", "Other"))
# An answer to HEAD has no body, and so no code.
row(
    "signature",
    "for another method",
    and_(signed, lambda c: c.operation == "GetObject"),
    ANY,
    after(lambda wire: setattr(wire, "method", "HEAD")),
)
row(
    "signature",
    "for another host",
    signed,
    MISMATCH,
    after(lambda wire: wire.set_header("host", "other.example")),
)
row(
    "signature",
    "a signed header has another value",
    signed,
    MISMATCH,
    after(lambda wire: wire.set_header("content-type", "text/html")),
    set_header("content-type", "text/plain"),
)
row(
    "signature",
    "empty in the header",
    in_header,
    HEADER,
    authorization(lambda text: text.partition("Signature=")[0] + "Signature="),
)
row(
    "signature",
    "missing in the header",
    in_header,
    HEADER,
    authorization(lambda text: text.partition(", Signature=")[0]),
)
row("signature", "empty in the query", in_query, QUERY, set_parameter("X-Amz-Signature", ""))
row("signature", "missing in the query", in_query, QUERY, set_parameter("X-Amz-Signature", None))
row("signature", "an unknown key", signed, "400 InvalidToken", set_signer(key_id="ASIA" + "B" * 16))
row("signature", "another token", signed, "400 InvalidToken", set_signer(token="QUJD" * 20))
row("signature", "no token", signed, "403 InvalidAccessKeyId", set_signer(token=None))
row(
    "signature",
    "an unknown algorithm in the header",
    in_header,
    INVALID,
    authorization(lambda text: text.replace("SHA256 ", "SHA1 ", 1)),
)
row(
    "signature",
    "an unknown algorithm in the query",
    in_query,
    (INVALID, QUERY),
    set_parameter("X-Amz-Algorithm", "AWS4-HMAC-SHA1"),
)

# --- wrong date ------------------------------------------------------------------------------


def dated(seconds: float) -> Change:
    def change(plan: Plan) -> None:
        plan.signer.amz_date = amz_date(plan.now + seconds)
        plan.signer.scope_date = plan.signer.amz_date[:8]

    return change


row("date", "16 minutes old", signed, SKEWED, dated(-960))
row("date", "a day old", signed, SKEWED, dated(-86_400))
row("date", "a year old", signed, SKEWED, dated(-365 * 86_400))
row("date", "6 minutes ahead", signed, SKEWED, dated(360))
row("date", "a day ahead", signed, SKEWED, dated(86_400))
row("date", "in another form", signed, BAD_DATE, set_signer(amz_date="2027-01-15T08:00:00Z"))
row("date", "no date that there is", signed, BAD_DATE, set_signer(amz_date="20270230T080000Z"))
row("date", "empty", signed, BAD_DATE, set_signer(amz_date=""))
row(
    "date",
    "none in the header",
    in_header,
    DENIED,
    after(lambda wire: wire.set_header("x-amz-date", None)),
)
row("date", "none in the query", in_query, QUERY, set_parameter("X-Amz-Date", None))
row(
    "date",
    "the scope is of the day before",
    signed,
    MALFORMED,
    lambda plan: setattr(plan.signer, "scope_date", amz_date(plan.now - 86_400)[:8]),
)
row(
    "date",
    "the scope is of the day after",
    signed,
    MALFORMED,
    lambda plan: setattr(plan.signer, "scope_date", amz_date(plan.now + 86_400)[:8]),
)
for _text in ("0", "604801", "-1", "60.5", "abc", ""):
    row("date", f"a life of `{_text}` seconds", in_query, QUERY, set_signer(expires=_text))

# --- wrong scope -----------------------------------------------------------------------------
row(
    "scope",
    "another region",
    signed,
    MALFORMED,
    set_signer(region="eu-west-1", region_set="eu-west-1,eu-*"),
)
row("scope", "another terminator", signed, MALFORMED, set_signer(terminator="aws4_requests"))
for _service in ("ec2", "sts", "s3express", "s3tables", "s3-outposts", "S3"):
    row("scope", f"service {_service}", signed, ANY, set_signer(service=_service))
row("scope", "not enough elements", signed, ANY, set_signer(credential="A/20270115/s3"))
row(
    "scope",
    "too many elements",
    signed,
    ANY,
    set_signer(credential="A/20270115/us-east-1/s3/x/aws4_request"),
)
row("scope", "empty", signed, ANY, set_signer(credential="////"))

# --- headers that are signed, and that are not -----------------------------------------------
row("headers", "a signed one is missing", signed, MISMATCH, set_signer(absent=("x-amz-meta-gone",)))
row(
    "headers",
    "an unsigned x-amz-meta-*",
    signed,
    DENIED,
    set_signer(leave_out=frozenset(("x-amz-meta-note",))),
    set_header("x-amz-meta-note", "kept"),
)
row(
    "headers",
    "an unsigned x-amz-acl",
    and_(signed, lambda c: c.operation == "PutObject"),
    DENIED,
    set_signer(leave_out=frozenset(("x-amz-acl",))),
    set_header("x-amz-acl", "private"),
)
row(
    "headers",
    "an unsigned x-amz-copy-source",
    and_(signed, lambda c: c.operation == "CopyObject"),
    DENIED,
    set_signer(leave_out=frozenset(("x-amz-copy-source",))),
)
row(
    "headers",
    "the host is not signed",
    signed,
    DENIED,
    set_signer(leave_out=frozenset(("host",))),
    set_header("content-type", "text/plain"),
)
row(
    "headers",
    "the date is not signed",
    in_header,
    DENIED,
    set_signer(leave_out=frozenset(("x-amz-date",))),
)
row(
    "headers",
    "x-amz-content-sha256 is not signed",
    and_(signed, declared),
    DENIED,
    set_signer(leave_out=frozenset(("x-amz-content-sha256",))),
)
row(
    "headers",
    "the trailer's name is not signed",
    and_(signed, trailers),
    DENIED,
    set_signer(leave_out=frozenset(("x-amz-trailer",))),
)
row(
    "headers",
    "the decoded length is not signed",
    and_(signed, chunked),
    DENIED,
    set_signer(leave_out=frozenset(("x-amz-decoded-content-length",))),
)
row(
    "headers",
    "their list is not sorted",
    signed,
    MALFORMED,
    lambda plan: plan.after.append(lambda wire: _headers_list(wire, lambda names: names[::-1])),
    set_header("content-type", "text/plain"),
)
row(
    "headers",
    "their list has one twice",
    signed,
    MALFORMED,
    lambda plan: plan.after.append(
        lambda wire: _headers_list(wire, lambda names: [*names[:1], *names])
    ),
)
row(
    "headers",
    "their list is in capitals",
    signed,
    MALFORMED,
    lambda plan: plan.after.append(
        lambda wire: _headers_list(wire, lambda names: [name.upper() for name in names])
    ),
)
row(
    "headers",
    "their list is empty",
    signed,
    MALFORMED,
    lambda plan: plan.after.append(lambda wire: _headers_list(wire, lambda _names: [])),
)


def _headers_list(wire: Wire, change: Callable[[list[str]], list[str]]) -> None:
    def in_text(text: str) -> str:
        head, _, rest = text.partition("SignedHeaders=")
        names, comma, tail = rest.partition(",")
        return f"{head}SignedHeaders={';'.join(change(names.split(';')))}{comma}{tail}"

    wire.headers = [(n, in_text(v) if n == "authorization" else v) for n, v in wire.headers]
    wire.query = [
        (n, ";".join(change(v.split(";"))) if n == "X-Amz-SignedHeaders" else v)
        for n, v in wire.query
    ]


# --- given twice, or in another spelling -----------------------------------------------------
TWICE = (INVALID, ARGUMENT, HEADER, QUERY)
for _name in ("authorization", "x-amz-date", "x-amz-security-token"):
    row("twice", f"header {_name}", in_header, TWICE, add_header(_name))
row(
    "twice",
    "header authorization, another one",
    in_header,
    TWICE,
    add_header("authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"),
)
row("twice", "header host", everywhere, TWICE, add_header("host", "other.example"))
row(
    "twice",
    "header x-amz-content-sha256",
    declared,
    TWICE,
    add_header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
)
row(
    "twice",
    "header content-md5",
    everywhere,
    TWICE,
    add_header("content-md5", "x"),
    lambda plan: plan.header("content-md5", md5(plan.body)),
)
for _name in (
    "Algorithm",
    "Credential",
    "Date",
    "Expires",
    "SignedHeaders",
    "Signature",
    "Security-Token",
):
    _name = f"X-Amz-{_name}"
    row("twice", f"parameter {_name}", in_query, TWICE, add_parameter(_name))
    row(
        "twice",
        f"parameter {_name}, also in small letters",
        in_query,
        TWICE,
        after(lambda wire, name=_name: wire.query.append((name.lower(), wire.parameter(name)))),
    )
    row(
        "twice",
        f"parameter {_name}, only in small letters",
        in_query,
        TWICE,
        after(lambda wire, name=_name: _renamed(wire, name, name.lower())),
    )
    row(
        "twice",
        f"parameter {_name}, only in capitals",
        in_query,
        TWICE,
        after(lambda wire, name=_name: _renamed(wire, name, name.upper())),
    )
    row(
        "twice", f"parameter {_name} beside the header", in_header, TWICE, add_parameter(_name, "x")
    )
    row(
        "twice",
        f"parameter {_name} in small letters beside the header",
        in_header,
        TWICE,
        add_parameter(_name.lower(), "x"),
    )
    row("twice", f"parameter {_name} alone", neither, TWICE, add_parameter(_name, "x"))
row(
    "twice",
    "Signature= in the header",
    in_header,
    HEADER,
    authorization(lambda text: f"{text}, Signature={'0' * 64}"),
)
row(
    "twice",
    "signature= in the header",
    in_header,
    HEADER,
    authorization(lambda text: f"{text}, signature={'0' * 64}"),
)
row(
    "twice",
    "credential= in place of Credential=",
    in_header,
    HEADER,
    authorization(lambda text: text.replace("Credential=", "credential=")),
)
row(
    "twice",
    "a part nobody knows in the header",
    in_header,
    HEADER,
    authorization(lambda text: f"{text}, Region=us-east-1"),
)


def _renamed(wire: Wire, old: str, new: str) -> None:
    wire.query = [(new if name == old else name, value) for name, value in wire.query]


# --- nobody's --------------------------------------------------------------------------------
for _text, _says in (
    ("Bearer QUJD", HEADER),
    ("Basic QUJDOkRFRg==", HEADER),
    ("", HEADER),
    ("AWS AKIDEXAMPLE:c2lnbmF0dXJl", INVALID),
    ("AWS4-HMAC-SHA256", HEADER),
):
    row("nobody", f"Authorization: {_text}", neither, _says, add_header("authorization", _text))
row(
    "nobody",
    "a bucket that is not open",
    and_(neither, lambda c: c.operation != "CopyObject"),
    DENIED,
    after(lambda wire: setattr(wire, "path", wire.path.replace("matrix-public", PRIVATE))),
)
row(
    "nobody",
    "a source that is not open",
    and_(neither, lambda c: c.operation == "CopyObject"),
    DENIED,
    set_header("x-amz-copy-source", f"/{PRIVATE}/dir/key"),
)

# --- the body is another one -----------------------------------------------------------------
OTHER = OBJECT[:-1] + b"?"


def md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def checksum(name: str, body: bytes) -> str:
    running = ALGORITHMS[name].start()
    running.update(memoryview(body))
    return base64.b64encode(running.digest()).decode()


def changed(cell: Cell) -> tuple[str, ...]:
    if cell.mode is Mode.HASH:
        return (OTHER_HASH,)
    return (MISMATCH,) if signed_chunks(cell) else (DIGEST,)


row(
    "body",
    "the hash of another",
    hashed,
    OTHER_HASH,
    set_plan(declared=hashlib.sha256(b"another").hexdigest()),
)
row(
    "body",
    "the hash of a chunk's framing",
    and_(chunked, lambda c: not c.signed),
    ANY,
    set_plan(declared="STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
)
for _text in (
    "abc",
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
    "unsigned-payload",
    "UNSIGNED-PAYLOAD-TRAILER",
    "0" * 65,
):
    row("body", f"a hash such as `{_text[:24]}`", declared, ARGUMENT, set_plan(declared=_text))
row(
    "body",
    "a mode that there is not",
    declared,
    (ARGUMENT, OTHER_HASH),
    set_plan(declared="STREAMING-AWS4-HMAC-SHA512-PAYLOAD"),
)
row(
    "body",
    "its last byte is another",
    lambda c: c.stores and (c.mode is Mode.HASH or c.mode.signed_chunks or c.mode.trailers),
    changed,
    after(lambda wire: setattr(wire, "body", wire.body.replace(OBJECT[-64:], OTHER[-64:]))),
)
row(
    "body",
    "another Content-MD5",
    everywhere,
    DIGEST,
    set_header("content-md5", md5(b"another")),
    lambda plan: plan.header("content-md5", md5(plan.body)),
)
for _text in ("abc", md5(b"")[:-2], "0" * 32, ""):
    row(
        "body",
        f"a Content-MD5 such as `{_text[:8]}`",
        everywhere,
        "400 InvalidDigest",
        set_header("content-md5", _text),
        lambda plan: plan.header("content-md5", md5(plan.body)),
    )


def _checksum_header(name: str) -> Change:
    return lambda plan: plan.header(f"x-amz-checksum-{name.lower()}", checksum(name, plan.body))


for _name in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
    _header = f"x-amz-checksum-{_name.lower()}"
    _right = _checksum_header(_name)
    _untrailed = and_(stores, lambda c: not c.mode.trailers)
    row(
        "body",
        f"another {_name}",
        _untrailed,
        DIGEST,
        set_header(_header, checksum(_name, b"another")),
        _right,
    )
    row("body", f"a {_name} that is none", _untrailed, INVALID, set_header(_header, "abc"), _right)
row(
    "body",
    "two checksums",
    and_(stores, lambda c: not c.mode.trailers),
    INVALID,
    lambda plan: plan.header("x-amz-checksum-sha1", checksum("SHA1", plan.body)),
    lambda plan: plan.header("x-amz-checksum-crc32", crc32(plan.body)),
)
row(
    "body",
    "a checksum in front and one behind",
    and_(stores, trailers),
    INVALID,
    lambda plan: plan.header("x-amz-checksum-crc32", crc32(plan.body)),
)
row(
    "body",
    "the algorithm's name is another's",
    stores,
    INVALID,
    set_header("x-amz-sdk-checksum-algorithm", "SHA1"),
    lambda plan: (
        plan.header("x-amz-sdk-checksum-algorithm", "CRC32"),
        None if plan.trailer else plan.header("x-amz-checksum-crc32", crc32(plan.body)),
    )[0],
)
row(
    "body",
    "an algorithm and no checksum",
    and_(stores, lambda c: not c.mode.trailers),
    INVALID,
    set_header("x-amz-sdk-checksum-algorithm", "CRC32"),
)

# --- its length ------------------------------------------------------------------------------
row(
    "length",
    "a byte more than was said",
    and_(stores, plain),
    INCOMPLETE,
    after(lambda wire: setattr(wire, "body", wire.body + b"x")),
)
row(
    "length",
    "a byte less than was said",
    and_(stores, plain),
    INCOMPLETE,
    after(lambda wire: setattr(wire, "body", wire.body[:-1])),
)
row(
    "length",
    "nothing of what was said",
    and_(stores, plain),
    INCOMPLETE,
    after(lambda wire: setattr(wire, "body", b"")),
)
row(
    "length",
    "no length",
    and_(stores, plain),
    LENGTH,
    after(lambda wire: wire.set_header("content-length", None)),
)
row("length", "the client goes away", stores, "0", set_plan(cut=True))
row(
    "length",
    "decoded, one more",
    chunked,
    INCOMPLETE,
    lambda plan: setattr(plan, "decoded_length", str(len(plan.body) + 1)),
)
row(
    "length",
    "decoded, one less",
    stored_chunks,
    INCOMPLETE,
    lambda plan: setattr(plan, "decoded_length", str(len(plan.body) - 1)),
)
row("length", "decoded, nothing", stored_chunks, INCOMPLETE, set_plan(decoded_length="0"))
for _text in ("", "-1", "+1", "1e3", "0x10", "9" * 30):
    row("length", f"decoded, `{_text[:4]}`", chunked, LENGTH, set_plan(decoded_length=_text))
row("length", "decoded, none", chunked, LENGTH, set_plan(decoded_length=None))
row("length", "decoded, twice", chunked, TWICE, add_header("x-amz-decoded-content-length", "1"))

# --- chunks ----------------------------------------------------------------------------------


def on_last(change: Callable[[Frame], None]) -> Change:
    """Return a change to the last chunk, which is empty."""
    return frames(lambda chunks: change(chunks.frames[-1]))


def on_first(change: Callable[[Frame], None]) -> Change:
    return frames(lambda chunks: change(chunks.frames[0]))


def cut_body(keep: Callable[[bytes], int]) -> Change:
    return after(lambda wire: setattr(wire, "body", wire.body[: keep(wire.body)]))


def resized(text: Callable[[Frame], str]) -> Callable[[Frame], None]:
    return lambda frame: setattr(frame, "size", text(frame))


row("chunks", "truncated in the data of one", stored_chunks, INCOMPLETE, cut_body(lambda b: 5000))
row(
    "chunks",
    "truncated behind the data",
    stored_chunks,
    INCOMPLETE,
    frames(lambda chunks: _truncate(chunks)),  # noqa: PLW0108 - it stands further down
)
row("chunks", "truncated in the header of one", stored_chunks, INCOMPLETE, cut_body(lambda b: 2))
row(
    "chunks",
    "truncated in the header of the last",
    chunked,
    INCOMPLETE,
    frames(lambda chunks: _end_in_header(chunks)),  # noqa: PLW0108 - it stands further down
)
row(
    "chunks", "not one of them", chunked, INCOMPLETE, after(lambda wire: setattr(wire, "body", b""))
)
row(
    "chunks",
    "no framing at all",
    stored_chunks,
    INCOMPLETE,
    after(lambda wire: setattr(wire, "body", OBJECT)),
)
for _name, _size in (
    ("300 zeros before its size", lambda f: "0" * 300 + f.size),
    ("17 digits in its size", lambda f: f.size.rjust(17, "0")),
    ("64 KiB of digits in its size", lambda f: f.size.rjust(65_536, "0")),
    ("no size", lambda f: ""),
    ("a negative size", lambda f: "-" + f.size),
    ("a plus before its size", lambda f: "+" + f.size),
    ("0x before its size", lambda f: "0x" + f.size),
    ("a blank before its size", lambda f: " " + f.size),
    ("an underscore in its size", lambda f: "0_" + f.size),
    ("a size that is no number", lambda f: "zz"),
):
    row("chunks", f"{_name}, the last", chunked, INCOMPLETE, on_last(resized(_size)))
    row("chunks", f"{_name}, the first", stored_chunks, INCOMPLETE, on_first(resized(_size)))
row("chunks", "a size of 2^64 - 1", chunked, INCOMPLETE, on_first(resized(lambda f: "f" * 16)))
row(
    "chunks",
    "a size one too large",
    stored_chunks,
    (INCOMPLETE, MISMATCH),
    on_first(resized(lambda f: f"{len(f.data) + 1:x}")),
)
row(
    "chunks",
    "a size one too small",
    stored_chunks,
    (INCOMPLETE, MISMATCH),
    on_first(resized(lambda f: f"{len(f.data) - 1:x}")),
)
row(
    "chunks",
    "an extension nobody knows",
    chunked,
    INCOMPLETE,
    on_last(lambda f: setattr(f, "extension", f.extension + ";name=value")),
)
row(
    "chunks",
    "250 bytes of extension",
    chunked,
    INCOMPLETE,
    on_last(lambda f: setattr(f, "extension", f.extension + ";" + "x" * 250)),
)
row(
    "chunks",
    "no line end behind the data",
    stored_chunks,
    INCOMPLETE,
    on_first(lambda f: setattr(f, "end", b"")),
)
row(
    "chunks",
    "half a line end behind the data",
    stored_chunks,
    INCOMPLETE,
    on_first(lambda f: setattr(f, "end", b"\n")),
)
row(
    "chunks",
    "one more byte of data",
    stored_chunks,
    (INCOMPLETE, MISMATCH),
    on_first(lambda f: setattr(f, "data", f.data + b"x")),
)
row(
    "chunks",
    "something behind the end",
    chunked,
    INCOMPLETE,
    after(lambda wire: setattr(wire, "body", wire.body + b"0\r\n\r\n")),
)
row(
    "chunks",
    "a small one that is not the last",
    stored_chunks,
    "403 InvalidChunkSizeError",
    set_plan(sizes=[100, len(OBJECT) - 100]),
)
row(
    "chunks",
    "two of them change places",
    and_(signed_chunks, stores),
    (MISMATCH, "403 InvalidChunkSizeError"),
    frames(lambda chunks: _swap(chunks)),  # noqa: PLW0108 - it stands further down
)
row(
    "chunks",
    "one is left out",
    stored_chunks,
    (INCOMPLETE, MISMATCH),
    frames(lambda chunks: chunks.frames.pop(0)),
)
row(
    "chunks",
    "one comes twice",
    stored_chunks,
    (INCOMPLETE, MISMATCH),
    frames(lambda chunks: chunks.frames.insert(0, chunks.frames[0])),
)
for _at, _which in ((0, "the first"), (1, "the second"), (-1, "the last")):
    _cells = signed_chunks if _at == -1 else and_(signed_chunks, stores)
    row(
        "chunks",
        f"another signature, {_which}",
        _cells,
        MISMATCH,
        frames(lambda chunks, at=_at: _other_signature(chunks.frames[at])),
    )
    row(
        "chunks",
        f"no signature, {_which}",
        _cells,
        INCOMPLETE,
        frames(lambda chunks, at=_at: setattr(chunks.frames[at], "extension", "")),
    )
    row(
        "chunks",
        f"an empty signature, {_which}",
        _cells,
        (INCOMPLETE, MISMATCH),
        frames(lambda chunks, at=_at: setattr(chunks.frames[at], "extension", ";chunk-signature=")),
    )
row(
    "chunks",
    "the request's signature on all",
    signed_chunks,
    MISMATCH,
    frames(lambda chunks: _seeded(chunks)),  # noqa: PLW0108 - it stands further down
)


def _truncate(chunks: Framed) -> None:
    chunks.frames.pop()
    chunks.trailers.clear()
    chunks.frames[-1].end = b""


def _end_in_header(chunks: Framed) -> None:
    # The size alone, with neither a line end nor an end of trailers behind it.
    last = chunks.frames[-1]
    chunks.frames[-1] = Frame(last.size, last.extension + ";" + "x" * 300, b"")
    chunks.trailers.clear()


def _swap(chunks: Framed) -> None:
    chunks.frames[0], chunks.frames[1] = chunks.frames[1], chunks.frames[0]


def _other_signature(frame: Frame) -> None:
    name, equals, signature = frame.extension.partition("=")
    frame.extension = f"{name}{equals}{signature[::-1]}"


def _seeded(chunks: Framed) -> None:
    for frame in chunks.frames:
        frame.extension = chunks.frames[-1].extension
    _other_signature(chunks.frames[-1])


# --- trailers --------------------------------------------------------------------------------
def trailer_missing(cell: Cell) -> tuple[str, ...]:
    return (INCOMPLETE,) if signed_chunks(cell) else (TRAILER,)


def set_trailers(*pairs: tuple[str, str]) -> Change:
    return lambda plan: setattr(plan, "trailers", list(pairs))


row("trailers", "the declared one is missing", trailers, trailer_missing, set_trailers())
row(
    "trailers",
    "cut off before it",
    trailers,
    trailer_missing,
    frames(lambda chunks: chunks.trailers.clear()),
)
row("trailers", "cut off within it", trailers, INCOMPLETE, cut_body(lambda body: len(body) - 10))
row(
    "trailers",
    "of another algorithm",
    trailers,
    TRAILER,
    lambda plan: setattr(plan, "trailers", [("x-amz-checksum-sha1", checksum("SHA1", plan.body))]),
)
row(
    "trailers",
    "declared of another algorithm",
    trailers,
    TRAILER,
    set_plan(trailer="x-amz-checksum-sha256"),
)
row(
    "trailers",
    "another value",
    trailers,
    DIGEST,
    set_trailers(("x-amz-checksum-crc32", crc32(b"another"))),
)
row(
    "trailers",
    "a value that is none",
    trailers,
    INVALID,
    set_trailers(("x-amz-checksum-crc32", "abc")),
)
row(
    "trailers",
    "a value of another length",
    trailers,
    INVALID,
    set_trailers(("x-amz-checksum-crc32", checksum("SHA1", b""))),
)
row("trailers", "an empty value", trailers, INVALID, set_trailers(("x-amz-checksum-crc32", "")))
row("trailers", "not declared", trailers, TRAILER, set_plan(trailer=None))
row(
    "trailers",
    "one more that is not declared",
    trailers,
    TRAILER,
    lambda plan: plan.trailers.append(("x-amz-meta-more", "value")),
)
row(
    "trailers",
    "given twice",
    trailers,
    TRAILER,
    lambda plan: plan.trailers.append(plan.trailers[0]),
)
row(
    "trailers",
    "nine of them",
    trailers,
    TRAILER,
    lambda plan: setattr(plan, "trailers", plan.trailers * 9),
)
row(
    "trailers",
    "a value of 4 KiB",
    trailers,
    (TRAILER, INCOMPLETE),
    set_trailers(("x-amz-checksum-crc32", "A" * 4096)),
)
row(
    "trailers",
    "a line without a colon",
    trailers,
    INCOMPLETE,
    after(
        lambda wire: setattr(wire, "body", wire.body.replace(b"x-amz-checksum-crc32:", b"crc32 "))
    ),
)
row(
    "trailers",
    "a declared one that is no checksum",
    trailers,
    INVALID,
    both(set_plan(trailer="x-amz-meta-more"), set_trailers(("x-amz-meta-more", "value"))),
)
row(
    "trailers",
    "two declared",
    trailers,
    INVALID,
    set_plan(trailer="x-amz-checksum-crc32,x-amz-checksum-sha1"),
)
row(
    "trailers",
    "declared twice",
    trailers,
    TWICE,
    add_header("x-amz-trailer", "x-amz-checksum-sha1"),
)
row(
    "trailers",
    "declared where there are none",
    lambda c: not c.mode.trailers,
    TRAILER,
    set_plan(trailer="x-amz-checksum-crc32"),
)
row(
    "trailers",
    "sent where there are none",
    and_(chunked, lambda c: not c.mode.trailers),
    INCOMPLETE,
    frames(lambda chunks: chunks.trailers.append(("x-amz-checksum-crc32", "x"))),
)
row(
    "trailers",
    "another signature",
    and_(signed_chunks, trailers),
    MISMATCH,
    frames(lambda chunks: _trailer_signature(chunks, chunks.trailers[-1][1][::-1])),
)
row(
    "trailers",
    "an empty signature",
    and_(signed_chunks, trailers),
    MISMATCH,
    frames(lambda chunks: _trailer_signature(chunks, "")),
)
row(
    "trailers",
    "no signature",
    and_(signed_chunks, trailers),
    INCOMPLETE,
    frames(lambda chunks: chunks.trailers.pop()),
)
row(
    "trailers",
    "the signature comes first",
    and_(signed_chunks, trailers),
    INCOMPLETE,
    frames(lambda chunks: chunks.trailers.reverse()),
)
row(
    "trailers",
    "the signature comes twice",
    and_(signed_chunks, trailers),
    (MISMATCH, TRAILER),
    frames(lambda chunks: chunks.trailers.append(chunks.trailers[-1])),
)
row(
    "trailers",
    "a value changed behind the signature",
    and_(signed_chunks, trailers),
    MISMATCH,
    frames(lambda chunks: chunks.trailers.__setitem__(0, ("x-amz-checksum-crc32", crc32(b"?")))),
)


def _trailer_signature(chunks: Framed, signature: str) -> None:
    chunks.trailers[-1] = (chunks.trailers[-1][0], signature)
