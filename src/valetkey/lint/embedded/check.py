"""The rules over a document inside another text; what they find, at the characters of the file."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from valetkey.diagnostics import Diagnostic, Label, Severity, Source, Span
from valetkey.lint.embedded.find import Document, Shared, statements_of, touches
from valetkey.lint.embedded.guesses import HOSTS
from valetkey.lint.embedded.tree import Map, Node, Opaque, Text, Unknown, children, unknowns
from valetkey.lint.embedded.worlds import WORLDS, World
from valetkey.lint.embedded.write import TooLarge, Transcript, transcribe
from valetkey.lint.model import Edit, Facts, Finding, Rule
from valetkey.lint.run import lint_policy
from valetkey.policy import MalformedPolicy, PolicyType, parse

_ISSUER_KEY: Final = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?(?:/[^:\s]*)?):[a-z_]+")
_PROVIDER: Final = re.compile(r":oidc-provider/(\S+)$")
_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:/._*?-]*")
_NO_ISSUERS: Final = frozenset({"amazonaws.com"})
_SHARED: Final = "policy-shared-issuer"
"""IAM refuses that guess outright, so what the rules do not say there is no contrast."""
_SHORT: Final = 4
MOST_HOSTS: Final = 12


@dataclass(frozen=True, slots=True)
class Checked:
    """A finding, and the statement that it is in: its number from 1 and its Sid."""

    finding: Finding
    statement: int | None = None
    sid: str | None = None


_Key = tuple[str, int, int]
_Edits = tuple[Edit, ...]


class _Look(NamedTuple):
    """What is found with one guess for every unknown value."""

    world: World
    transcript: Transcript
    found: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether no rule could look."""
        return any(finding.stops for finding in self.found)

    def keys(self) -> list[_Key]:
        return [_key(finding, self.transcript) for finding in self.found]

    def edits(self, shared: Shared) -> list[_Edits]:
        return [_edits(finding.edits, self.transcript, shared) for finding in self.found]


def lint_document(
    document: Document, file: Source, facts: Facts, rules: Iterable[Rule] | None = None
) -> tuple[Checked, ...]:
    """Return what is found in a document whatever its unknown values are."""
    open_ends = tuple(unknowns(document.root))
    registered = (provider.key for provider in facts.providers)
    named = (*_hosts(document), *HOSTS[:1], *registered, *HOSTS[1:])
    hosts = tuple(dict.fromkeys(named))[:MOST_HOSTS]
    chosen = None if rules is None else tuple(rules)
    looks = []
    for index in range(max(WORLDS, len(hosts)) if open_ends else 1):
        world = World(index, document.type, hosts)
        try:
            transcript = transcribe(document.root, file, world)
        except TooLarge:
            return (_too_large(document, file),)
        found = lint_policy(transcript.source, document.type, facts, chosen)
        looks.append(_Look(world, transcript, found))
    return _common(looks, document, open_ends)


def _common(
    looks: list[_Look], document: Document, open_ends: tuple[Unknown | Opaque, ...]
) -> tuple[Checked, ...]:
    """Return what every look found.

    Guesses that do not fit together are no look. Where none fit, the first refusal is said.
    """
    first, *others = [each for each in looks if not each.refused] or looks
    keys, edits = first.keys(), first.edits(document.shared)
    sids = located(first.transcript.source, document.type, first.found)
    moved = [
        _moved(one, edits_of, first.transcript, first.world)
        for one, edits_of in zip(sids, edits, strict=True)
    ]
    left = list(zip(keys, moved, strict=True))
    for look in others:
        if _SHARED in {finding.code for finding in look.found}:
            continue
        there = set(look.keys())
        also = set(zip(look.keys(), look.edits(document.shared), strict=True))
        left = [(key, _agreed(key, one, also)) for key, one in left if key in there]
    file = first.transcript.file
    said = tuple(one for key, one in left if not _is_guess(key, one, open_ends, first.world, file))
    if first.refused and not any(one.finding.stops for one in said):
        return (*said, *(one for one in moved if one.finding.stops))
    return said


def located(source: Source, type: PolicyType, found: Iterable[Finding]) -> tuple[Checked, ...]:
    """Return findings with the statements that they are in."""
    found = tuple(found)
    try:
        statements = parse(source, type).statements
    except MalformedPolicy:
        return tuple(Checked(finding) for finding in found)
    placed = []
    for finding in found:
        labels = finding.diagnostic.labels
        at = labels[0].span.start if labels else -1
        inside = [each for each in statements if each.range.start <= at < each.range.end]
        if inside and labels[0].span.source is source:
            sid = inside[0].sid
            placed.append(Checked(finding, inside[0].index + 1, sid.text if sid else None))
        else:
            placed.append(Checked(finding))
    return tuple(placed)


def _key(finding: Finding, transcript: Transcript) -> _Key:
    labels = finding.diagnostic.labels
    if not labels or labels[0].span.source is not transcript.source:
        return finding.code, -1, -1
    span = transcript.span(labels[0].span.start, labels[0].span.end)
    return finding.code, span.start, span.end


def _agreed(key: _Key, checked: Checked, also: Collection[tuple[_Key, _Edits]]) -> Checked:
    """Return a finding; without its edits where another guess asks for others, or for none."""
    if (key, checked.finding.edits) in also:
        return checked
    return replace(checked, finding=replace(checked.finding, edits=()))


def _moved(checked: Checked, edits: _Edits, transcript: Transcript, world: World) -> Checked:
    """Set a finding down in the file, with what the file says for what was put in its place."""
    diagnostic = checked.finding.diagnostic
    words = _Words(world)
    labels = tuple(
        Label(_span(label.span, transcript), words.of(label.text)) for label in diagnostic.labels
    )
    moved = replace(
        diagnostic,
        message=words.of(diagnostic.message),
        labels=labels,
        notes=tuple(map(words.of, diagnostic.notes)),
        help=tuple(map(words.of, diagnostic.help)),
    )
    return replace(checked, finding=replace(checked.finding, diagnostic=moved, edits=edits))


def _span(span: Span, transcript: Transcript) -> Span:
    return transcript.span(span.start, span.end) if span.source is transcript.source else span


def _edits(edits: _Edits, transcript: Transcript, shared: Shared) -> _Edits:
    """Return edits in the file; all of them, or none where one has no exact place.

    What is put in is a plain word: anything else is written otherwise in YAML or HCL than in JSON.
    What aliases repeat is left alone: safe here may be harm where it stands a second time.
    """
    moved = []
    for edit in edits:
        place = transcript.exact(edit.start, edit.end)
        if place is None or not _SAFE.fullmatch(edit.text) or touches(shared, *place):
            return ()
        moved.append(Edit(*place, edit.text))
    return tuple(moved)


class _Words:
    """Puts what the file says back where a guess was quoted."""

    def __init__(self, world: World) -> None:
        self._fakes = {
            fake: expression for fake, expression in world.fakes.items() if "unknown" in fake
        }

    def of(self, text: str) -> str:
        for fake in sorted(self._fakes, key=len, reverse=True):
            if fake in text:
                text = text.replace(fake, " ".join(self._fakes[fake].split()))
        return text.replace(HOSTS[0], "HOST")


def _is_guess(
    key: _Key, checked: Checked, open_ends: Iterable[Unknown | Opaque], world: World, file: Source
) -> bool:
    """Tell whether a finding is about a guess: its place is one, or it quotes one."""
    _, start, end = key
    # Of a provider only the issuer was guessed, and rightly so in one world at least.
    issuers = {expression for fake, expression in world.fakes.items() if _is_issuer(fake)}
    guessed = [each for each in open_ends if each.expression not in issuers]
    if start < end and any(each.start <= start and end <= each.end for each in guessed):
        return True
    diagnostic = checked.finding.diagnostic
    texts = [diagnostic.message, *diagnostic.help, *(label.text for label in diagnostic.labels)]
    quoted = [
        fake
        for fake in world.fakes
        if len(fake) >= _SHORT and "unknown" not in fake and fake not in file.text
    ]
    return any(fake in text for fake in quoted for text in texts)


def _is_issuer(fake: str) -> bool:
    return ":oidc-provider/" in fake or fake in HOSTS


def _hosts(document: Document) -> Iterable[str]:
    """Return the issuers that a document names: what it leaves open is likely one of them."""
    for statement in statements_of(document.root):
        for text in _texts(statement):
            found = _PROVIDER.search(text) or _ISSUER_KEY.fullmatch(text)
            if found and not found[1].endswith(tuple(_NO_ISSUERS)):
                yield found[1]


def _texts(root: Node) -> Iterable[str]:
    waiting: list[Node] = [root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Map):
            yield from (member.key.plain or "" for member in node.members)
        if isinstance(node, Text):
            yield node.plain or ""
        waiting.extend(children(node))


def _too_large(document: Document, file: Source) -> Checked:
    span = file.span(document.root.start, document.root.start + 1)
    message = "the document is longer than any policy may be"
    finding = Diagnostic("lint-too-large", message, Severity.ERROR, (Label(span),))
    return Checked(Finding(finding, stops=True))
