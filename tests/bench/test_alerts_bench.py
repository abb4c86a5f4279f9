"""The benchmark of the alert list measures what it says, on a store that is whole."""

import json
from collections import Counter
from pathlib import Path

from contracts.samples import T0, minutes
from impetus.adapters.sql.store import SqlStore, open_store
from impetus.bench.alerts import SPAN, fill, run
from impetus.core.alert import Alert, AlertState
from impetus.ports import AlertQuery


def everything(store: SqlStore) -> list[Alert]:
    """Return all alerts, page by page."""
    alerts: list[Alert] = []
    after = None
    while True:
        with store.read() as unit:
            page = unit.alerts.find(AlertQuery(limit=200, after=after))
        alerts.extend(page.items)
        after = page.next
        if after is None:
            return alerts


def test_a_filled_store_is_like_one_that_grew(tmp_path: Path) -> None:
    """Counters, load and lists by tool agree with the alerts, as if each had been raised through the port."""
    store = open_store(tmp_path)
    fill(store, 1_500, ending=T0, progress=lambda _: None, open_share=0.4)
    alerts = everything(store)
    states = Counter(alert.state for alert in alerts)
    tool = alerts[0].tools[0]
    with store.read() as unit:
        assert len(alerts) == unit.alerts.raised_between(T0 - SPAN, minutes(1)) == 1_500
        assert unit.alerts.count_open() == {state: states[state] for state in AlertState if state != "closed"}
        by_tool = unit.alerts.find(AlertQuery(tool=tool, limit=200)).items
    assert [alert.id for alert in by_tool] == [alert.id for alert in alerts if tool in alert.tools][:200]
    assert all((alert.owner is None) == (alert.state not in {"held", "offered"}) for alert in alerts)


def test_filling_is_reproducible(tmp_path: Path) -> None:
    """The same alerts each time, so that figures can be compared."""
    stores = [open_store(tmp_path / name) for name in ("one", "other")]
    for store in stores:
        fill(store, 300, ending=T0, progress=lambda _: None)
    assert everything(stores[0]) == everything(stores[1])


def test_the_figures_can_be_written_as_json() -> None:
    """Both headline figures, every query at both sizes, the ratio, and the time filling took."""
    said: list[str] = []
    figures = json.loads(json.dumps(run(said.append, many=2_500, rounds=3)))
    assert figures["list_p95_ms"] == max(item["p95_ms"] for item in figures["at_many"]["lists"].values()) > 0
    assert figures["action_p95_ms"] == max(item["p95_ms"] for item in figures["at_many"]["actions"].values()) > 0
    assert figures["insert_s"] >= 0
    names = {*figures["at_many"]["lists"], *figures["at_many"]["actions"]}
    assert names == set(figures["ratio_p95"]) == {*figures["at_few"]["lists"], *figures["at_few"]["actions"]}
    assert any("2,500 of 2,500" in line for line in said)
