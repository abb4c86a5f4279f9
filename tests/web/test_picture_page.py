"""The picture in each of its states: quiet, busy, put aside, stale; and the bar and boards beside it, worked by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertState, Verdict
from impetus.core.board import PartState, PartStatus, Rule, SourceStatus
from impetus.core.evidence import Evidence, SeriesEvidence
from impetus.core.finding import Severity
from impetus.core.ids import DatastreamId, EvidenceId, FindingKey, SourceId, ToolId
from impetus.core.observation import Source, batch_of, empty_batch, to_us
from impetus.core.text import Phrase
from impetus.desk.views import PictureView, SourceView
from impetus.ports import TopicStatus
from impetus.web.cards import RECORD_AGE, SPARKS_DRAWN, SPARKS_KEPT, Memory, cards, record_of
from impetus.web.pages.bar import Bar, bar_of
from impetus.web.pages.board import TopicRow, gauge
from impetus.web.pages.sources import DROPPED, TAKEN, card_of
from page_reader import Node, acts, by_id
from seats import act, actor, keep, look, opened, seat
from town import NOW, Town, furnish

Raise = Callable[..., Alert]


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


def told_cards(page: Node) -> list[str]:
    """Return the headlines of the list, in order."""
    return [article.words for heading in [by_id(page, "alerts")] for article in heading.all("h3")]


def test_a_quiet_picture_says_since_when(raised: Raise, kari: TestClient) -> None:
    """Quiet after something is another sentence than nothing ever."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/assess", verdict="benign")
    act(kari, f"/alerts/{alert.id}/close")
    page = look(kari, "/")
    assert "No open alert. The last one was settled at 13:07:32." in page.words
    assert "Nothing needs you now" in by_id(page, "bar-needs").words


def test_the_most_urgent_stands_first_and_is_where_the_bar_leads(raised: Raise, kari: TestClient) -> None:
    """The same alert on top of the list and behind the chip."""
    raised("mild", severity=Severity.MINOR)
    worst = raised("worst", severity=Severity.EXTREME)
    page = look(kari, "/")
    assert told_cards(page) == ["worst", "mild"]
    assert by_id(page, "needs").get("href") == f"/alerts/{worst.id}"
    assert "2 need you now" in by_id(page, "needs").words


def test_what_somebody_has_needs_nobody_else(raised: Raise, kari: TestClient) -> None:
    """It stays in the list with its owner's name, and leaves the bar."""
    alert = raised()
    assert "1 needs you now" in look(kari, "/").words
    act(kari, f"/alerts/{alert.id}/acknowledge")
    page = look(kari, "/")
    assert "Nothing needs you now" in page.words
    assert "Kari has it" in by_id(page, "alerts").words


def test_what_was_put_aside_stays_in_sight_below_the_rest(raised: Raise, kari: TestClient) -> None:
    """Dimmed, with until when, and counted apart."""
    aside = raised("aside", severity=Severity.EXTREME)
    raised("open", severity=Severity.MINOR)
    act(kari, f"/alerts/{aside.id}/shelve", minutes=15, why="roadworks")
    page = look(kari, "/")
    assert told_cards(page) == ["open", "aside"]
    assert "shelved until 13:22:32" in by_id(page, "alerts").words
    assert by_id(page, "alerts-count").words.startswith("1 open · 1 shelved")


def test_an_alert_in_an_incident_leads_to_it(town: Town, raised: Raise, kari: TestClient) -> None:
    """And is not offered to be joined again."""
    alert = raised()
    opened(town, alert.id)
    card = by_id(look(kari, "/"), f"alert-{alert.id}")
    assert "/incidents/1" in {link.get("href") for link in card.all("a")}
    assert not [link for link in card.all("a") if link.get("data-dialog") == "incident"]


@pytest.mark.parametrize(("role", "acting"), [(Role.OPERATOR, True), (Role.ANALYST, False), (Role.EXECUTIVE, False)])
def test_only_who_may_act_is_shown_buttons(town: Town, raised: Raise, role: Role, *, acting: bool) -> None:
    """The list reads the same for everybody who may see it."""
    alert = raised()
    page = look(seat(town, "Vera", role), "/")
    assert told_cards(page) == ["Counter 4 above its norm"]
    assert bool([address for address in acts(page) if address.startswith(f"/alerts/{alert.id}/")]) is acting


def test_who_sees_no_sensors_sees_no_sources(town: Town, kari: TestClient) -> None:
    """An executive's picture has alerts and parts; sources are left empty rather than shown or refused."""
    with town.desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("square"), name="The square", kind="test"), [])
    assert "The square" in by_id(look(kari, "/"), "sources").words
    assert "The square" not in look(seat(town, "Eva", Role.EXECUTIVE), "/").words


def test_the_timeline_holds_six_hours_oldest_first(town: Town, raised: Raise, kari: TestClient) -> None:
    """What is older has left it, closed or not."""
    for hours in (7, 5, 1):
        raised(f"{hours} h ago", began=NOW - timedelta(hours=hours), raised_at=NOW - timedelta(hours=hours))
    shown = [item.words for item in by_id(look(kari, "/"), "moments").all("li")]
    assert shown == ["08:07 5 h ago", "12:07 1 h ago"]


def test_a_part_that_failed_stands_beside_the_map(town: Town, kari: TestClient) -> None:
    """With its state in words and when it was last seen."""
    with town.desk.store.write() as unit:
        unit.parts.report(PartStatus(part=ToolId("urban_anomaly"), state=PartState.FAILED, seen_at=NOW))
        unit.parts.report(PartStatus(part=ToolId("fusion"), state=PartState.RUNNING, rate_per_s=2.5, dropped=3))
    words = by_id(look(kari, "/"), "tools").words
    assert "Urban Anomaly failed" in words
    assert "2.5/s in · 3 dropped" in words


def test_the_live_part_says_what_the_whole_page_says(raised: Raise, kari: TestClient) -> None:
    """Each target of the fragment holds the page's own words, so that a morph changes nothing by itself."""
    raised()
    whole, fragment = look(kari, "/"), look(kari, "/picture/now")
    parts = {part.get("hx-target"): part.words for part in fragment.all("hx-partial")}
    for name in ("bar-needs", "bar-load", "tools", "sources", "alerts-count", "alerts", "moments"):
        assert parts[f"#{name}"] == by_id(whole, name).words, name


def view(*alerts: Alert, ten: int = 0, hour: int = 0) -> PictureView:
    """Return a picture of these alerts and this load."""
    return PictureView(
        at=NOW,
        alerts=alerts,
        counts={AlertState.NEW: sum(alert.state is AlertState.NEW for alert in alerts)},
        incidents=(),
        parts=(),
        sources=(),
        raised_10_min=ten,
        raised_hour=hour,
        latest=empty_batch(),
        change=0,
    )


@pytest.mark.parametrize(
    ("ten", "hour", "load", "percent", "trend"),
    [
        (0, 0, "normal", 0, "steady"),
        (1, 6, "normal", 10, "steady"),
        (2, 2, "normal", 20, "rising"),
        (3, 18, "moderate", 30, "steady"),
        (10, 60, "moderate", 100, "steady"),
        (11, 11, "severe", 100, "rising"),
        (400, 400, "severe", 100, "rising"),
        (0, 12, "normal", 0, "falling"),
        (0, 9, "normal", 0, "steady"),
    ],
)
def test_the_load_is_worked_by_hand(ten: int, hour: int, load: str, percent: int, trend: str) -> None:
    """Ten minutes against a sixth of the hour: 2 against 1/3 rises, 0 against 2 falls. EEMUA 191."""
    bar = bar_of(view(ten=ten, hour=hour))
    assert (bar.load_severity, bar.load_percent, bar.trend) == (load, percent, trend)


@given(st.integers(0, 10_000), st.integers(0, 60_000))
def test_more_alerts_never_look_calmer(ten: int, more: int) -> None:
    """The meter and its shape only rise with the load, and the meter stays in its frame."""
    ranks = ("normal", "moderate", "severe")

    def told(count: int) -> Bar:
        return bar_of(view(ten=count, hour=count))

    low, high = told(ten), told(ten + more)
    assert 0 <= low.load_percent <= high.load_percent <= 100
    assert ranks.index(low.load_severity) <= ranks.index(high.load_severity)


@given(st.floats(0, 1e12), st.floats(0.001, 1e12))
def test_a_gauge_stays_in_its_frame(used: float, limit: float) -> None:
    """Whatever is reported, a share is 0 to 1, and full is severe."""
    shown = gauge(used, limit)
    assert shown is not None
    assert 0 <= shown.share <= 1
    assert (shown.severity == "severe") == (used >= limit or shown.share == 1)


@pytest.mark.parametrize(("first", "last", "messages"), [(0, 0, 0), (1, 1, 1), (5, 9, 5)])
def test_a_topic_counts_what_it_holds(first: int, last: int, messages: int) -> None:
    """From the first kept to the last: 5 to 9 are five."""
    status = TopicStatus(topic="findings", first=first, last=last, bytes_=0, limit_bytes=1)
    assert TopicRow(status=status, says="", fill=None).messages == messages


def source_view(counts: dict[Rule, int], *, seen_at: datetime | None = NOW, silent: bool = False) -> SourceView:
    """Return a source whose readings fared like this."""
    identity = SourceId("square")
    return SourceView(
        source=Source(id=identity, name="The square", kind="test"),
        status=SourceStatus(source=identity, seen_at=seen_at, counts=counts),
        datastreams=(),
        silent=silent,
    )


def test_the_bar_of_a_source_is_worked_by_hand() -> None:
    """60 taken, 10 dropped, 30 refused of a hundred stand at 0, 60 and 70 percent."""
    card = card_of(
        source_view({Rule.ACCEPTED: 50, Rule.MISSING: 6, Rule.OUT_OF_ORDER: 4, Rule.DUPLICATE: 10, Rule.LATE: 30})
    )
    assert card.total == 100
    assert [(part.name, part.start, part.width) for part in card.parts] == [
        ("taken", 0.0, 60.0),
        ("dropped", 60.0, 10.0),
        ("refused", 70.0, 30.0),
    ]


@given(st.dictionaries(st.sampled_from(Rule), st.integers(0, 10**12)))
def test_every_reading_is_in_the_bar_once(counts: dict[Rule, int]) -> None:
    """The three stretches follow one another and add up to all readings."""
    card = card_of(source_view(counts))
    assert sum(part.count for part in card.parts) == card.total == sum(counts.values())
    end = 0.0
    for part in card.parts:
        assert part.start == pytest.approx(end)
        end += part.width
    assert end == pytest.approx(100.0 if card.total else 0.0)
    assert {rule for rule, _ in card.counts} == {rule for rule, count in counts.items() if count}


def test_no_rule_is_both_taken_in_and_dropped() -> None:
    """What is neither was refused."""
    assert not TAKEN & DROPPED


@pytest.mark.parametrize(
    ("seen_at", "silent", "severity"), [(NOW, False, "normal"), (NOW, True, "severe"), (None, False, "unknown")]
)
def test_a_source_is_fresh_silent_or_not_heard_of(seen_at: datetime | None, *, silent: bool, severity: str) -> None:
    """Never heard of is not the same as silent."""
    assert card_of(source_view({}, seen_at=seen_at, silent=silent)).severity == severity


def test_only_the_first_of_a_long_list_get_a_plot(town: Town, raised: Raise, kari: TestClient) -> None:
    """Twelve fit on a screen; the rest is words."""
    column = np.array([1.0, 2.0])
    series = SeriesEvidence(
        datastream=DatastreamId(1),
        title=Phrase(template="one"),
        unit="1",
        time_us=np.array([1, 2], dtype=np.int64),
        measured=column,
        low=column,
        high=column,
        coverage=0.9,
        from_us=2,
    )
    keep(town, "e1", Evidence(finding=FindingKey("f"), summary=Phrase(template="s"), series=(series,)))
    alerts = [raised(f"a{number}", evidence=(EvidenceId("e1"),)) for number in range(SPARKS_DRAWN + 2)]
    drawn = cards(town.desk, actor(town), alerts, Memory())
    assert [card.number for card in drawn] == list(range(1, SPARKS_DRAWN + 3))
    assert [card.spark is not None for card in drawn] == [True] * SPARKS_DRAWN + [False] * 2


def test_a_plot_that_cannot_be_read_leaves_the_alert(town: Town, raised: Raise, kari: TestClient) -> None:
    """Display fails open."""
    alert = raised(evidence=(EvidenceId("gone"),))
    (card,) = cards(town.desk, actor(town), [alert], Memory())
    assert (card.alert, card.spark) == (alert, None)
    assert told_cards(look(kari, "/")) == ["Counter 4 above its norm"]


def test_the_memory_of_plots_is_bounded(town: Town, raised: Raise, kari: TestClient) -> None:
    """The oldest go; what is looked at stays."""
    memory, alert = Memory(), raised(evidence=(EvidenceId("gone"),))
    for number in range(SPARKS_KEPT):
        memory.sparks[(alert.id, (EvidenceId(str(number)),))] = None
    cards(town.desk, actor(town), [alert], memory)
    assert len(memory.sparks) == SPARKS_KEPT
    assert (alert.id, alert.evidence) in memory.sparks


def test_a_record_is_counted_anew_after_half_a_minute(town: Town, raised: Raise, kari: TestClient) -> None:
    """Until then the one remembered is shown, so that a busy list stays cheap."""
    memory, tool, kari_acts = Memory(), ToolId("urban_anomaly"), actor(town)
    assert record_of(town.desk, kari_acts, tool, memory).judged == 0
    raised(state=AlertState.CLOSED, verdict=Verdict.CONFIRMED)
    town.clock.advance(RECORD_AGE.total_seconds() - 1)
    assert record_of(town.desk, kari_acts, tool, memory).judged == 0
    town.clock.advance(1)
    record = record_of(town.desk, kari_acts, tool, memory)
    assert (record.judged, record.true) == (1, 1)


def test_readings_stand_on_the_plan_once_their_thing_does(town: Town, kari: TestClient) -> None:
    """The plan names `counter-4`, a source declared it, and its newest reading comes with unit and time."""
    town.settings.place_file.write_text(
        '{"features": [{"properties": {"role": "counter", "key": "counter-4"}}, {"properties": null}]}'
    )
    furnish(town)
    town.desk.history.append(batch_of([1], [to_us(NOW)], [12.0]), "observations", through=1)
    told = kari.get("/picture/readings").json()
    assert told == {"counter-4": {"people": [12.0, NOW.timestamp(), "people"]}}
