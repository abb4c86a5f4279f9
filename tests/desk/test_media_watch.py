"""What reveals and identities do by themselves: they end by the clock, and go when their time is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.media_room import DAY, WHY, Room
from impetus.core.actor import platform
from impetus.core.errors import Unknown
from impetus.core.ids import IncidentId
from impetus.core.reveal import RevealState
from impetus.desk import identities, reveals
from impetus.desk.erasers import Task
from impetus.desk.identities import Behind
from impetus.desk.media_watch import erase_identities, erase_reveals, watch_media
from impetus.desk.sweep import ERASERS, Keep, sweep
from impetus.ethics.pseudonym import IdentityKind, period_key
from impetus.ethics.retention import Cover, classes

KEEP = Keep(
    observations=timedelta(days=30),
    alerts=timedelta(days=180),
    evidence=timedelta(days=90),
    quarantine=timedelta(days=14),
    incidents=timedelta(days=365),
)


def task(room: Room) -> Task:
    """Return what erasers are told now."""
    return Task(desk=room.desk, keep=KEEP, at=room.clock.now(), cover=Cover())


def test_one_look_of_the_clockwork_ends_both_sorts() -> None:
    """And the next has nothing to do."""
    room = Room()
    name = identities.pseudonymise(
        room.desk, platform("x"), "intrusion", IdentityKind.HANDLE, "@kari", at=room.clock.now()
    )
    behind = Behind(domain="intrusion", period=DAY, pseudonym=name)
    identities.ask(room.desk, room.who("per"), behind, room.incident, why=WHY)
    room.asked()
    assert watch_media(room.desk) == 0
    room.later(minutes=16)
    assert watch_media(room.desk) == 2
    assert watch_media(room.desk) == 0
    assert room.timeline()[-2:] == [
        ("reveal.expire", "platform:reveals"),
        ("identity.expire", "platform:identities"),
    ]


def test_what_ended_goes_with_the_time_of_incidents() -> None:
    """A day before it is there, a day after it is gone; what stands is never erased by age alone."""
    room = Room()
    room.asked()
    reveals.close(room.desk, room.who("kari"), 1)
    room.later(days=364)
    assert erase_reveals(task(room)).gone == 0
    room.later(days=2)
    assert erase_reveals(task(room)).gone == 1
    assert erase_reveals(task(room)).is_complete
    with pytest.raises(Unknown):
        room.stored()


def test_a_standing_reveal_is_not_erased() -> None:
    """It ends first, by its own clock."""
    room = Room()
    room.asked()
    room.later(days=4000)
    assert erase_reveals(task(room)).gone == 0
    assert room.stored().state is RevealState.ASKED


def test_names_behind_pseudonyms_go_with_the_keys_of_their_day() -> None:
    """Key first, then what it sealed; the next day's stay."""
    room = Room()
    room.desk.vault.keep({DAY + timedelta(days=1): period_key(bytes(32), DAY + timedelta(days=1))})
    names = []
    for number in range(2):
        at = room.clock.now() + timedelta(days=number)
        names.append(identities.pseudonymise(room.desk, platform("x"), "d", IdentityKind.HANDLE, "@kari", at=at))
    room.later(days=91)
    assert erase_identities(task(room)).gone == 1
    assert room.desk.vault.days() == (DAY + timedelta(days=1),)
    with room.desk.store.read() as unit:
        with pytest.raises(Unknown):
            unit.identities.sealed("d", DAY, names[0])
        assert unit.identities.sealed("d", DAY + timedelta(days=1), names[1]).kind == "handle"


def test_retention_knows_both() -> None:
    """They are among what a sweep erases, and each is a class with its reason."""
    assert {"reveals", "identities"} <= set(ERASERS)
    assert {"reveals", "identities"} <= {one.name for one in classes(KEEP)}


def test_a_whole_sweep_counts_them() -> None:
    """In the report of the run."""
    room = Room()
    room.asked()
    reveals.close(room.desk, room.who("kari"), 1)
    room.later(days=366)
    report = sweep(room.desk, platform("keeper"), KEEP)
    assert report.gone("reveals") == 1


def test_a_reveal_whose_incident_is_gone_can_still_be_listed_and_erased() -> None:
    """The incident's row may go before; lists and erasers do not look at it."""
    room = Room()
    room.asked()
    reveals.close(room.desk, room.who("kari"), 1)
    with room.desk.store.write() as unit:
        unit.reveals.replace(replace(unit.reveals.get(1), incident=IncidentId(999)))
    assert len(reveals.reveals(room.desk, room.who("dag"))) == 1
    room.later(days=366)
    assert erase_reveals(task(room)).gone == 1
