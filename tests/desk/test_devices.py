"""Which device is meant, which words it takes and until when: every bound by hand, every refusal with value, limit and remedy."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.effect import Device, DeviceKind
from impetus.core.errors import Malformed, Refused
from impetus.desk.context import Desk
from impetus.desk.devices import check_exercise, checked_command, device_of, end_of
from impetus.testing.city import SIGN, MemoryCity
from impetus.testing.desk import memory_desk

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
LONG = timedelta(hours=2)
BARRIER = replace(SIGN, id="barrier", name="Barrier at W2", kind=DeviceKind.BARRIER, commands=("open", "close now"))
FIREWALL = replace(SIGN, id="edge", name="Edge firewall", kind=DeviceKind.FIREWALL)


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Return a desk with three devices."""
    made = memory_desk(AT)
    assert isinstance(made.outside.city, MemoryCity)
    for device in (SIGN, BARRIER, FIREWALL):
        made.outside.city.add(device)
    return made


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("sign-e1", SIGN),
        ("  SIGN-E1 ", SIGN),
        ("sign:sign-e1", SIGN),
        ("Sign at E1", SIGN),
        ("sign AT e1", SIGN),
        ("barrier", BARRIER),
        ("barrier:barrier", BARRIER),
        ("firewall:edge", FIREWALL),
        ("Edge firewall", FIREWALL),
    ],
)
def test_a_device_is_meant_by_its_id_its_kind_and_id_or_its_name(desk: Desk, said: str, device: Device) -> None:
    """In any case of letters, with blanks around it."""
    assert device_of(desk, said) == device


@pytest.mark.parametrize("said", ["", "sign", "sign-e", "sign-e12", "firewall", "sign:edge", "x" * 300, "Sign  at E1"])
def test_what_is_only_nearly_a_device_is_none(desk: Desk, said: str) -> None:
    """Nothing is guessed when it moves something in the city; those there are stand in the refusal."""
    with pytest.raises(Malformed) as refused:
        device_of(desk, said)
    assert refused.value.limit == "barrier, edge, sign-e1"
    assert len(refused.value.detail) < 120
    assert "effectors.toml" in refused.value.remedy


def test_without_any_device_and_with_a_wrong_file_the_refusal_says_which() -> None:
    """Nobody searches for a typing error in a name when the file is what is wrong."""
    desk = memory_desk(AT)
    city = desk.outside.city
    assert isinstance(city, MemoryCity)
    with pytest.raises(Malformed) as none:
        device_of(desk, "sign-e1")
    assert none.value.limit == "none is declared"
    city.trouble = "effectors.toml line 7: kind is 'laser'"
    with pytest.raises(Malformed, match="line 7") as wrong:
        device_of(desk, "sign-e1")
    assert wrong.value.remedy == "mend effectors.toml"


@pytest.mark.parametrize(
    ("said", "kept"),
    [("leave by E2", "leave by E2"), ("  leave \n by\tE2 ", "leave by E2"), ("x" * 60, "x" * 60), ("å" * 60, "å" * 60)],
)
def test_words_come_out_in_one_line(said: str, kept: str) -> None:
    """Blanks and new lines of a form are one blank on a sign; its room is counted behind that."""
    assert checked_command(SIGN, said) == kept


@pytest.mark.parametrize(
    ("said", "count"), [("", 0), ("   \n", 0), ("x" * 61, 61), ("x " * 31, 61), ("x" * 5000, 5000)]
)
def test_words_that_do_not_fit_are_refused_with_their_count(said: str, count: int) -> None:
    """Nothing is cut: half a sentence on a sign is another sentence."""
    with pytest.raises(Malformed) as refused:
        checked_command(SIGN, said)
    assert (refused.value.value, refused.value.limit) == (count, "1..60")


@pytest.mark.parametrize("said", ["", "Open", "open now", "close", "open; close now"])
def test_a_device_that_knows_two_commands_takes_these_two(said: str) -> None:
    """Exactly as declared, but for blanks."""
    assert checked_command(BARRIER, " close   now ") == "close now"
    with pytest.raises(Malformed) as refused:
        checked_command(BARRIER, said)
    assert refused.value.limit == "open, close now"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        (" 10.0.0.0/16 ", "10.0.0.0/16"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("2001:DB8::/32", "2001:db8::/32"),
    ],
)
def test_a_firewall_is_told_one_network_written_one_way(said: str, kept: str) -> None:
    """The bounds themselves count: /16, and /32 of IPv6."""
    assert checked_command(FIREWALL, said) == kept


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("10.0.0.0/15", "131072 addresses"),
        ("2001::/31", "addresses"),
        ("10.0.0.1/16", "no network"),
        ("10.0.0", "no network"),
        ("10.0.0.0/33", "no network"),
        ("example.org", "no network"),
        ("10.0.0.1 10.0.0.2", "no network"),
    ],
)
def test_a_firewall_is_told_nothing_wider_and_nothing_else(said: str, word: str) -> None:
    """A host's bits behind a network's mask are a typing error, not a guess to make."""
    with pytest.raises(Malformed, match=word):
        checked_command(FIREWALL, said)


@given(text=st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_words_come_through_that_a_device_has_no_room_for(text: str) -> None:
    """Whatever is typed is one line in its bounds, or refused."""
    fits = 1 <= len(" ".join(text.split())) <= SIGN.most_words
    try:
        said = checked_command(SIGN, text)
    except Malformed:
        assert not fits
        return
    assert fits
    assert said == " ".join(text.split())


@pytest.mark.parametrize(
    ("until", "after"),
    [
        ("2026-03-14T21:01:00+00:00", timedelta(minutes=1)),
        ("2026-03-14T23:00:00+00:00", LONG),
        ("2026-03-14T22:30:00+01:00", timedelta(minutes=30)),
        (" 2026-03-14T22:00:00Z ", timedelta(hours=1)),
        ("2026-03-15T03:45:00+05:45", timedelta(hours=1)),
        ("", LONG),
        ("end of incident", LONG),
        ("22:00", LONG),
        ("the smoke is gone", LONG),
    ],
)
def test_an_end_is_the_moment_said_or_the_longest_there_is(until: str, after: timedelta) -> None:
    """In any zone; words name no moment, and an end is never left open."""
    assert end_of(until, AT, LONG) == AT + after


@pytest.mark.parametrize(
    ("until", "word"),
    [
        ("2026-03-14T21:00:59+00:00", "out of range"),
        ("2026-03-14T23:00:01+00:00", "out of range"),
        ("2026-03-14T21:00:00+00:00", "is over"),
        ("2026-03-13T22:00:00+00:00", "is over"),
        ("2027-03-14T22:00:00+00:00", "out of range"),
        ("2026-03-14T22:00:00", "no offset"),
        ("2026-03-14", "no offset"),
    ],
)
def test_an_end_out_of_bounds_or_without_its_zone_is_refused(until: str, word: str) -> None:
    """A minute at least, the device's longest at most; a time without an offset is three times in Europe."""
    with pytest.raises(Malformed, match=word) as refused:
        end_of(until, AT, LONG)
    assert refused.value.remedy


@given(minutes=st.integers(-200, 200), zone=st.integers(-12, 14))
@settings(max_examples=60, deadline=None)
def test_no_end_is_outside_the_devices_bounds(minutes: int, zone: int) -> None:
    """Whatever moment is named, in whatever zone."""
    wanted = (AT + timedelta(minutes=minutes)).astimezone(timezone(timedelta(hours=zone)))
    is_good = 1 <= minutes <= 120
    try:
        ends = end_of(wanted.isoformat(), AT, LONG)
    except Malformed:
        assert not is_good
        return
    assert is_good
    assert ends == wanted


def test_an_exercise_moves_only_what_is_simulated() -> None:
    """Of four pairs one is refused, with the rule and where it comes from."""
    real = replace(SIGN, simulated=False)
    for device, is_simulated in ((SIGN, True), (SIGN, False), (real, False)):
        check_exercise(device, is_simulated=is_simulated)
    with pytest.raises(Refused) as refused:
        check_exercise(real, is_simulated=True)
    assert (refused.value.value, refused.value.limit) == ("sign-e1", "a simulated device")
    assert "real incident" in refused.value.remedy
