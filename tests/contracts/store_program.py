"""The other process of the store's tests: `store_program.py ROLE HOME [COUNT]`."""

import sys
import time
from dataclasses import replace
from pathlib import Path

from contracts.samples import T0, a_finding, an_alert
from impetus.adapters.sql.store import SqlUnit, open_store
from impetus.core.alert import AlertEntry
from impetus.core.ids import AlertId, FindingKey, Offset

FOREVER_S = 600.0


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def raise_alert(unit: SqlUnit) -> int:
    """Write to every table an alert touches, and return how many there are now."""
    number = unit.cursors.get("fusion", "findings") + 1
    alert = unit.alerts.add(an_alert(fingerprint=f"p{number}"))
    unit.findings.add(a_finding(key=FindingKey(f"f-{number}")), alert.id)
    unit.alerts.record(AlertEntry(alert=alert.id, at=T0, event="raised", who="fusion"))
    unit.outbox.add(T0, "alert", str(alert.id), {})
    unit.cursors.move("fusion", "findings", Offset(number))
    return number


def main(role: str, home: Path, count: int) -> None:
    """Play the role."""
    store = open_store(home)
    if role == "hang":
        with store.write() as unit:
            raise_alert(unit)
        with store.write() as unit:
            raise_alert(unit)
            say("written, not committed")
            time.sleep(FOREVER_S)
    elif role == "write":
        while True:
            with store.write() as unit:
                number = raise_alert(unit)
            say(str(number))
    elif role == "count":
        for _ in range(count):
            with store.write() as unit:
                alert = unit.alerts.get(AlertId(1))
                unit.alerts.replace(replace(alert, repeats=alert.repeats + 1))
        say("counted")
    elif role == "wait":
        say("waiting")
        say("woken" if store.wait_for_change(0, timeout_s=FOREVER_S) else "nothing")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
