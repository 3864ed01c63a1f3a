"""The REST protocols: an operation by its path, its input from everywhere in the request."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from valetkey.gateway.apis.bodies import content, parse_object
from valetkey.gateway.apis.errors import Misfit, malformed, unknown_operation
from valetkey.gateway.apis.marks import media_type, query_pairs
from valetkey.gateway.apis.paths import Route, Router
from valetkey.gateway.apis.request import Value
from valetkey.gateway.apis.shapes import read_members
from valetkey.gateway.apis.xml import parse_xml, read_xml
from valetkey.gateway.model import Head
from valetkey.wire.api_tables import ApiEntry, ApiMember, ApiProtocol, ApiShape, ApiTable
from valetkey.wire.catalogue import Catalogue

Query = Mapping[str, tuple[str, ...]]

_JSON = frozenset({"", "application/json"})
_XML = frozenset({"", "application/xml", "text/xml"})
_MOST_ROUTERS = 512
# A quote that is never closed goes to the end, so that no character is read twice.
_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)++)"?|([^",]+)')
_BODY_IS_NONE = (b"", b"{}")


@lru_cache(maxsize=_MOST_ROUTERS)
def _router(catalogue: Catalogue, entry: ApiEntry) -> Router:
    return Router(catalogue.table(entry))


def routes(
    head: Head, entries: Sequence[ApiEntry], protocol: ApiProtocol, catalogue: Catalogue
) -> list[tuple[ApiTable, Route]]:
    """Return the operation that method and path lead to, by each service that has it.

    Where services that sign with one name have the same path, it must be the same operation
    (one service is another's newer form). Raises
    :class:`~valetkey.gateway.apis.errors.RequestNotUnderstood`, and :class:`Misfit` for a path
    that may be read in two ways.
    """
    query = query_of(head)
    found: list[tuple[ApiTable, Route]] = []
    seen: set[str] = set()
    for entry in entries:
        # The latest version of each service comes first, and older ones only where it has no
        # such path.
        if protocol in entry.protocols and entry.name not in seen:
            best = _router(catalogue, entry).find(head.method, head.raw_path, query)
            found += [(catalogue.table(entry), one) for one in best]
            seen.update(entry.name for _ in best)
    names = {one.operation.name for _, one in found}
    if not found:
        raise unknown_operation(protocol, "no operation of the service has this method and path")
    if len(names) > 1:
        shown = " and ".join(f"`{name}`" for name in sorted(names))
        raise malformed(protocol, f"the path may be that of {shown}")
    return found


def query_of(head: Head) -> Query:
    """Return the query string's parameters, each with all its values; raises :class:`Misfit`."""
    if b"+" in head.raw_query:
        raise Misfit("a `+` in the URL may be a blank or a plus")
    found: dict[str, list[str]] = {}
    for name, value in query_pairs(head):
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def read_rest(
    head: Head, body: bytes, table: ApiTable, found: Route, protocol: ApiProtocol
) -> dict[str, Value]:
    """Return the input of a route's operation; raises :class:`Misfit`."""
    if found.operation.input is None:
        shape = ApiShape("structure")
    else:
        shape = table.shapes[found.operation.input]
    given: dict[str, Value] = {}
    literal = {name for name, _ in found.query}
    given.update(_labels(shape.members, found.labels))
    given.update(_query(table, shape.members, query_of(head), literal))
    given.update(_headers(table, shape.members, head))
    plain = content(head, body, protocol)
    given.update(_body(head, plain, table, shape))
    return given


def _labels(members: Sequence[ApiMember], labels: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    known = {m.wire or m.name: m.name for m in members if m.location == "uri"}
    for name, value in labels.items():
        if name not in known:
            raise Misfit("the model has no member for a part of the path")
        yield known[name], value


def _query(
    table: ApiTable, members: Sequence[ApiMember], query: Query, literal: set[str]
) -> Iterator[tuple[str, Value]]:
    known = {m.wire or m.name: m for m in members if m.location == "querystring"}
    rest = next((m for m in known.values() if table.shapes[m.shape].kind == "map"), None)
    others: dict[str, Value] = {}
    for name, values in query.items():
        member = known.get(name)
        if member is not None and member is not rest:
            several = table.shapes[member.shape].kind == "list"
            yield member.name, list(values) if several else _one(name, values)
        elif rest is not None and name not in literal:
            of_lists = table.shapes[table.shapes[rest.shape].members[1].shape].kind == "list"
            others[name] = list(values) if of_lists else _one(name, values)
        elif name not in literal:
            raise Misfit("a parameter of the URL is not known", unknown=name)
    if rest is not None and others:
        yield rest.name, others


def _one(name: str, values: tuple[str, ...]) -> str:
    if len(values) != 1:
        raise Misfit(f"the parameter `{name}` is given more than once")
    return values[0]


def _headers(
    table: ApiTable, members: Sequence[ApiMember], head: Head
) -> Iterator[tuple[str, Value]]:
    for member in members:
        wire = (member.wire or member.name).lower().encode()
        if member.location == "header":
            values = [value.decode("latin-1").strip() for key, value in head.headers if key == wire]
            if len(values) > 1:
                raise Misfit(f"the header `{member.wire}` is given more than once")
            if values:
                several = table.shapes[member.shape].kind == "list"
                yield member.name, list(_elements(values[0])) if several else values[0]
        elif member.location == "headers":
            with_prefix: dict[str, Value] = {
                key[len(wire) :].decode("latin-1"): value.decode("latin-1").strip()
                for key, value in head.headers
                if key.startswith(wire)
            }
            if with_prefix:
                yield member.name, with_prefix


def _elements(text: str) -> Iterator[str]:
    """Yield the elements of a header that is a list; one that has commas stands in quotes."""
    for quoted, bare in _ELEMENT.findall(text):
        element = re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip()
        if element:
            yield element


def _body(head: Head, body: bytes, table: ApiTable, shape: ApiShape) -> dict[str, Value]:
    if shape.payload:
        member = next(one for one in shape.members if one.name == shape.payload)
        inner = table.shapes[member.shape]
        # A payload of a form of its own is passed on as it is.
        if inner.kind != "structure" or inner.stream or not body:
            return {}
        return {member.name: _read(head, body, table, inner.members)}
    members = tuple(one for one in shape.members if not one.location)
    if members:
        return _read(head, body, table, members) if body else {}
    if body not in _BODY_IS_NONE:
        raise Misfit("the operation takes no body")
    return {}


def _read(
    head: Head, body: bytes, table: ApiTable, members: tuple[ApiMember, ...]
) -> dict[str, Value]:
    media = media_type(head)
    if "rest-json" in table.entry.protocols:
        if media not in _JSON:
            raise malformed("rest-json", "the content-type is not `application/json`")
        return read_members(table.shapes, members, parse_object(body, "rest-json"), "")
    if media not in _XML:
        raise malformed("rest-xml", "the content-type is not that of XML")
    try:
        document = parse_xml(body)
    except ValueError as error:
        raise malformed("rest-xml", f"the body is not understood: {error}") from error
    return read_xml(table.shapes, ApiShape("structure", members), document, document.tag)
