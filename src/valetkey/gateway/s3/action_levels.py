"""The actions of S3 that a bucket policy can be about, and what each is done to."""

from typing import Final

from valetkey.gateway.s3.operation import Level
from valetkey.gateway.s3.operations import OPERATIONS

# Done by S3 itself on a bucket owner's behalf, or without an operation of their own.
_FURTHER: Final = {
    Level.BUCKET: ("ListTagsForResource", "PauseReplication", "TagResource", "UntagResource"),
    Level.OBJECT: (
        "BypassGovernanceRetention",
        "GetObjectVersionForReplication",
        "GetObjectVersionTorrent",
        "InitiateReplication",
        "ObjectOwnerOverrideToBucketOwner",
        "ReplicateDelete",
        "ReplicateObject",
        "ReplicateTags",
    ),
}
# Their paths name a bucket, what they do is done to objects.
_ON_OBJECTS: Final = frozenset({"DeleteObjects", "PostObject"})


def _levels() -> dict[str, Level]:
    levels = {f"s3:{name}".lower(): level for level, names in _FURTHER.items() for name in names}
    for row in OPERATIONS.values():
        level = Level.OBJECT if row.name in _ON_OBJECTS else row.level
        if level is not Level.SERVICE:
            levels.update((action.lower(), level) for action in (*row.actions, *row.versioned))
    return levels


ACTION_LEVELS: Final = _levels()
"""Actions in lower case, with the kind of resource that each is about."""
