"""What people are told of effects: each state by its name, what is over for a shift, and what should be gone, first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.city_samples import REAL, CityRoom, city_room
from desk.samples import person
from impetus.core.actor import Actor, Role
from impetus.core.effect import DeviceKind
from impetus.core.errors import Conflict, Refused, Unknown
from impetus.core.ids import ActionId, IncidentId
from impetus.desk import effect_reading
from impetus.desk.effect_reading import EffectShown, effects_shown, overdue
from impetus.desk.take_back import revert_effect
from impetus.testing.city import MemoryCity
from impetus.testing.desk import clock_of


def shown(room: CityRoom, who: str = "ada", incident: int | None = None) -> tuple[EffectShown, ...]:
    """Return what somebody sees."""
    return effects_shown(room.desk, room.people[who], None if incident is None else IncidentId(incident))


def test_nothing_was_set_and_nothing_is_shown() -> None:
    """Neither in the list nor on the board."""
    room = city_room()
    assert (shown(room), overdue(room.desk)) == ((), "")


def test_an_effect_is_shown_with_where_it_stands_what_it_says_and_its_end() -> None:
    """Everything a person needs to go and look."""
    room = city_room()
    began = room.now
    room.set_sign("leave by E2", minutes=30)
    (one,) = shown(room)
    assert (one.device, one.name, one.kind, one.words) == ("sign-e1", "Sign at E1", "sign", "leave by E2")
    assert (one.since, one.until, one.state, one.is_live) == (began, began + timedelta(minutes=30), "standing", True)
    assert (one.point, one.simulated, one.incident) == (REAL.point, False, IncidentId(1))
    assert one.receipt


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ({}, "standing"),
        ({"is_silent": True}, "unknown"),
        ({"is_lost": True}, "unknown"),
        ({"refuses": "no"}, "refused"),
    ],
)
def test_how_a_sending_ended_is_said_by_one_word(flags: dict[str, object], state: str) -> None:
    """Nothing the device did not confirm is called standing."""
    room = city_room()
    for name, value in flags.items():
        setattr(room.sign, name, value)
    room.approve(room.propose())
    (one,) = shown(room)
    assert (one.state, one.is_live) == (state, state in {"standing", "unknown"})


def test_what_should_be_gone_is_overdue_from_its_end_on_until_it_is_gone() -> None:
    """By the second: at its end it is not overdue yet; behind it, it is; taken back, no more."""
    room = city_room()
    room.set_sign(minutes=10)
    room.sign.is_away = True
    clock_of(room.desk).advance(600)
    assert (shown(room)[0].state, overdue(room.desk)) == ("standing", "")
    clock_of(room.desk).advance(1)
    assert shown(room)[0].state == "overdue"
    assert overdue(room.desk) == "1 to be taken back, first Sign at E1 since 21:10:00"
    room.sign.is_away = False
    room.later(seconds=30)
    assert (shown(room)[0].state, overdue(room.desk)) == ("reverted", "")


def test_the_board_names_the_one_that_is_late_the_longest() -> None:
    """And how many there are."""
    room = city_room()
    city = room.desk.outside.city
    assert isinstance(city, MemoryCity)
    other = city.add(replace(REAL, id="pa", name="Loudspeakers", kind=DeviceKind.PUBLIC_ADDRESS))
    room.set_sign("one", minutes=5)
    second = replace(room, sign=other)
    second.set_sign("two", minutes=3)
    room.sign.is_away = other.is_away = True
    room.later(minutes=6)
    assert overdue(room.desk).startswith("2 to be taken back, first Sign at E1 since 21:05")
    assert {one.state for one in shown(room)} == {"overdue"}


def test_what_is_over_is_shown_for_a_shift() -> None:
    """Twelve hours, to the second; whoever wants more reads the incident's timeline."""
    room = city_room()
    room.set_sign(minutes=10)
    room.later(minutes=10)
    clock_of(room.desk).advance(timedelta(hours=12).total_seconds())
    assert [one.state for one in shown(room)] == ["reverted"]
    clock_of(room.desk).advance(1)
    assert shown(room) == ()


def test_what_may_stand_is_shown_however_old_it_is() -> None:
    """A sign nobody reaches for two days is on the page for two days."""
    room = city_room()
    room.set_sign(minutes=10)
    room.sign.is_away = True
    room.later(hours=48)
    (one,) = shown(room)
    assert (one.state, one.is_live, "away" in one.trouble) == ("overdue", True, True)


def test_effects_stand_newest_first_and_by_incident_when_asked() -> None:
    """Another incident's are not among one's own."""
    room = city_room()
    room.set_sign("one", minutes=10)
    room.set_sign("two", minutes=10)
    assert [(one.words, one.state) for one in shown(room)] == [("two", "standing"), ("one", "replaced")]
    assert shown(room, incident=1) == shown(room)
    assert shown(room, incident=2) == ()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.EXECUTIVE, Role.IT_SECURITY])
def test_who_works_here_reads_what_stands_in_the_city(role: Role) -> None:
    """Effects, devices, and why the declaration cannot be read."""
    room = city_room()
    room.set_sign()
    reader = person(room.desk, "vera", role)
    assert len(effects_shown(room.desk, reader)) == 1
    assert [device.id for device in effect_reading.devices(room.desk, reader)] == ["sign-e1"]
    assert effect_reading.declaration_fault(room.desk, reader) == ""


def test_a_program_without_the_operation_reads_none_of_it() -> None:
    """Each of the three asks the guard."""
    room = city_room()
    program = Actor(name="p", role=Role.SERVICE, operations=frozenset({"alerts.read"}))
    for ask in (effects_shown, effect_reading.devices, effect_reading.declaration_fault):
        with pytest.raises(Refused):
            ask(room.desk, program)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SERVICE, Role.PLATFORM, Role.SUPERVISOR}])
def test_only_who_leads_takes_back_early(role: Role) -> None:
    """For everybody else the end that was agreed to stands."""
    room = city_room()
    room.set_sign()
    with pytest.raises(Refused):
        revert_effect(room.desk, person(room.desk, "vera", role), 1, why="the way is free")
    assert room.sign.showing.words == "leave by E2"


def test_taking_back_what_is_not_there_or_never_was_is_refused() -> None:
    """An effect nobody set, and one the device never took."""
    room = city_room()
    with pytest.raises(Unknown):
        revert_effect(room.desk, room.people["sol"], 99, why="x")
    room.sign.refuses = "maintenance"
    room.approve(room.propose())
    with pytest.raises(Conflict, match="never took it"):
        revert_effect(room.desk, room.people["sol"], 1, why="x")


def test_asking_twice_to_take_back_is_asking_once() -> None:
    """Two supervisors click; the second sees that it is on its way, and one sentence stands in the timeline."""
    room = city_room()
    room.set_sign()
    room.sign.is_away = True
    for name in ("sol", "siv"):
        assert revert_effect(room.desk, room.people[name], 1, why="over").reverted_by == "sol"
    assert room.said().count("effect.revert") == 1


def test_the_timeline_says_in_whole_sentences_what_was_set_and_taken_back() -> None:
    """Read aloud to somebody who was not there."""
    room = city_room()
    room.set_sign("leave by E2", minutes=30)
    revert_effect(room.desk, room.people["sol"], 1, why="the way is free")
    with room.desk.store.read() as unit:
        told = [entry.text for entry in unit.incidents.entries(IncidentId(1)) if str(entry.event).startswith("effect.")]
    assert told == [
        "Sign at E1: “leave by E2” is being sent, until 21:30:00 UTC",
        "Sign at E1 shows: “leave by E2”, until 21:30:00 UTC",
        "Sign at E1: “leave by E2” is being taken back (the way is free)",
        "Sign at E1 no longer shows “leave by E2”",
    ]


def test_the_store_finds_effects_by_state_incident_and_number_and_refuses_an_old_version() -> None:
    """Newest first, bounded; what two change at once is changed by one."""
    room = city_room()
    for words in ("one", "two", "three"):
        room.set_sign(words, minutes=10)
    with room.desk.store.write() as unit:
        assert [each.words for each in unit.effects.find(limit=2)] == ["three", "two"]
        assert unit.effects.find(incident=IncidentId(7)) == ()
        assert unit.effects.of_action(ActionId(99)) is None
        with pytest.raises(Unknown):
            unit.effects.get(99)
        effect = unit.effects.get(3)
        with pytest.raises(Conflict, match="begun already"):
            unit.effects.add(effect)
        assert unit.effects.replace(replace(effect, trouble="a")).version == effect.version + 1
        with pytest.raises(Conflict) as late:
            unit.effects.replace(replace(effect, trouble="b"))
        assert (late.value.value, late.value.limit) == (effect.version, f"version {effect.version + 1}")
        with pytest.raises(Unknown):
            unit.effects.replace(replace(effect, id=99))
        assert unit.effects.get(3).trouble == "a"


def test_erasing_takes_what_was_over_before_and_no_more_than_asked() -> None:
    """In portions, so that nobody waits for a lock; an effect that is over at the very moment stays."""
    room = city_room()
    for words in ("one", "two", "three"):
        room.set_sign(words, minutes=10)
    room.later(minutes=10)
    with room.desk.store.write() as unit:
        assert unit.effects.erase_over(room.now - timedelta(minutes=10)) == 0
        assert unit.effects.erase_over(room.now) == 2
        assert unit.effects.erase_over(room.now + timedelta(seconds=1), limit=0) == 0
        assert unit.effects.erase_over(room.now + timedelta(seconds=1), limit=1) == 1
        assert unit.effects.find() == ()
