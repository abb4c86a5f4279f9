"""Public warnings: one drafts, two release exactly that, a chain names what it follows, and an exercise stays one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.city_samples import REAL, CityRoom, city_room
from desk.warning_samples import ENGLISH, asked, content, drafted, release, stored
from impetus.core.action import ActionKind, ActionState
from impetus.core.errors import Conflict, Malformed, NotNow, Refused
from impetus.core.ids import IncidentId
from impetus.core.stop import ALL
from impetus.core.warning import (
    ActualMessage,
    ExerciseMessage,
    Header,
    MessageType,
    Reference,
    Response,
    Status,
    WarningState,
    follow_up,
)
from impetus.desk import gates, warnings
from impetus.desk.perform import perform_due
from impetus.desk.warning_release import tend_warnings
from impetus.testing.desk import clock_of


def test_two_people_release_exactly_what_was_drafted() -> None:
    """After one yes nothing is out; after the second the gateway has it, and its receipt is on the page."""
    room = city_room()
    proposed = asked(room, drafted(room))
    assert proposed.state is WarningState.PROPOSED
    _agree(room, proposed.action, "sol")
    assert room.gateways.released == {}
    _agree(room, proposed.action, "siv")
    done = stored(room, 1)
    message = room.gateways.released[done.identifier]
    assert (done.state, done.receipt) == (WarningState.RELEASED, f"gateway has {done.identifier}")
    assert (message.content, message.header.sent) == (done.content, done.sent_at)
    assert isinstance(message, ActualMessage)
    assert room.said() == ["warning.draft", "warning.propose", "warning.send", "warning.release"]


def _agree(room: CityRoom, number: object, name: str) -> None:
    with room.desk.store.read() as unit:
        action = unit.actions.get(number)  # type: ignore[arg-type]  # the proposal of a warning that was proposed
    room.approve(action, name)


def test_one_person_twice_is_not_two() -> None:
    """The same yes again is a conflict, and nothing is out."""
    room = city_room()
    proposed = asked(room, drafted(room))
    _agree(room, proposed.action, "sol")
    with pytest.raises(Conflict):
        _agree(room, proposed.action, "sol")
    assert room.gateways.released == {}


@pytest.mark.parametrize("type_", [MessageType.UPDATE, MessageType.CANCEL])
def test_a_follow_up_names_every_message_before_it_and_takes_two_people_too(type_: MessageType) -> None:
    """References carry sender, identifier and the time each was sent (CAP 1.2, 3.2.1)."""
    room = city_room()
    first = release(room, drafted(room))
    clock_of(room.desk).advance(60)
    second = release(room, warnings.update(room.desk, room.people["ada"], first.id))
    clock_of(room.desk).advance(60)
    make = warnings.update if type_ is MessageType.UPDATE else warnings.cancel
    third = release(room, make(room.desk, room.people["ada"], second.id))
    message = room.gateways.released[third.identifier]
    assert (third.chain, third.type, message.header.type) == (first.id, type_, type_)
    assert [(each.identifier, each.sent) for each in message.header.references] == [
        (first.identifier, first.sent_at),
        (second.identifier, second.sent_at),
    ]
    assert len({first.identifier, second.identifier, third.identifier}) == 3


def test_a_cancellation_says_all_clear_and_nothing_follows_it() -> None:
    """What is cancelled is over; something new is a new warning."""
    room = city_room()
    first = release(room, drafted(room))
    last = release(room, warnings.cancel(room.desk, room.people["ada"], first.id))
    assert last.content.response is Response.ALL_CLEAR
    for number in (first.id, last.id):
        with pytest.raises(Conflict):
            warnings.update(room.desk, room.people["ada"], number)


def test_only_one_follow_up_is_made_at_a_time() -> None:
    """Two updates of one warning would leave nobody knowing which holds; a draft that was put away stands in no way."""
    room = city_room()
    first = release(room, drafted(room))
    second = warnings.update(room.desk, room.people["ada"], first.id)
    with pytest.raises(Conflict, match="follows it already"):
        warnings.cancel(room.desk, room.people["sol"], first.id)
    warnings.discard(room.desk, room.people["ada"], second.id, version=second.version)
    assert warnings.cancel(room.desk, room.people["sol"], first.id).type is MessageType.CANCEL


def test_what_is_not_out_cannot_be_followed() -> None:
    """A draft is changed, not updated."""
    room = city_room()
    with pytest.raises(Conflict):
        warnings.update(room.desk, room.people["ada"], drafted(room).id)


def test_from_a_simulated_incident_no_actual_warning_can_be_made() -> None:
    """Exercise and Test can; their gateway gets an exercise message, of its own type."""
    room = city_room(simulated=True)
    with pytest.raises(Refused, match="exercise"):
        drafted(room)
    done = release(room, drafted(room, Status.EXERCISE))
    assert isinstance(room.gateways.released[done.identifier], ExerciseMessage)


def test_the_status_of_a_stored_warning_cannot_change() -> None:
    """Not by the desk, and not by the store: no statement updates the column."""
    room = city_room(simulated=True)
    warning = drafted(room, Status.EXERCISE)
    with pytest.raises(Malformed, match="cannot become"), room.desk.store.write() as unit:
        unit.warnings.replace(replace(warning, status=Status.ACTUAL))
    assert stored(room, warning.id).status is Status.EXERCISE


def test_a_message_has_no_status_to_change_and_a_follow_up_keeps_its_type() -> None:
    """The class is the status; the type checker refuses the rest (tests/laws, `follow_up`)."""
    room = city_room()
    header = Header(identifier="a", sender="s", sent=room.now, type=MessageType.ALERT)
    message = ExerciseMessage(header=header, content=content(room.now))
    with pytest.raises(TypeError):
        replace(message, status=Status.ACTUAL)  # type: ignore[call-arg]  # there is no such field: that is the test
    later = replace(
        header,
        identifier="b",
        type=MessageType.UPDATE,
        references=(Reference(sender="s", identifier="a", sent=room.now),),
    )
    assert type(follow_up(message, later, message.content)) is ExerciseMessage
    with pytest.raises(Malformed):
        follow_up(message, replace(later, references=()), message.content)
    with pytest.raises(Malformed):
        follow_up(message, replace(later, type=MessageType.ALERT), message.content)


def test_what_people_are_asked_about_cannot_be_changed_under_them() -> None:
    """Whoever wants to change it withdraws the question first; then it is a draft again."""
    room = city_room()
    proposed = asked(room, drafted(room))
    with pytest.raises(Conflict):
        warnings.change(room.desk, room.people["ada"], 1, content(room.now), version=proposed.version)
    assert proposed.action is not None
    gates.withdraw(room.desk, room.people["ada"], proposed.action)
    view = warnings.warning_view(room.desk, room.people["ada"], 1)
    assert view.warning.state is WarningState.DRAFT
    changed = warnings.change(
        room.desk, room.people["ada"], 1, content(room.now, contact="112"), version=view.warning.version
    )
    assert changed.content.contact == "112"


def test_two_who_draft_at_once_do_not_overwrite_each_other() -> None:
    """Who saved first is kept; the other sees that it changed."""
    room = city_room()
    warning = drafted(room)
    warnings.change(room.desk, room.people["ada"], 1, content(room.now, contact="112"), version=warning.version)
    with pytest.raises(Conflict):
        warnings.change(room.desk, room.people["sol"], 1, content(room.now), version=warning.version)


@pytest.mark.parametrize(
    ("part", "value", "word"),
    [
        ("wordings", (), "language"),
        ("wordings", (replace(ENGLISH, headline=" "),), "headline"),
        ("wordings", (ENGLISH, ENGLISH), "once"),
        ("wordings", (replace(ENGLISH, language="English!"),), "language"),
        ("wordings", (replace(ENGLISH, description="x" * 1400),), "fit"),
    ],
)
def test_a_draft_with_a_fault_is_kept_and_not_proposed(part: str, value: object, word: str) -> None:
    """An unfinished draft is nothing wrong; asking two people about it is."""
    room = city_room()
    warning = drafted(room, **{part: value})
    with pytest.raises(Malformed, match=word):
        asked(room, warning)
    assert stored(room, 1).state is WarningState.DRAFT


def test_an_expired_or_too_long_warning_is_not_proposed_and_not_sent() -> None:
    """A warning that is over is not released, however many agreed."""
    room = city_room()
    for wrong in (timedelta(0), timedelta(hours=25)):
        with pytest.raises(Malformed, match="expire"):
            asked(room, drafted(room, expires=room.now + wrong))
    proposed = asked(room, drafted(room, expires=room.now + timedelta(minutes=5)))
    _agree(room, proposed.action, "sol")
    clock_of(room.desk).advance(360)
    _agree(room, proposed.action, "siv")
    assert room.gateways.released == {}


def test_a_gateway_that_is_away_is_tried_again_and_gets_one_message() -> None:
    """The identifier was given with the draft: a repetition is the same message, sent at the same time."""
    room = city_room()
    room.gateways.is_away = True
    warning = drafted(room)
    with pytest.raises(NotNow):
        release(room, warning)
    sent = stored(room, 1).sent_at
    room.gateways.is_away = False
    clock_of(room.desk).advance(61)
    assert perform_due(room.desk) == 1
    assert stored(room, 1).state is WarningState.RELEASED
    assert [message.header.sent for message in room.gateways.released.values()] == [sent]


def test_a_gateway_that_does_not_answer_leaves_unknown_which_can_be_asked_again_and_followed() -> None:
    """Nobody says that it is out, nobody says that it is not."""
    room = city_room()
    room.gateways.is_silent = True
    done = release(room, drafted(room))
    assert (done.state, "not answered" in done.receipt) == (WarningState.UNKNOWN, True)
    room.gateways.is_silent = False
    again = release(room, done)
    assert (again.state, again.identifier) == (WarningState.RELEASED, done.identifier)
    assert len(room.gateways.released) == 1


def test_a_gateway_that_refuses_leaves_a_draft_that_can_be_mended() -> None:
    """Its answer is shown; what never went out has no time of sending, and its content may change."""
    room = city_room()
    room.gateways.refuses = "gateway answered 400"
    failed = release(room, drafted(room))
    assert (failed.state, failed.sent_at, failed.receipt) == (WarningState.FAILED, None, "gateway answered 400")
    changed = warnings.change(room.desk, room.people["ada"], 1, content(room.now), version=failed.version)
    assert changed.state is WarningState.DRAFT


def test_a_stop_holds_back_a_release() -> None:
    """Agreed to or not: while all is stopped nothing goes out, and nothing goes out by itself afterwards."""
    room = city_room()
    room.desk.stops.stop(ALL, by="sol", at=room.now)
    done = release(room, drafted(room))
    assert done.state is not WarningState.RELEASED
    room.desk.stops.lift(ALL, by="sol", at=room.now, why="looked at")
    perform_due(room.desk)
    assert room.gateways.released == {}


def test_nobody_proposes_a_warning_that_was_not_drafted() -> None:
    """The general form cannot go round the composer."""
    room = city_room()
    for target in ("the square", "warning:", "warning:x", "warning:99999999999999999999"):
        with pytest.raises(Malformed):
            gates.propose(
                room.desk,
                room.people["ada"],
                gates.Proposal(
                    kind=ActionKind.PUBLIC_WARNING,
                    target=target,
                    why="now",
                    lasts=timedelta(minutes=30),
                    incident=IncidentId(1),
                    parameters={"text": "leave", "area": "the square"},
                ),
            )


def test_a_proposal_beside_the_composer_releases_nothing() -> None:
    """Two people who agree to a proposal that is not the warning's own release nothing."""
    room = city_room()
    drafted(room)
    action = gates.propose(
        room.desk,
        room.people["ada"],
        gates.Proposal(
            kind=ActionKind.PUBLIC_WARNING,
            target="warning:1",
            why="now",
            lasts=timedelta(minutes=30),
            incident=IncidentId(1),
            parameters={"text": "leave", "area": "the square"},
        ),
    )
    room.approve(action, "sol")
    assert room.approve(action, "siv").state is ActionState.FAILED
    assert room.gateways.released == {}


def test_without_a_gateway_for_its_status_it_is_not_proposed() -> None:
    """Said before anybody agrees, and again on the draft's page."""
    room = city_room()
    room.gateways.missing = "no gateway for status Actual is declared in effectors.toml"
    with pytest.raises(Malformed, match="no gateway"):
        asked(room, drafted(room))
    assert "no gateway" in warnings.warning_view(room.desk, room.people["ada"], 1).gateway


def test_an_operator_drafts_and_an_auditor_only_reads() -> None:
    """Each asks the guard."""
    room = city_room()
    auditor = replace(room.people["ada"], role=room.people["eva"].role)
    with pytest.raises(Refused):
        warnings.draft(room.desk, auditor, content(room.now), status=Status.ACTUAL)


def test_what_nobody_released_becomes_a_draft_again_by_itself() -> None:
    """Its proposal expired; the part that tends writes it down."""
    room = city_room()
    asked(room, drafted(room))
    clock_of(room.desk).advance(3 * 3600)
    gates.expire_due(room.desk)
    assert tend_warnings(room.desk) == 1
    assert tend_warnings(room.desk) == 0
    assert stored(room, 1).state is WarningState.DRAFT


def test_the_page_of_a_warning_says_everything() -> None:
    """Preview for each language, hints, faults, document, chain."""
    room = city_room(REAL)
    view = warnings.warning_view(room.desk, room.people["eva"], drafted(room).id)
    assert [each.language for each in view.previews] == ["en", "nb"]
    assert (view.faults, len(view.chain), view.is_superseded) == ((), 1, False)
    assert "<identifier>" in view.xml
    assert warnings.warnings(room.desk, room.people["eva"])[0].id == 1
