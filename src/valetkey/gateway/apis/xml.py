"""An XML body by its shapes: no DTD, no entities, bounded depth, nothing beside the model."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from valetkey.gateway.apis.errors import Misfit
from valetkey.gateway.apis.request import Value
from valetkey.gateway.apis.shapes import Shapes
from valetkey.wire.api_tables import ApiMember, ApiShape

MAX_DEPTH = 60


@dataclass(slots=True)
class Element:
    """An element without its namespace's prefix."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def parse_xml(body: bytes) -> Element:
    """Return a document's root; raises :class:`ValueError` on what is no plain document."""
    top = Element("", {})
    open_elements = [top]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > MAX_DEPTH:
            raise ValueError("nested too deeply")
        element = Element(tag.rpartition(":")[2], attributes)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def text(piece: str) -> None:
        open_elements[-1].text.append(piece)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_elements.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError("no XML document") from error
    return top.children[0]


def _refuse(*_: object) -> None:
    raise ValueError("a document type is declared")


def read_xml(shapes: Shapes, shape: ApiShape, element: Element, where: str) -> dict[str, Value]:
    """Return a structure; raises :class:`Misfit`."""
    body = [member for member in shape.members if not member.location]
    known = {member.wire or member.name: member for member in body if not member.attribute}
    groups: dict[str, list[Element]] = {}
    for child in element.children:
        groups.setdefault(child.tag, []).append(child)
    if "".join(element.text).strip():
        raise Misfit(f"`{where}` is a structure, and is given a value")
    found = dict(_attributes(body, element, where))
    for tag, group in groups.items():
        member = known.get(tag)
        if member is None:
            raise Misfit(f"`{where}` has an element that is not known", unknown=tag)
        found[member.name] = _member(shapes, member, group, f"{where}.{tag}")
    return found


def _attributes(
    members: list[ApiMember], element: Element, where: str
) -> Iterator[tuple[str, Value]]:
    known = {member.wire.rpartition(":")[2]: member for member in members if member.attribute}
    for name, value in element.attributes.items():
        if name == "xmlns" or name.startswith("xmlns:"):
            continue
        member = known.get(name.rpartition(":")[2])
        if member is None:
            raise Misfit(f"`{where}` has an attribute that is not known", unknown=name)
        yield member.name, value


def _member(shapes: Shapes, member: ApiMember, group: list[Element], where: str) -> Value:
    shape = shapes[member.shape]
    if shape.kind in ("list", "map") and member.flattened:
        return _several(shapes, shape, group, where)
    if len(group) != 1:
        raise Misfit(f"`{where}` is given more than once")
    element = group[0]
    if shape.kind in ("list", "map"):
        wanted = (shape.members[0].wire or "member") if shape.kind == "list" else "entry"
        if any(child.tag != wanted for child in element.children):
            raise Misfit(f"`{where}` has another element than `{wanted}`")
        return _several(shapes, shape, element.children, where)
    return _single(shapes, shape, element, where)


def _several(shapes: Shapes, shape: ApiShape, group: list[Element], where: str) -> Value:
    if shape.kind == "list":
        element = shape.members[0]
        return [_member(shapes, element, [child], where) for child in group]
    key, value = shape.members
    found: dict[str, Value] = {}
    for entry in group:
        parts = {child.tag: child for child in entry.children}
        names = (key.wire or "key", value.wire or "value")
        if len(parts) != len(entry.children) or parts.keys() != set(names):
            raise Misfit(f"an entry of `{where}` is a key and a value")
        found["".join(parts[names[0]].text)] = _member(shapes, value, [parts[names[1]]], where)
    return found


def _single(shapes: Shapes, shape: ApiShape, element: Element, where: str) -> Value:
    if shape.kind == "structure":
        return read_xml(shapes, shape, element, where)
    if element.children:
        raise Misfit(f"`{where}` is a {shape.kind}, and has elements")
    return "".join(element.text)
