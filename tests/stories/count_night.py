"""An outside script: read a state's file, and nothing of the platform, and count what people were asked in a night.

    python count_night.py STATE_FILE REAL_JSON

`REAL_JSON` lists the real incidents of the night: `[{"key": ..., "noticed": RFC 3339, "severity": word}]`. Printed is one JSON
object: cards, the most cards any seat got in any ten minutes, how many real ones there are, how many were put before somebody
within the limit of their severity, and those that were not, with the seconds they waited (null: never).
"""

import json
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

LIMIT_S = {"extreme": 60, "severe": 60, "moderate": 300, "minor": 900, "unknown": 300}
TEN_MINUTES_US = 600 * 1_000_000


def main(state: Path, real: Path) -> dict[str, object]:
    """Count."""
    with sqlite3.connect(f"file:{state}?mode=ro", uri=True) as database:
        cards = database.execute("SELECT seat, at FROM asks ORDER BY at").fetchall()
        planted = json.loads(real.read_text(encoding="utf-8"))
        waits = [(each["key"], _waited_s(database, each), LIMIT_S[each["severity"]]) for each in planted]
        alone = database.execute("SELECT COUNT(*) FROM ask_lines WHERE severity IN ('extreme', 'severe')").fetchone()[0]
    late = {key: wait for key, wait, limit in waits if wait is None or wait > limit}
    return {
        "cards": len(cards),
        "most_per_seat_in_10_min": _most(cards),
        "real": len(planted),
        "in_time": len(planted) - len(late),
        "late": late,
        "lines_extreme_or_severe": alone,
    }


def _waited_s(database: sqlite3.Connection, real: dict[str, str]) -> float | None:
    """Return the seconds from noticed until its alert stood on a card, None when it never did."""
    noticed_us = round(datetime.fromisoformat(real["noticed"]).timestamp() * 1_000_000)
    first = database.execute(
        "SELECT MIN(asks.at) FROM findings JOIN ask_lines ON ask_lines.alert = findings.alert "
        "JOIN asks ON asks.id = ask_lines.ask WHERE findings.key = ? AND asks.at >= ?",
        (real["key"], noticed_us),
    ).fetchone()[0]
    return None if first is None else (first - noticed_us) / 1_000_000


def _most(cards: list[tuple[str, int]]) -> int:
    """Return the most cards one seat got in any ten minutes; one for everybody counts for every seat."""
    seats = {seat for seat, _ in cards} or {""}
    most = 0
    for seat in seats:
        mine = [at for whose, at in cards if whose in (seat, "")]
        most = max(most, *(sum(start <= at < start + TEN_MINUTES_US for at in mine) for start in mine), 0)
    return most


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))) + "\n")
