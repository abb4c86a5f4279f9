"""What was set in the city ends by itself, whatever dies or falls silent in between; what nobody knows is never called done."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.city_samples import REAL, CityRoom, city_room
from desk.samples import waiting
from impetus.core.action import ActionState
from impetus.core.actor import Role
from impetus.core.effect import LIVE_EFFECTS, DeviceKind, EffectState
from impetus.core.errors import Conflict, Malformed, NotNow, Refused
from impetus.core.ids import ActionId
from impetus.core.stop import ALL, Scope, Target
from impetus.desk import effect_reading, gates
from impetus.desk.devices import checked_command, end_of
from impetus.desk.perform import perform_due
from impetus.desk.take_back import revert_effect, tend_effects
from impetus.ports.city import Shown
from impetus.testing.city import SIGN
from impetus.testing.desk import clock_of

LONG = timedelta(hours=2)


class Killed(BaseException):
    """What a process feels that is killed: nothing of it is written by anybody."""


def test_an_agreed_effect_is_set_with_the_words_and_ends_at_its_time() -> None:
    """Half an hour later nobody has done anything, and the sign shows nothing of ours."""
    room = city_room()
    effect = room.set_sign(minutes=30)
    assert (effect.state, room.sign.showing.words) == (EffectState.STANDING, "leave by E2")
    assert room.later(minutes=29) == 0
    assert room.later(minutes=1) == 1
    assert (room.effect().state, room.sign.showing.words) == (EffectState.REVERTED, "")
    assert room.said() == ["effect.send", "effect.confirm", "effect.revert", "effect.confirm_revert"]


def test_nothing_is_sent_before_enough_people_agreed() -> None:
    """A proposal alone moves nothing."""
    room = city_room()
    room.propose()
    assert room.sign.sent == []


@pytest.mark.parametrize("is_sent", [False, True])
def test_whoever_is_killed_between_sending_and_recording_leaves_what_is_taken_back(*, is_sent: bool) -> None:
    """The row was there first: it is sent again under its key, and ends on time."""
    room = city_room()
    action = room.propose(minutes=30)

    def die(_verb: str) -> None:
        raise Killed

    if is_sent:
        room.sign.after = die
    else:
        room.sign.before = die
    with pytest.raises(Killed):
        room.approve(action)
    assert room.effect().state is EffectState.SENDING
    room.sign.before = room.sign.after = lambda _verb: None
    clock_of(room.desk).advance(61)
    assert perform_due(room.desk) == 1
    assert room.effect().state is EffectState.STANDING
    room.later(minutes=30)
    assert (room.effect().state, room.sign.showing.words) == (EffectState.REVERTED, "")


def test_a_killed_sending_to_a_device_that_cannot_tell_repetitions_is_unknown_and_taken_back() -> None:
    """It is not said again, it is not called done, and its end is kept."""
    room = city_room(replace(REAL, is_repeatable=False))
    action = room.propose(minutes=30)

    def die(_verb: str) -> None:
        raise Killed

    room.sign.before = die
    with pytest.raises(Killed):
        room.approve(action)
    room.sign.before = lambda _verb: None
    clock_of(room.desk).advance(61)
    perform_due(room.desk)
    assert room.effect().state is EffectState.UNKNOWN
    with room.desk.store.read() as unit:
        stored = unit.actions.get(action.id)
    assert (stored.state, "nobody knows" in stored.receipt) == (ActionState.FAILED, True)
    assert room.sign.sent == []
    room.later(minutes=30)
    assert room.effect().state is EffectState.REVERTED
    assert [verb for verb, _ in room.sign.sent] == ["clear"]


def test_silence_after_sending_is_unknown_until_the_device_itself_says_what_it_shows() -> None:
    """Nobody's wish makes it done; the device's own word does."""
    room = city_room()
    room.sign.is_silent = True
    action = room.approve(room.propose())
    assert (action.state, "nobody knows" in action.receipt) == (ActionState.FAILED, True)
    assert room.effect().state is EffectState.UNKNOWN
    room.later(seconds=5)
    assert room.effect().state is EffectState.UNKNOWN
    room.sign.is_silent = False
    room.later(seconds=60)
    assert room.effect().state is EffectState.STANDING


def test_a_line_that_is_away_is_tried_again_and_nothing_is_said_to_stand() -> None:
    """Nothing was sent, and it says so; when the line is back within the time agreed, it is sent once."""
    room = city_room()
    room.sign.is_away = True
    with pytest.raises(NotNow, match="nothing was sent"):
        room.approve(room.propose())
    assert room.effect().state is EffectState.SENDING
    room.later(seconds=70)
    assert room.effect().state is EffectState.SENDING
    room.sign.is_away = False
    assert perform_due(room.desk) == 1
    assert (room.effect().state, len(room.sign.sent)) == (EffectState.STANDING, 1)


def test_what_never_reached_the_line_within_its_time_is_refused_and_not_unknown() -> None:
    """Every try is known not to have reached the device: that is said, and nothing is taken back."""
    room = city_room()
    room.sign.is_away = True
    with pytest.raises(NotNow):
        room.approve(room.propose(minutes=90))
    clock_of(room.desk).advance(21 * 60)
    perform_due(room.desk)
    room.sign.is_away = False
    tend_effects(room.desk)
    assert (room.effect().state, room.sign.sent) == (EffectState.REFUSED, [])


def test_taking_back_is_tried_until_the_device_answers_and_people_are_told_once() -> None:
    """Three hours away: the sign may still say it, the screen says so, the alarm came once, and the end comes at last."""
    room = city_room()
    room.set_sign(minutes=30)
    room.sign.is_away = True
    before = len(waiting(room.desk))
    for _ in range(60):
        room.later(minutes=4)
    assert room.effect().state is EffectState.REVERTING
    (shown,) = effect_reading.effects_shown(room.desk, room.people["ada"])
    assert (shown.state, "away" in shown.trouble) == ("overdue", True)
    assert len(waiting(room.desk)) == before + 1
    room.sign.is_away = False
    room.later(minutes=1)
    assert (room.effect().state, room.sign.showing.words) == (EffectState.REVERTED, "")
    assert len(waiting(room.desk)) == before + 2


def test_a_device_that_was_taken_out_of_the_declaration_stays_overdue_and_visible() -> None:
    """Nothing can be said to it any more; it is not forgotten for that."""
    room = city_room()
    room.set_sign(minutes=30)
    links = room.desk.outside.city.links  # type: ignore[attr-defined]  # a city in memory
    kept = links.pop(room.sign.device.id)
    room.later(minutes=32)
    assert (room.effect().state, "declared" in room.effect().trouble) == (EffectState.REVERTING, True)
    links[kept.device.id] = kept
    room.later(minutes=1)
    assert room.effect().state is EffectState.REVERTED


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.SITE])
def test_a_stop_holds_back_setting_for_good_and_lets_what_stands_end(scope: Scope) -> None:
    """What was agreed before the stop does not come over people when it is lifted; a sign still goes back to normal."""
    room = city_room()
    room.set_sign(minutes=30)
    waiting_for = room.propose("leave by W2")
    room.desk.stops.stop(Target(scope=scope), by="sol", at=room.now)
    ended = room.approve(waiting_for)
    assert (ended.state, "stopped by sol" in ended.receipt) == (ActionState.FAILED, True)
    assert room.sign.showing.words == "leave by E2"
    room.later(minutes=30)
    assert room.sign.showing.words == ""
    room.desk.stops.lift(Target(scope=scope), by="sol", at=room.now, why="looked at")
    perform_due(room.desk)
    assert [verb for verb, _ in room.sign.sent] == ["set", "clear"]


def test_a_stop_that_comes_while_it_is_being_sent_again_leaves_it_unknown() -> None:
    """It may have been sent before the stop: nobody says that it was not, and it is taken back at its end."""
    room = city_room()
    action = room.propose(minutes=30)

    def die(_verb: str) -> None:
        raise Killed

    room.sign.before = die
    with pytest.raises(Killed):
        room.approve(action)
    room.sign.before = lambda _verb: None
    room.desk.stops.stop(ALL, by="sol", at=room.now)
    clock_of(room.desk).advance(61)
    perform_due(room.desk)
    room.later(seconds=61)
    assert room.effect().state is EffectState.UNKNOWN
    room.later(minutes=30)
    assert room.effect().state is EffectState.REVERTED


def test_something_newer_replaces_what_stood_and_the_older_end_does_not_clear_it() -> None:
    """The older one's time is over first, and the newer words stay until their own end."""
    room = city_room()
    room.set_sign("leave by E2", minutes=10)
    room.set_sign("leave by W2", minutes=40)
    assert room.effect(1).state is EffectState.REPLACED
    room.later(minutes=11)
    assert room.sign.showing.words == "leave by W2"
    room.later(minutes=30)
    assert (room.effect(2).state, room.sign.showing.words) == (EffectState.REVERTED, "")


def test_a_sign_that_was_restarted_or_set_by_hand_is_no_longer_called_standing() -> None:
    """Asked every half minute; what it says counts, and an answer that does not come changes nothing."""
    room = city_room()
    room.set_sign(minutes=30)
    room.sign.is_away = True
    room.later(seconds=40)
    assert room.effect().state is EffectState.STANDING
    room.sign.is_away, room.sign.showing = False, Shown(key="")
    room.later(seconds=40)
    assert room.effect().state is EffectState.REPLACED
    assert [verb for verb, _ in room.sign.sent] == ["set"]


def test_an_older_effect_whose_newer_was_never_confirmed_still_ends() -> None:
    """What nobody knows stands in no other's way."""
    room = city_room()
    room.set_sign("leave by E2", minutes=10)
    room.sign.is_lost = True
    room.approve(room.propose("leave by W2", minutes=40))
    room.sign.is_lost = False
    room.later(minutes=11)
    assert room.effect(1).state is EffectState.REVERTED
    assert room.sign.showing.words == ""


def test_a_device_that_says_no_is_refused_with_its_reason() -> None:
    """No is an answer, and nothing has to be taken back."""
    room = city_room()
    room.sign.refuses = "maintenance"
    action = room.approve(room.propose())
    assert (action.state, action.receipt, room.effect().state) == (
        ActionState.FAILED,
        "maintenance",
        EffectState.REFUSED,
    )


def test_a_supervisor_takes_back_early_and_an_operator_may_not() -> None:
    """With a reason, at once; the timeline says who."""
    room = city_room()
    room.set_sign()
    with pytest.raises(Refused):
        revert_effect(room.desk, room.people["ada"], 1, why="the way is free")
    with pytest.raises(Malformed):
        revert_effect(room.desk, room.people["sol"], 1, why=" ")
    done = revert_effect(room.desk, room.people["sol"], 1, why="the way is free")
    assert (done.state, done.reverted_by) == (EffectState.REVERTED, "sol")
    with pytest.raises(Conflict, match="taken back"):
        revert_effect(room.desk, room.people["sol"], 1, why="again")


def test_taking_back_early_while_the_line_is_away_goes_on_by_itself() -> None:
    """Whoever asked need not stay; it is done when the line is back, long before the end agreed."""
    room = city_room()
    room.set_sign(minutes=60)
    room.sign.is_away = True
    assert revert_effect(room.desk, room.people["sol"], 1, why="over").state is EffectState.REVERTING
    room.sign.is_away = False
    room.later(seconds=5)
    assert room.effect().state is EffectState.REVERTED


def test_exercise_input_moves_simulated_devices_only() -> None:
    """The same proposal, from a simulated incident: refused for the real sign, set on the simulated one."""
    with pytest.raises(Refused, match="real"):
        city_room(REAL, simulated=True).propose()
    room = city_room(SIGN, simulated=True)
    assert room.set_sign().simulated


def test_what_cannot_be_performed_is_refused_when_it_is_proposed() -> None:
    """Nobody is asked to agree to what no device could do; each refusal names value, limit and remedy."""
    room = city_room()
    for words, until in (("x" * 61, ""), ("go", "2026-03-14T20:00:00+00:00"), ("go", "2026-03-14T22:00:00")):
        with pytest.raises(Malformed) as refused:
            room.propose(words, until=until)
        assert refused.value.remedy
    with room.desk.store.read() as unit:
        assert unit.actions.find() == ()


def test_changing_a_proposal_is_checked_like_proposing_it() -> None:
    """No way round the limits of a device by changing what was proposed."""
    room = city_room()
    action = room.propose()
    with pytest.raises(Malformed):
        gates.change(
            room.desk, room.people["ada"], action.id, parameters={**action.parameters, "command": "x" * 99}, why="more"
        )
    changed = gates.change(
        room.desk, room.people["ada"], action.id, parameters={**action.parameters, "command": "leave by W2"}, why="wind"
    )
    assert room.approve(changed).state is ActionState.PERFORMED
    assert room.sign.showing.words == "leave by W2"


def test_an_end_in_words_ends_when_the_device_must() -> None:
    """Words like the end of an incident name no moment: they stay, and the device's longest time is the end."""
    room = city_room()
    action = room.propose(until="end of incident")
    assert action.parameters["until"] == "end of incident"
    assert room.effect_of(room.approve(action).id).until == room.now + REAL.longest


def test_an_effect_whose_end_is_over_before_it_is_agreed_to_is_not_sent() -> None:
    """An old yes is no yes."""
    room = city_room()
    action = room.propose(minutes=5)
    clock_of(room.desk).advance(6 * 60)
    assert room.approve(action).state is ActionState.FAILED
    assert room.sign.sent == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [("203.0.113.7", "203.0.113.7/32"), ("203.0.113.0/24", "203.0.113.0/24"), ("2001:db8::/64", "2001:db8::/64")],
)
def test_a_firewall_takes_networks(said: str, kept: str) -> None:
    """An address is a network of one."""
    assert checked_command(replace(REAL, kind=DeviceKind.FIREWALL), said) == kept


@pytest.mark.parametrize("said", ["0.0.0.0/0", "10.0.0.0/8", "::/0", "2000::/16", "evil.example", "203.0.113.7; drop"])
def test_a_firewall_takes_no_half_of_the_world_and_no_names(said: str) -> None:
    """Blocking everything is no reversible act: who could take it back is blocked, too."""
    with pytest.raises(Malformed):
        checked_command(replace(REAL, kind=DeviceKind.FIREWALL), said)


def test_a_device_that_knows_words_takes_no_others() -> None:
    """A barrier opens and closes."""
    barrier = replace(REAL, kind=DeviceKind.BARRIER, commands=("open", "close"))
    assert checked_command(barrier, " open ") == "open"
    with pytest.raises(Malformed, match="does not know"):
        checked_command(barrier, "explode")


def test_the_end_is_within_what_the_device_may_be_set_for() -> None:
    """Worked by hand: two hours at most, a minute at least, in any zone."""
    at = city_room().now
    assert end_of("2026-03-14T23:00:00+01:00", at, LONG) == at + timedelta(hours=1)
    for wrong in ("2026-03-14T23:00:01+00:00", "2026-03-14T21:00:30+00:00", "2026-03-14T20:59:00+00:00"):
        with pytest.raises(Malformed):
            end_of(wrong, at, LONG)


def test_nobody_outside_is_told_of_effects_they_may_not_see() -> None:
    """Reading is asked of the guard, too."""
    room = city_room()
    program = replace(room.people["ada"], role=Role.SERVICE, operations=frozenset({"alerts.read"}))
    with pytest.raises(Refused):
        effect_reading.effects_shown(room.desk, program)


def test_what_is_over_is_erased_after_its_time_and_what_may_stand_never() -> None:
    """A row that may still stand on a sign outlives every period."""
    room = city_room()
    room.set_sign("one", minutes=5)
    room.later(minutes=6)
    room.set_sign("two", minutes=5)
    with room.desk.store.write() as unit:
        assert unit.effects.erase_over(room.now + timedelta(days=4000)) == 1
    assert room.effect(2).state in LIVE_EFFECTS


EVENTS = st.lists(
    st.sampled_from(
        ["away", "back", "silent", "speak", "lost", "found", "kill", "stop", "lift", "late kill", "wait", "set", "due"]
    ),
    max_size=24,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=EVENTS)
def test_whatever_happens_everything_ends_and_only_what_the_device_said_is_called_standing(events: list[str]) -> None:
    """Any order of failures, deaths, stops and repairs: nothing stands that the sign does not show; at last it is blank."""
    room = city_room()
    for event in events:
        _happen(room, event)
        with room.desk.store.read() as unit:
            standing = unit.effects.find(states=(EffectState.STANDING,))
        assert all(room.sign.sent for _ in standing)
        assert len(standing) <= 1
    for repair in ("back", "speak", "found", "alive"):
        _happen(room, repair)
    for _ in range(12):
        clock_of(room.desk).advance(1800)
        perform_due(room.desk)
        tend_effects(room.desk)
    with room.desk.store.read() as unit:
        assert unit.effects.find(states=LIVE_EFFECTS) == ()
    assert room.sign.showing.words == ""


def _happen(room: CityRoom, event: str) -> None:
    """Let one thing happen."""
    sign = room.sign
    flags = {"away": ("is_away", True), "back": ("is_away", False), "silent": ("is_silent", True)}
    flags |= {"speak": ("is_silent", False), "lost": ("is_lost", True), "found": ("is_lost", False)}
    if event in flags:
        setattr(sign, *flags[event])
    elif event == "kill":
        sign.before = _die
    elif event == "late kill":
        sign.after = _die
    elif event == "alive":
        sign.before = sign.after = lambda _verb: None
    elif event == "stop":
        room.desk.stops.stop(ALL, by="sol", at=room.now)
    elif event == "lift":
        if room.desk.stops.standing().of_everything() is not None:
            room.desk.stops.lift(ALL, by="sol", at=room.now, why="looked at")
    elif event == "set":
        _try(lambda: room.approve(room.propose(f"words {room.now.astimezone(UTC):%H%M%S}", minutes=10)))
    else:
        clock_of(room.desk).advance(45 if event == "wait" else 700)
        _try(lambda: perform_due(room.desk))
        _try(lambda: tend_effects(room.desk))


def _die(_verb: str) -> None:
    raise Killed


def _try(act: object) -> None:
    """Do it as a process that may die of it, or be told to wait; the next one lives."""
    assert callable(act)
    try:
        act()
    except (Killed, NotNow, Conflict):
        return


def test_the_effect_of_an_action_is_found_by_the_action() -> None:
    """The proposal's page can say what became of it."""
    room = city_room()
    effect = room.set_sign()
    with room.desk.store.read() as unit:
        assert unit.effects.of_action(effect.action) == effect
        assert unit.effects.of_action(ActionId(99)) is None
