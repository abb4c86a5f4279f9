"""Every store keeps effects, warnings and what was read in alike."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desk.warning_samples import content
from impetus.adapters.sql import warnings
from impetus.adapters.sql.store import SqlStore
from impetus.core.effect import CityEffect, DeviceKind, EffectState
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import ActionId, IncidentId
from impetus.core.place import Point
from impetus.core.warning import MessageType, PublicWarning, ReadIn, Signed, Status, WarningState

AT = datetime(2026, 3, 14, 21, 0, 0, 5, tzinfo=UTC)
EFFECT = CityEffect(
    id=0,
    version=0,
    action=ActionId(7),
    key="action:7:abc",
    device="sign-e1",
    name="Sign at E1",
    kind=DeviceKind.SIGN,
    words="leave by E2 — øst",
    state=EffectState.SENDING,
    at=AT,
    until=AT + timedelta(minutes=30),
    changed_at=AT,
    incident=IncidentId(3),
    point=Point(lon=10.7, lat=59.9),
    simulated=True,
    attempts=2,
    next_try=AT,
)
WARNING = PublicWarning(
    id=0,
    version=0,
    status=Status.EXERCISE,
    type=MessageType.ALERT,
    state=WarningState.DRAFT,
    identifier="city.1",
    sender="room@city.example",
    content=content(AT),
    drafted_by="ada",
    at=AT,
    changed_at=AT,
    incident=IncidentId(3),
)
READ = ReadIn(
    feed="met",
    identifier="a.1",
    sender="met@met.example",
    sent=AT,
    at=AT,
    status="Actual",
    type="Alert",
    headline="Storm",
    severity=Severity.SEVERE,
    expires=AT,
    signed=Signed.VERIFIED,
    signer="CN=Weather",
    finding="cap:1",
)


def test_an_effect_comes_back_as_it_was_stored(store: SqlStore) -> None:
    """Every field, by its number and by its action."""
    with store.write() as unit:
        added = unit.effects.add(EFFECT)
    assert added == replace(EFFECT, id=added.id)
    with store.read() as unit:
        assert unit.effects.get(added.id) == added
        assert unit.effects.of_action(ActionId(7)) == added
        assert unit.effects.of_action(ActionId(8)) is None
        with pytest.raises(Unknown):
            unit.effects.get(99)


def test_an_effect_with_a_known_key_is_never_stored_twice(store: SqlStore) -> None:
    """Two processes cannot both begin it."""
    with store.write() as unit:
        unit.effects.add(EFFECT)
    with pytest.raises(Conflict), store.write() as unit:
        unit.effects.add(replace(EFFECT, device="sign-w2"))


def test_of_two_changes_of_one_version_the_second_is_a_conflict(store: SqlStore) -> None:
    """For effects and for warnings."""
    with store.write() as unit:
        effect, warning = unit.effects.add(EFFECT), unit.warnings.add(WARNING)
        unit.effects.replace(replace(effect, state=EffectState.STANDING))
        unit.warnings.replace(replace(warning, receipt="x"))
    with pytest.raises(Conflict), store.write() as unit:
        unit.effects.replace(replace(effect, state=EffectState.UNKNOWN))
    with pytest.raises(Conflict), store.write() as unit:
        unit.warnings.replace(replace(warning, receipt="y"))


def test_effects_are_found_by_state_and_incident_newest_first(store: SqlStore) -> None:
    """As the page and the part that takes back ask."""
    with store.write() as unit:
        for number, state in enumerate((EffectState.STANDING, EffectState.REVERTED, EffectState.STANDING)):
            unit.effects.add(replace(EFFECT, key=f"k{number}", state=state, incident=IncidentId(number % 2 + 1)))
    with store.read() as unit:
        assert [each.key for each in unit.effects.find(states=(EffectState.STANDING,))] == ["k2", "k0"]
        assert [each.key for each in unit.effects.find(incident=IncidentId(2))] == ["k1"]
        assert len(unit.effects.find(limit=1)) == 1


@pytest.mark.parametrize("state", list(EffectState))
def test_only_what_is_over_is_erased(store: SqlStore, state: EffectState) -> None:
    """What may still stand stays, however old."""
    with store.write() as unit:
        unit.effects.add(replace(EFFECT, state=state))
        gone = unit.effects.erase_over(AT + timedelta(days=9999))
    assert gone == (state in {EffectState.REVERTED, EffectState.REFUSED, EffectState.REPLACED})


def test_a_warning_comes_back_as_it_was_stored_and_begins_its_chain(store: SqlStore) -> None:
    """Content and all; what follows it has its chain."""
    with store.write() as unit:
        first = unit.warnings.add(WARNING)
        second = unit.warnings.add(
            replace(WARNING, identifier="city.2", type=MessageType.UPDATE, follows=first.id, chain=first.chain)
        )
    assert first == replace(WARNING, id=first.id, chain=first.id)
    with store.read() as unit:
        assert unit.warnings.get(first.id) == first
        assert unit.warnings.of_chain(first.chain) == (first, second)
        assert unit.warnings.all(incident=IncidentId(3)) == (second, first)
        assert unit.warnings.all(incident=IncidentId(4)) == ()
        with pytest.raises(Unknown):
            unit.warnings.get(99)


def test_no_change_touches_what_a_warning_is(store: SqlStore) -> None:
    """Status refused; type, identifier and chain simply stay."""
    with store.write() as unit:
        warning = unit.warnings.add(WARNING)
    with pytest.raises(Malformed), store.write() as unit:
        unit.warnings.replace(replace(warning, status=Status.ACTUAL))
    with store.write() as unit:
        unit.warnings.replace(replace(warning, identifier="other", type=MessageType.CANCEL, chain=77, receipt="r"))
    with store.read() as unit:
        found = unit.warnings.get(warning.id)
    assert (found.identifier, found.type, found.chain, found.receipt) == ("city.1", MessageType.ALERT, warning.id, "r")


def test_what_was_read_in_is_known_by_feed_sender_identifier_and_time(store: SqlStore) -> None:
    """Each of the four tells two alerts apart; the same four are one."""
    with store.write() as unit:
        assert unit.warnings.take_in(READ)
        assert not unit.warnings.take_in(replace(READ, headline="other"))
        for change in ({"feed": "b"}, {"sender": "b"}, {"identifier": "b"}, {"sent": AT + timedelta(seconds=1)}):
            assert unit.warnings.take_in(replace(READ, **change))  # type: ignore[arg-type]  # a test names the field it means
        assert unit.warnings.is_read_in("met", "met@met.example", "a.1", AT)
        assert not unit.warnings.is_read_in("met", "met@met.example", "a.9", AT)
        assert READ in unit.warnings.read_in()
        assert unit.warnings.erase_read_in(AT + timedelta(seconds=1), limit=3) == 3


def test_what_was_read_in_is_bounded_and_counted(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first, and how many is known."""
    monkeypatch.setattr(warnings, "MOST_READ_IN", 3)
    for number in range(5):
        with store.write() as unit:
            unit.warnings.take_in(replace(READ, identifier=f"a.{number}", at=AT + timedelta(seconds=number)))
    with store.read() as unit:
        assert [each.identifier for each in unit.warnings.read_in()] == ["a.4", "a.3", "a.2"]
    assert store.dropped()["warnings_read_in"] == 2


def test_old_warnings_are_erased(store: SqlStore) -> None:
    """By their last change."""
    with store.write() as unit:
        unit.warnings.add(WARNING)
        assert unit.warnings.erase_over(AT) == 0
        assert unit.warnings.erase_over(AT + timedelta(seconds=1)) == 1
