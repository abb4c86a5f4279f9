"""METHANE behind the screen: typed parts joined, nothing lost whatever the order, settled, sent as it was shown."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.gate_samples import Room, room
from impetus.core.action import ActionState
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.ids import IncidentId
from impetus.core.situation import MethaneField
from impetus.desk import gates, incidents, methane
from impetus.desk.methane import MethaneView, Saved
from impetus.processes.methane import MAX_FIELD, PAUSE, Joined
from impetus.testing.desk import clock_of

ONE = IncidentId(1)


@pytest.fixture
def house() -> Room:
    """Return a control room with incident 1 and ada, sol, siv and eva."""
    return room()


def save(house: Room, name: str = "ada", *, base: int, seat: str = "", **parts: str) -> Saved:
    """Save some parts as this person's page."""
    return methane.save_methane(house.desk, house.people[name], ONE, parts, base=base, seat=seat or name)


def view(house: Room, name: str = "ada") -> MethaneView:
    """Return the report as this person sees it."""
    return methane.methane_view(house.desk, house.people[name], ONE)


def said(house: Room) -> dict[str, str]:
    """Return what the parts say."""
    return {name: text for _, name, text, _, _ in view(house).fields if text}


def told(house: Room) -> list[str]:
    """Return the events of the timeline that speak of METHANE."""
    with house.desk.store.read() as unit:
        return [str(each.event) for each in unit.incidents.entries(ONE) if str(each.event).startswith("methane.")]


def test_an_empty_report_says_that_everything_is_missing(house: Room) -> None:
    """Seven letters in the order in which they are said."""
    empty = view(house)
    assert "".join(letter for letter, *_ in empty.fields) == "METHANE"
    assert (empty.missing, empty.declared, empty.version, empty.sent_at) == (tuple(MethaneField), "", 0, None)


def test_what_is_missing_shrinks_with_each_part(house: Room) -> None:
    """And the timeline tells the beginning, the declaration and the end, not every letter."""
    save(house, base=0, exact="quay")
    save(house, base=1, exact="quay 4", major="declared")
    assert view(house).missing == ("type", "hazards", "access", "number", "emergency")
    save(house, base=2, type="fire", hazards="gas", access="W", number="0", emergency="fire brigade")
    assert (view(house).missing, view(house).declared) == ((), "declared")
    assert told(house) == ["methane.begin", "methane.declare", "methane.complete"]


def test_different_parts_written_at_once_both_stand(house: Room) -> None:
    """Joined part by part: the second knew nothing of the first."""
    save(house, "ada", base=0, exact="quay")
    assert save(house, "sol", base=0, access="from the west").joined == {MethaneField.ACCESS: Joined.STAND}
    assert said(house) == {"exact": "quay", "access": "from the west"}


def test_the_same_part_written_at_once_keeps_both_wordings(house: Room) -> None:
    """What stood first stands; the other lies beside it, with its name, for everybody to see."""
    save(house, "ada", base=0, number="two")
    assert save(house, "sol", base=0, number="three").beside == (MethaneField.NUMBER,)
    seen = view(house, "siv")
    assert said(house)["number"] == "two"
    assert [(line.text, line.who) for line in seen.beside] == [("three", "sol")]
    assert told(house)[-1] == "methane.differ"


def test_the_same_words_written_at_once_are_no_dispute(house: Room) -> None:
    """Nor is writing nothing where somebody wrote something."""
    save(house, "ada", base=0, number="two")
    assert save(house, "sol", base=0, number=" two ").joined == {MethaneField.NUMBER: Joined.ALREADY}
    assert save(house, "siv", base=0, number="").joined == {MethaneField.NUMBER: Joined.ALREADY}
    assert (view(house).beside, view(house).version) == ((), 1)


def test_whoever_saw_it_may_change_it(house: Room) -> None:
    """With the version of what they change, the words are replaced and kept as a line."""
    save(house, "ada", base=0, number="two")
    assert save(house, "sol", base=1, number="three").joined == {MethaneField.NUMBER: Joined.STAND}
    with house.desk.store.read() as unit:
        assert [(line.text, line.lost) for line in unit.situation.lines(ONE)] == [("two", False)]


def test_a_page_whose_answer_was_lost_is_not_at_odds_with_itself(house: Room) -> None:
    """The same page types on with the version it last heard of; another page of the same person is another writer."""
    save(house, base=0, seat="desk", number="tw")
    assert save(house, base=0, seat="desk", number="two").joined == {MethaneField.NUMBER: Joined.STAND}
    assert save(house, base=0, seat="phone", number="three").beside == (MethaneField.NUMBER,)


def test_words_two_people_wrote_are_kept_when_one_of_them_goes_on(house: Room) -> None:
    """They are nobody's half word: whoever agreed to them finds them again."""
    save(house, "ada", base=0, number="two")
    save(house, "sol", base=0, number="two")
    save(house, "ada", base=1, number="three")
    with house.desk.store.read() as unit:
        assert [line.text for line in unit.situation.lines(ONE)] == ["two"]


def test_typing_on_beside_changes_one_line_and_is_told_once(house: Room) -> None:
    """An autosave a second makes no heap; sent again, the same words change nothing."""
    save(house, "ada", base=0, number="two")
    for words in ("thr", "three", "three wounded"):
        save(house, "sol", base=0, number=words)
    version = view(house).version
    save(house, "sol", base=0, number="three wounded")
    assert [line.text for line in view(house).beside] == ["three wounded"]
    assert (view(house).version, told(house).count("methane.differ")) == (version, 1)


def test_typing_on_is_one_wording_until_a_pause(house: Room) -> None:
    """Half words are not kept for ever; what stood for a while is."""
    for words in ("c", "cr", "crowd"):
        save(house, base=9, hazards=words)
    clock_of(house.desk).advance(PAUSE.total_seconds() + 1)
    save(house, base=9, hazards="crowd, gas")
    with house.desk.store.read() as unit:
        assert [line.text for line in unit.situation.lines(ONE)] == ["crowd"]


@pytest.mark.parametrize(("take", "stands"), [("stands", "two"), ("beside", "three"), ("both", "two; three")])
def test_either_wording_or_both_can_be_right(house: Room, take: str, stands: str) -> None:
    """Settled once; what does not stand is kept, and settling again says who did."""
    save(house, "ada", base=0, number="two")
    save(house, "sol", base=0, number="three")
    line = view(house).beside[0].id
    assert methane.settle_methane(house.desk, house.people["siv"], ONE, line, take=take).beside == ()
    assert said(house)["number"] == stands
    with house.desk.store.read() as unit:
        kept = {text.text for text in unit.situation.lines(ONE)} | {stands}
    assert {"two", "three"} <= kept | set(stands.split("; "))
    with pytest.raises(Conflict, match="siv settled it at"):
        methane.settle_methane(house.desk, house.people["ada"], ONE, line, take=take)


def test_both_is_refused_where_only_one_can_be_right(house: Room) -> None:
    """Declared and not declared; and two long texts that do not fit."""
    save(house, "ada", base=0, major="declared", access="a" * 200)
    save(house, "sol", base=0, major="standby", access="b" * 200)
    for line in view(house).beside:
        with pytest.raises(Malformed, match="both do not fit"):
            methane.settle_methane(house.desk, house.people["ada"], ONE, line.id, take="both")
    assert len(view(house).beside) == 2


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"colour": "red"}, "METHANE has no part 'colour'"),
        ({"exact": "x" * (MAX_FIELD + 1)}, "Exact location has 241 characters"),
        ({"major": "perhaps"}, "a major incident is not 'perhaps'"),
        ({"type": "fire", "odd": ""}, "METHANE has no part 'odd'"),
    ],
)
def test_what_is_no_report_is_refused_before_anything_is_stored(house: Room, parts: dict[str, str], says: str) -> None:
    """One wrong part stores none."""
    with pytest.raises(Malformed, match=says):
        save(house, base=0, **parts)
    with pytest.raises(Malformed):
        save(house, base=-1, type="fire")
    with pytest.raises(Malformed):
        save(house, base=0, seat="s" * 41, type="fire")
    assert view(house).version == 0


def test_a_closed_incident_keeps_its_report_as_it_is(house: Room) -> None:
    """Nothing is typed, settled or sent, until it is reopened."""
    save(house, "ada", base=0, number="two")
    save(house, "sol", base=0, number="three")
    line = view(house).beside[0].id
    incidents.close(house.desk, house.people["ada"], ONE, outcome="over")
    for act in (
        lambda: save(house, base=2, number="four"),
        lambda: methane.settle_methane(house.desk, house.people["ada"], ONE, line, take="both"),
        lambda: methane.send_methane(house.desk, house.people["ada"], ONE, version=2),
    ):
        with pytest.raises(Conflict, match="incident 1 is closed"):
            act()
    assert (said(house), view(house).may_write) == ({"number": "two"}, False)


def test_sending_is_a_decided_message_with_what_nobody_knows_said_as_such(house: Room) -> None:
    """It stands on everybody's page, the proposal's history names who decided, and the report says when and which."""
    save(house, base=0, major="declared", exact="quay")
    action = methane.send_methane(house.desk, house.people["ada"], ONE, version=1)
    assert action.state is ActionState.PERFORMED
    message = gates.pending(house.desk, house.people["sol"]).messages[0].text
    assert message.splitlines()[:3] == ["METHANE, version 1", "M Major incident: declared", "E Exact location: quay"]
    assert message.endswith("E Emergency services: not yet known")
    sent = view(house)
    assert (sent.sent_at, sent.sent_version, sent.is_newer_than_sent) == (house.desk.clock.now(), 1, False)
    save(house, base=1, exact="quay 4")
    assert view(house).is_newer_than_sent


def test_only_what_was_shown_is_sent(house: Room) -> None:
    """Not an older version, not an empty one, not one two people disagree in; then nothing is proposed."""
    ada = house.people["ada"]
    with pytest.raises(Malformed, match="METHANE says nothing yet"):
        methane.send_methane(house.desk, ada, ONE, version=0)
    save(house, "ada", base=0, number="two")
    with pytest.raises(Conflict, match="METHANE is at version 1, you were shown 0"):
        methane.send_methane(house.desk, ada, ONE, version=0)
    save(house, "sol", base=0, number="three")
    with pytest.raises(Conflict, match="two people wrote number differently"):
        methane.send_methane(house.desk, ada, ONE, version=2)
    with house.desk.store.read() as unit:
        assert not unit.actions.find(incident=ONE)


def test_sending_to_somebody_nobody_knows_fails_and_says_so(house: Room) -> None:
    """The report is not shown as sent."""
    save(house, base=0, number="two")
    action = methane.send_methane(house.desk, house.people["ada"], ONE, version=1, to="nemo")
    assert (action.state, view(house).sent_at) == (ActionState.FAILED, None)


def test_a_line_of_another_incident_is_not_settled_here(house: Room) -> None:
    """Nor one that was only written over, nor one there is none of, nor with a word that settles nothing."""
    ada = house.people["ada"]
    save(house, "ada", base=0, number="two")
    save(house, "sol", base=1, number="three")
    for line in (1, 99):
        with pytest.raises(Unknown):
            methane.settle_methane(house.desk, ada, ONE, line, take="both")
    with pytest.raises(Malformed, match="'maybe' settles nothing"):
        methane.settle_methane(house.desk, ada, ONE, 1, take="maybe")


def test_who_only_looks_writes_nothing(house: Room) -> None:
    """An executive reads the report."""
    save(house, base=0, number="two")
    assert view(house, "eva").may_write is False
    with pytest.raises(Refused, match=r"eva \(executive\) may not incidents\.write"):
        save(house, "eva", base=1, number="three")


WRITES = st.lists(
    st.tuples(
        st.sampled_from(["ada", "sol", "siv"]),
        st.sampled_from(["number", "hazards"]),
        st.sampled_from(["two", "three", "four gone", ""]),
        st.integers(0, 8),
        st.integers(0, 40),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=8, deadline=None)
@given(writes=WRITES)
def test_whatever_people_type_in_whatever_order_nothing_is_lost(
    writes: list[tuple[str, str, str, int, int]],
) -> None:
    """Each text stands, was told to lie beside, or was typed over by the page that typed it; never simply gone."""
    house = room()
    last: dict[tuple[str, str], str] = {}
    for name, part, text, base, wait in writes:
        clock_of(house.desk).advance(wait)
        save(house, name, base=min(base, view(house).version), **{part: text})
        last[name, part] = text
    with house.desk.store.read() as unit:
        kept = {(str(line.name), line.text) for line in unit.situation.lines(ONE)}
    there = kept | set(said(house).items())
    assert {(part, text) for (_, part), text in last.items() if text} <= there


def test_a_sending_whose_time_in_the_store_is_over_is_none(house: Room) -> None:
    """Proposals are erased before incidents are; the report stands all the same."""
    save(house, base=0, number="two")
    methane.send_methane(house.desk, house.people["ada"], ONE, version=1)
    with house.desk.store.write() as unit:
        assert unit.actions.erase_done(house.desk.clock.now() + timedelta(days=1)) == 1
    assert (view(house).sent_at, said(house)) == (None, {"number": "two"})
