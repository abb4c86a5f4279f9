"""Pages of alerts against a plain model: sort everything, filter, cut."""

import base64
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.samples import ANOMALY, T0, an_alert, an_incident, minutes
from impetus.core.alert import Alert, AlertState
from impetus.core.errors import Malformed
from impetus.core.finding import Severity
from impetus.core.ids import IncidentId, ToolId
from impetus.ports import AlertQuery, Page, Store

TOOLS = (ANOMALY, ToolId("noise"), ToolId("smoke"))
OWNERS = (None, "kari", "ola")
THOROUGH = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fill(store: Store) -> list[Alert]:
    """Store 240 alerts of every state, severity, tool and owner, many at the same time."""
    alerts = []
    with store.write() as unit:
        for number in (1, 2):
            unit.incidents.add(an_incident(title=f"number {number}"))
        for count in range(240):
            alert = an_alert(
                state=list(AlertState)[count % 5],
                severity=list(Severity)[count // 5 % 5],
                tools=TOOLS[count % 3 :][: 1 + count % 2],
                owner=OWNERS[count // 7 % 3],
                incident=(None, IncidentId(1), IncidentId(2))[count // 11 % 3],
                raised_at=minutes(count // 4),
                last_at=minutes(count * 37 % 60),
            )
            alerts.append(unit.alerts.add(alert))
    return alerts


def expected(alerts: list[Alert], query: AlertQuery) -> list[Alert]:
    """Return what the query must give, by the port's words."""
    states = query.states or tuple(s for s in AlertState if query.order == "newest" or s is not AlertState.CLOSED)
    found = [
        alert
        for alert in alerts
        if alert.state in states
        and (query.tool is None or query.tool in alert.tools)
        and (query.severity is None or alert.severity is query.severity)
        and (query.owner is None or alert.owner == query.owner)
        and (query.incident is None or alert.incident == query.incident)
        and (query.raised_since is None or alert.raised_at >= query.raised_since)
    ]
    if query.order == "newest":
        return sorted(found, key=lambda alert: (alert.raised_at, alert.id), reverse=True)
    return sorted(found, key=lambda alert: (alert.severity.rank, alert.last_at, alert.id), reverse=True)


def walk(store: Store, query: AlertQuery) -> list[Alert]:
    """Return all pages of a query, joined."""
    alerts: list[Alert] = []
    page: Page[Alert] | None = None
    while page is None or page.next is not None:
        with store.read() as unit:
            page = unit.alerts.find(replace(query, after=page.next if page else None))
        assert len(page.items) == query.limit or page.next is None
        alerts.extend(page.items)
    return alerts


QUERIES = st.builds(
    AlertQuery,
    states=st.lists(st.sampled_from(AlertState), max_size=4).map(tuple),
    tool=st.none() | st.sampled_from([*TOOLS, ToolId("absent")]),
    severity=st.none() | st.sampled_from(Severity),
    owner=st.none() | st.sampled_from(["kari", "ola", "nobody"]),
    incident=st.none() | st.sampled_from([IncidentId(1), IncidentId(2), IncidentId(9)]),
    raised_since=st.none() | st.integers(-5, 70).map(minutes),
    order=st.sampled_from(["newest", "urgent"]),
    limit=st.integers(1, 70),
)


@pytest.mark.parametrize("examples", [15, pytest.param(200, marks=pytest.mark.slow)])
def test_pages_joined_are_the_sorted_filtered_whole(store: Store, examples: int) -> None:
    """Whatever is filtered and however pages are cut, nothing is missing, doubled or out of order."""
    alerts = fill(store)

    @settings(THOROUGH, max_examples=examples)
    @given(query=QUERIES)
    def agrees(query: AlertQuery) -> None:
        assert walk(store, query) == expected(alerts, query)

    agrees()


def test_a_page_stays_where_it_was_when_alerts_arrive(store: Store) -> None:
    """New alerts on top neither shift nor repeat what the next page shows."""
    alerts = fill(store)
    with store.read() as unit:
        first = unit.alerts.find(AlertQuery(limit=10))
    with store.write() as unit:
        unit.alerts.add(an_alert(raised_at=minutes(1_000)))
    with store.read() as unit:
        second = unit.alerts.find(AlertQuery(limit=10, after=first.next))
    assert [*first.items, *second.items] == expected(alerts, AlertQuery())[:20]


def test_a_changed_tool_list_moves_the_alert_in_lists(store: Store) -> None:
    """An alert joined by a second tool is found under both, and under its new severity."""
    with store.write() as unit:
        alert = unit.alerts.add(an_alert())
        joined = unit.alerts.replace(replace(alert, tools=(ANOMALY, TOOLS[1]), severity=Severity.EXTREME))
    for tool in joined.tools:
        assert walk(store, AlertQuery(tool=tool, severity=Severity.EXTREME)) == [joined]
        assert walk(store, AlertQuery(tool=tool, severity=Severity.MODERATE)) == []


@pytest.mark.parametrize(
    "query",
    [
        AlertQuery(order="oldest"),
        AlertQuery(limit=0),
        AlertQuery(limit=201),
        AlertQuery(after=""),
        AlertQuery(after="not base64!"),
        AlertQuery(after="ø"),
        AlertQuery(after="A" * 5_000),
        AlertQuery(after=base64.urlsafe_b64encode(b"urgent.1.2.3").decode()),
        AlertQuery(after=base64.urlsafe_b64encode(b"newest.1.2").decode()),
        AlertQuery(after=base64.urlsafe_b64encode(b"newest.0.9999999999999999999.1").decode()),
        AlertQuery(after=base64.urlsafe_b64encode(b"newest.0.1.1.1").decode()),
    ],
)
def test_a_bad_question_is_malformed(store: Store, query: AlertQuery) -> None:
    """A bad order, size or cursor is named as such."""
    with store.read() as unit, pytest.raises(Malformed):
        unit.alerts.find(query)


@given(text=st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
@THOROUGH
def test_no_cursor_breaks_the_list(store: Store, text: str) -> None:
    """Any text as a cursor gives a page or `Malformed`, nothing else."""
    with store.read() as unit:
        try:
            page = unit.alerts.find(AlertQuery(after=text))
        except Malformed:
            return
    assert page.items == ()


def test_an_empty_store_gives_an_empty_page(store: Store) -> None:
    """No alerts is an answer."""
    with store.read() as unit:
        assert unit.alerts.find(AlertQuery(raised_since=T0)) == Page(items=())
