"""Shares: two of three restore, one tells nothing, and what was changed or mixed up is noticed."""

import contextlib
import random
from collections import Counter
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.ethics.shares import Share, _inverse, _times, read, restore, split, write


def drawing(seed: int) -> random.Random:
    """Return a reproducible source of bytes."""
    return random.Random(seed)  # noqa: S311 - a test must be repeatable


@given(secret=st.binary(min_size=1, max_size=64), seed=st.integers(0, 2**32))
def test_any_two_of_three_give_the_secret_back(secret: bytes, seed: int) -> None:
    """In every pair and either order, and all three together."""
    shares = split(secret, drawing(seed).randbytes)
    assert all(restore(pair) == secret for pair in permutations(shares, 2))
    assert restore(shares) == secret


def test_the_product_is_that_of_the_standard() -> None:
    """FIPS 197, section 4.2: {57} times {83} is {c1}, {57} times {13} is {fe}."""
    assert _times(0x57, 0x83) == 0xC1
    assert _times(0x57, 0x13) == 0xFE


def test_every_number_but_zero_has_an_inverse() -> None:
    """Any number times its inverse is 1, for all 255."""
    assert all(_times(a, _inverse(a)) == 1 for a in range(1, 256))


@pytest.mark.parametrize("secret", [0x00, 0x01, 0x80, 0xFF])
def test_one_share_tells_nothing(secret: int) -> None:
    """Over all 256 slopes a custodian's byte takes each value exactly once, whatever the secret is."""
    seen = [
        Counter(
            split(bytes([secret]), lambda count, slope=slope: bytes([slope] * count))[index].body[0]
            for slope in range(256)
        )
        for index in range(3)
    ]
    assert all(counts == Counter(range(256)) for counts in seen)


def test_one_share_of_two_secrets_cannot_be_told_apart() -> None:
    """With random slopes the share's bytes are spread alike for all zeros and all ones (chi-squared, 255 degrees)."""
    draw = drawing(7).randbytes
    for secret in (bytes(16_384), b"\xff" * 16_384):
        counts = Counter(split(secret, draw)[0].body)
        expected = len(secret) / 256
        statistic = sum((counts[value] - expected) ** 2 / expected for value in range(256))
        assert 170 < statistic < 347


def test_two_shares_with_one_guessed_fit_every_secret() -> None:
    """For one share and any secret there is a second share that restores just that: one custodian learns nothing."""
    mine = split(b"\x2a", drawing(3).randbytes)[0]
    restored = {restore((mine, Share(group=mine.group, index=2, body=bytes([guess])))) for guess in range(256)}
    assert len(restored) == 256


@pytest.mark.parametrize("place", range(16, 98))
def test_a_changed_sign_is_noticed(place: int) -> None:
    """Each sign of a written share, changed alone, is refused: by its form or its checksum."""
    line = write(split(bytes(range(32)), drawing(5).randbytes)[1])
    assert line[:16] == "impetus-share-1-"
    changed = line[:place] + ("0" if line[place] != "0" else "1") + line[place + 1 :]
    with pytest.raises(Malformed, match=r"no share|checksum"):
        read(changed)


def test_a_written_share_reads_back_through_a_careless_hand() -> None:
    """Capitals and spaces between groups are forgiven."""
    share = split(b"secret", drawing(1).randbytes)[2]
    spaced = " ".join(write(share).upper()[at : at + 4] for at in range(0, len(write(share)), 4))
    assert read(spaced) == share


@pytest.mark.parametrize("line", ["", "impetus-share-1-", "impetus-share-2-00000000-1-00-00000000", "x" * 5000])
def test_what_is_no_share_is_refused(line: str) -> None:
    """And the refusal quotes nothing of it."""
    with pytest.raises(Malformed, match="no share"):
        read(line)


def test_shares_of_two_sets_do_not_mix() -> None:
    """Old paper and new paper are told apart before a wrong key is made."""
    old, new = split(bytes(32), drawing(1).randbytes), split(bytes(32), drawing(2).randbytes)
    with pytest.raises(Malformed, match="not of one set"):
        restore((old[0], new[1]))


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_shares_restore_nothing(count: int) -> None:
    """One custodian cannot act alone."""
    with pytest.raises(Malformed, match="different shares"):
        restore(split(b"secret", drawing(1).randbytes)[:count])


def test_one_share_twice_is_one_share() -> None:
    """A copy is no second custodian."""
    share = split(b"secret", drawing(1).randbytes)[0]
    with pytest.raises(Malformed, match="different"):
        restore((share, share))


def test_a_third_share_that_lies_elsewhere_is_noticed() -> None:
    """With three at hand, a well-formed wrong one does not pass."""
    one, two, three = split(b"secret", drawing(1).randbytes)
    wrong = Share(group=three.group, index=three.index, body=bytes(len(three.body)))
    for order in combinations((one, two, wrong), 3):
        with pytest.raises(Malformed, match="one line"):
            restore(order)


def test_a_share_does_not_show_itself() -> None:
    """Its repr, which ends in logs, names the index only."""
    share = split(b"secret", drawing(1).randbytes)[0]
    assert share.body.hex() not in repr(share)


@given(text=st.text(max_size=200))
def test_any_text_is_a_share_or_refused(text: str) -> None:
    """Reading never fails otherwise."""
    with contextlib.suppress(Malformed):
        assert read(write(read(text))) == read(text)
