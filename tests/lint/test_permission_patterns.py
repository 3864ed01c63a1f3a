"""What is told of two patterns, against trying texts out."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valetkey.lint.patterns import NO_SLASH, arn_overlap, overlap, wider_ones
from valetkey.policy import glob

ALPHABET = "ab/"
TEXTS = ["".join(letters) for size in range(7) for letters in product(ALPHABET, repeat=size)]

patterns = st.text(alphabet="ab/*?", max_size=3)


def fits_template(text: str, template: str) -> bool:
    """Match with a star that does not cross slashes, the slow way."""
    if not template:
        return not text
    head, rest = template[0], template[1:]
    if head in ("*", NO_SLASH):
        crossing = head == "*"
        return any(
            fits_template(text[at:], rest)
            for at in range(len(text) + 1)
            if crossing or "/" not in text[:at]
        )
    return bool(text) and head in (text[0], "?") and fits_template(text[1:], rest)


class TestOverlap:
    @settings(max_examples=200, deadline=None)
    @given(patterns, patterns)
    def test_it_is_what_trying_says(self, first: str, second: str):
        one, other = glob(first), glob(second)
        # Each letter of a shortest common text is asked for by one of the two patterns, so that
        # it is no longer than both together.
        tried = any(one.matches(text) and other.matches(text) for text in TEXTS)
        assert overlap(first, second) is tried

    @settings(max_examples=300, deadline=None)
    @given(patterns, patterns)
    def test_both_ways_alike(self, first: str, second: str):
        assert overlap(first, second) is overlap(second, first)

    @settings(max_examples=200, deadline=None)
    @given(patterns, st.text(alphabet=f"ab/*{NO_SLASH}", max_size=3))
    def test_a_star_without_slash(self, pattern: str, template: str):
        one = glob(pattern)
        tried = any(one.matches(text) and fits_template(text, template) for text in TEXTS)
        assert overlap(pattern, template) is tried

    def test_a_long_one_is_no_burden(self):
        assert not overlap("*a" * 20_000, "*b" * 30 + "c")


@pytest.mark.parametrize(
    ("pattern", "template", "expected"),
    [
        ("*", "arn:${Partition}:s3:::${BucketName}", True),
        ("arn:aws:s3:::kiln", "arn:${Partition}:s3:::${BucketName}", True),
        ("arn:aws:s3:::kiln/*", "arn:${Partition}:s3:::${BucketName}", False),
        ("arn:aws:s3:::kiln*", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:s3:::kiln", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", False),
        ("arn:aws:s3:::${aws:username}", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:iam::1:role/a/b", "arn:${Partition}:iam::${Account}:role/${RoleName}", True),
        ("arn:aws:iam::1:user/a", "arn:${Partition}:iam::${Account}:role/${RoleName}", False),
        ("arn:aws:iam:x:1:role/a", "arn:${Partition}:iam::${Account}:role/${RoleName}", False),
        ("arn:aws:iam::*:*", "arn:${Partition}:iam::${Account}:role/${RoleName}", True),
        ("arn:aws:s3", "arn:${Partition}:s3:::${BucketName}", True),
    ],
)
def test_arn_overlap(pattern: str, template: str, expected: bool):
    assert arn_overlap(pattern, template) is expected


class TestWiderOnes:
    @settings(max_examples=80, deadline=None)
    @given(st.lists(st.text(alphabet="ab*?", min_size=1, max_size=4), max_size=6))
    def test_what_is_left_takes_in_the_same(self, listed: list[str]):
        wider = wider_ones(tuple(listed))
        left = [text for text, other in zip(listed, wider, strict=True) if other is None]
        for text in TEXTS:
            before = any(glob(each).matches(text) for each in listed)
            assert any(glob(each).matches(text) for each in left) is before

    def test_two_spellings_of_one_do_not_delete_each_other(self):
        assert wider_ones(("a*", "a**", "a*")) == [None, 0, 0]

    def test_a_great_many(self):
        assert set(wider_ones(tuple(f"*{at}x" for at in range(2_000)))) == {None}
