"""The rules over a document inside another text; what they find, at the characters of the file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from valetkey.diagnostics import Diagnostic, Label, Severity, Source, Span
from valetkey.lint.embedded.find import Document, statements_of
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


def lint_document(
    document: Document, file: Source, facts: Facts, rules: Iterable[Rule] | None = None
) -> tuple[Checked, ...]:
    """Return what is found in a document whatever its unknown values are."""
    open_ends = tuple(unknowns(document.root))
    registered = (provider.key for provider in facts.providers)
    named = (*_hosts(document), *HOSTS[:1], *registered, *HOSTS[1:])
    hosts = tuple(dict.fromkeys(named))[:MOST_HOSTS]
    chosen = None if rules is None else tuple(rules)
    first: list[tuple[_Key, Checked, World]] = []
    for index in range(max(WORLDS, len(hosts)) if open_ends else 1):
        world = World(index, document.type, hosts)
        try:
            transcript = transcribe(document.root, file, world)
        except TooLarge:
            return (_too_large(document, file),)
        found = lint_policy(transcript.source, document.type, facts, chosen)
        keyed = [(_key(finding, transcript), finding) for finding in found]
        if index == 0:
            sids = located(transcript.source, document.type, found)
            moved = [_moved(checked, transcript, world) for checked in sids]
            first = [(key, one, world) for (key, _), one in zip(keyed, moved, strict=True)]
        elif _SHARED not in {finding.code for finding in found}:
            keys = {key for key, _ in keyed}
            first = [each for each in first if each[0] in keys]
    return tuple(
        checked
        for key, checked, world in first
        if not _is_guess(key, checked, open_ends, world, file)
    )


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


_Key = tuple[str, int, int]


def _key(finding: Finding, transcript: Transcript) -> _Key:
    labels = finding.diagnostic.labels
    if not labels or labels[0].span.source is not transcript.source:
        return finding.code, -1, -1
    span = transcript.span(labels[0].span.start, labels[0].span.end)
    return finding.code, span.start, span.end


def _moved(checked: Checked, transcript: Transcript, world: World) -> Checked:
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
    return replace(checked, finding=Finding(moved, _edits(checked.finding.edits, transcript)))


def _span(span: Span, transcript: Transcript) -> Span:
    return transcript.span(span.start, span.end) if span.source is transcript.source else span


def _edits(edits: tuple[Edit, ...], transcript: Transcript) -> tuple[Edit, ...]:
    """Return edits in the file; all of them, or none where one has no exact place.

    What is put in is a plain word: anything else is written otherwise in YAML or HCL than in JSON.
    """
    moved = []
    for edit in edits:
        place = transcript.exact(edit.start, edit.end)
        if place is None or not _SAFE.fullmatch(edit.text):
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
    return Checked(Finding(Diagnostic("lint-too-large", message, Severity.ERROR, (Label(span),))))
