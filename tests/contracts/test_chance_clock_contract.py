"""What every adapter of the ports `Clock`, `Chance` and `Passwords` promises."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from impetus.adapters.chance import SystemChance
from impetus.adapters.clock import SystemClock
from impetus.adapters.passwords import ArgonPasswords
from impetus.ports import Chance, Clock
from impetus.testing.chance import SeededChance
from impetus.testing.clock import SettableClock

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("clock", [SystemClock(), SettableClock(AT)], ids=["system", "settable"])
def test_a_clock_tells_aware_utc(clock: Clock) -> None:
    """Time has a zone, and it is UTC."""
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("clock", [SystemClock(), SettableClock(AT)], ids=["system", "settable"])
def test_the_monotonic_clock_does_not_go_back(clock: Clock) -> None:
    """Of a thousand readings none is below the one before."""
    readings = [clock.monotonic_s() for _ in range(1000)]

    assert readings == sorted(readings)


def test_the_settable_clock_moves_when_told() -> None:
    """Both faces move forward together; setting the wall clock back does not take the monotonic one along."""
    clock = SettableClock(AT)

    assert clock.advance(90) == AT + timedelta(seconds=90)
    clock.set(AT - timedelta(days=1))

    assert clock.now() == AT - timedelta(days=1)
    assert clock.monotonic_s() == 90


@pytest.mark.parametrize("chance", [SystemChance(), SeededChance()], ids=["system", "seeded"])
def test_tokens_are_long_url_safe_and_never_the_same(chance: Chance) -> None:
    """A thousand tokens of 43 URL-safe characters are a thousand different ones."""
    tokens = {chance.token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


@pytest.mark.parametrize("chance", [SystemChance(), SeededChance()], ids=["system", "seeded"])
@pytest.mark.parametrize("count", [0, 1, 12, 1000])
def test_as_many_bytes_as_asked_for(chance: Chance, count: int) -> None:
    """Bytes come in the length asked for."""
    assert len(chance.bytes_(count)) == count


def test_seeded_chance_repeats_itself() -> None:
    """The same seed gives the same answers, another seed others."""
    assert SeededChance("a").token() == SeededChance("a").token() != SeededChance("b").token()


def test_a_password_matches_its_own_hash_only() -> None:
    """The right password matches, another does not, and two hashes of one password differ by their salt."""
    passwords = ArgonPasswords()
    encoded = passwords.hash("correct horse")

    assert passwords.matches(encoded, "correct horse")
    assert not passwords.matches(encoded, "correct house")
    assert passwords.hash("correct horse") != encoded


def test_a_hash_states_argon2id_with_the_parameters_of_the_rfc() -> None:
    """RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes."""
    assert ArgonPasswords().hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    "encoded", ["", "x", "$argon2id$", "plain", "$2b$12$abc", "\udc80", "$argon2id$v=19$m=1,t=1,p=1$AA$AA"]
)
def test_an_unreadable_hash_matches_nothing(encoded: str) -> None:
    """What is no hash fails closed instead of raising."""
    assert not ArgonPasswords().matches(encoded, "x")


def test_a_password_outside_unicode_matches_nothing() -> None:
    """A lone surrogate cannot be encoded, so it is no password."""
    passwords = ArgonPasswords()

    assert not passwords.matches(passwords.hash("x"), "\udc80")
