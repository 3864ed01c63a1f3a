"""Strangers of a token, written down by hand; and a diff, applied as `patch` does."""

import re
from collections.abc import Iterator


def strangers(sub: str) -> Iterator[dict[str, str]]:
    """Look-alikes, a fork, other branches and tags of whoever a subject is."""
    if sub.startswith("project_path:"):
        path, rest = re.fullmatch(r"project_path:([^:]*)(.*)", sub).groups()
        group, _, name = path.partition("/")
        for other in (
            f"{group}-evil/{name}",
            f"{group}x/{name}",
            f"{path}-evil",
            f"mallory/{name}",
            f"mallory/{path}",
            f"{group}/zzz",
        ):
            yield {"sub": f"project_path:{other}{rest}", "project_path": other}
        kind, ref = re.fullmatch(r".*?:ref_type:(\w+):ref:(.*)", f"{sub}").groups()
        for other_kind, other_ref in (
            (kind, f"{ref}-evil"),
            (kind, "zzz"),
            ("tag" if kind == "branch" else "branch", ref),
            ("tag" if kind == "branch" else "branch", "zzz"),
        ):
            yield {
                "sub": f"project_path:{path}:ref_type:{other_kind}:ref:{other_ref}",
                "ref": other_ref,
                "ref_type": other_kind,
                "pipeline_source": "push",
            }
    elif sub.startswith("repo:"):
        repository, context = re.fullmatch(r"repo:([^:]*):(.*)", sub).groups()
        owner, _, name = repository.partition("/")
        evil = re.sub(r"(@\d+)?$", "-evil@1", owner), re.sub(r"(@\d+)?$", "-evil@2", name)
        for other in (f"{evil[0]}/{name}", f"{owner}/{evil[1]}", "/".join(evil), f"mallory/{name}"):
            yield {"sub": f"repo:{other}:{context}"}
        for other in ("ref:refs/heads/zzz", "ref:refs/tags/v9", "pull_request", "environment:zzz"):
            yield {"sub": f"repo:{repository}:{other}"}
    yield {"sub": f"{sub}-evil"}


def patched(text: str, diff: str) -> str:
    """Apply a unified diff, as `patch` does."""
    lines, done = text.split("\n"), []
    at = 0
    for line in diff.rstrip("\n").split("\n")[2:]:
        if line.startswith("@@"):
            start = int(re.match(r"@@ -(\d+)", line)[1]) - 1
            done += lines[at:start]
            at = start
        elif line.startswith("+"):
            done.append(line[1:])
        else:
            assert lines[at] == line[1:]
            done += [lines[at]] if line.startswith(" ") else []
            at += 1
    return "\n".join(done + lines[at:])
