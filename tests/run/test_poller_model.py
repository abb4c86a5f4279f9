"""A feed of lines over many rounds against a plain model: what is durable is what was told, once, with zeros where a line is gone."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feeds.gtfs_feed import AT_S, feed, vehicle
from impetus.adapters.feeds.declared import Dropped, FeedDeclared
from impetus.adapters.feeds.options import Reading
from impetus.core.observation import Batch
from impetus.desk.stop_watch import StopWatch
from impetus.run.feed_formats import reader_of
from impetus.run.poller import MOST_ROWS, Poller
from ingest_samples import make_desk

DECLARED = FeedDeclared(
    id="feed", name="Feed", format="gtfs-realtime", origin=Dropped(folder=Path("nowhere"), pattern="*"), every_s=30, freshness_s=300,
    how=Reading(), most_streams=4,
)  # fmt: skip
LATEST_US = (AT_S + 3600) * 1_000_000
LINES = st.lists(st.sampled_from(["12", "17", "31", "54", "60", "61"]), max_size=6)
ROUNDS = st.lists(st.tuples(st.sampled_from([0, 0, 30, 30, 60]), LINES), min_size=1, max_size=8)


@cache
def stops() -> StopWatch:
    """Return a kill switch that nobody used; one for all examples."""
    return StopWatch(make_desk())


class Pictures:
    """An origin that shows one picture at a time."""

    def __init__(self) -> None:
        """Begin with none."""
        self.waiting: list[bytes] = []

    def bodies(self) -> list[bytes]:
        """Give what waits."""
        given_now, self.waiting = self.waiting, []
        return given_now


class Door:
    """A door that takes everything and numbers datastreams as they come: the protocol's smallest fulfilment."""

    def __init__(self) -> None:
        """Nothing was sent."""
        self.numbers: dict[str, int] = {}
        self.rows: list[tuple[str, int, float]] = []
        self.sizes: list[int] = []

    def datastreams(self) -> dict[str, int]:
        """Return what is declared."""
        return dict(self.numbers)

    def declare(self, declaration: object) -> dict[str, int]:
        """Give numbers to what is new."""
        assert isinstance(declaration, dict)
        keys = [
            f"feed/{thing['key']}/{each['property']}"
            for thing in declaration["things"]
            for each in thing["datastreams"]
        ]
        return {key: self.numbers.setdefault(key, len(self.numbers) + 1) for key in keys}

    def send(self, batch: Batch) -> dict[str, int]:
        """Keep the rows."""
        self.sizes.append(len(batch))
        names = {number: key for key, number in self.numbers.items()}
        columns = zip(batch.datastream.tolist(), batch.time_us.tolist(), batch.result.tolist(), strict=True)
        self.rows += [(names[number], time_us // 1_000_000 - AT_S, result) for number, time_us, result in columns]
        return {"accepted": len(batch)}


def play(rounds: list[tuple[int, list[str]]]) -> tuple[Door, Poller, list[tuple[int, list[str]]]]:
    """Let a poller see these pictures one after the other; return also what each was, with its time."""
    pictures, door = Pictures(), Door()
    poller = Poller(DECLARED, pictures, reader_of(DECLARED), door, stops(), latest_us=lambda: LATEST_US)  # type: ignore[arg-type]
    at_s, shown = 0, []
    for later_s, lines in rounds:
        at_s += later_s
        made = feed(AT_S + at_s)
        for line in lines:
            vehicle(made, line)
        pictures.waiting = [made.SerializeToString()]
        assert poller.turn() == 30
        shown.append((at_s, lines))
    return door, poller, shown


def expected(shown: list[tuple[int, list[str]]]) -> dict[str, list[tuple[int, float]]]:
    """Return, by hand, what is durable: the first four lines ever seen, one value a moment, the first that was told."""
    known: list[str] = []
    found: dict[str, list[tuple[int, float]]] = {}
    for at_s, lines in shown:
        known += [line for line in sorted(set(lines)) if line not in known][: DECLARED.most_streams - len(known)]
        for line in known:
            told = found.setdefault(f"feed/{line}/vehicles", [])
            if not told or told[-1][0] < at_s:
                told.append((at_s, float(lines.count(line))))
    return found


@settings(max_examples=40, deadline=None)
@given(ROUNDS)
def test_what_is_durable_is_what_was_told(rounds: list[tuple[int, list[str]]]) -> None:
    """Whatever the order of pictures, standstills and lines that come and go."""
    door, poller, shown = play(rounds)
    found: dict[str, list[tuple[int, float]]] = {}
    for key, at_s, value in door.rows:
        found.setdefault(key, []).append((at_s, value))
    assert found == expected(shown)
    assert poller.status.sent == len(door.rows)
    assert (poller.status.trouble, poller.status.bodies) == ("", len(rounds))


@settings(max_examples=20, deadline=None)
@given(ROUNDS)
def test_no_moment_is_told_twice(rounds: list[tuple[int, list[str]]]) -> None:
    """Of a datastream; and times only go forward."""
    door, _, _ = play(rounds)
    for key in {key for key, _, _ in door.rows}:
        times = [at_s for name, at_s, _ in door.rows if name == key]
        assert times == sorted(set(times))


def test_a_round_of_many_lines_is_sent_in_parts() -> None:
    """No batch is larger than what the ingest takes at once."""
    big = replace(DECLARED, most_streams=20_000)
    pictures, door = Pictures(), Door()
    poller = Poller(big, pictures, reader_of(big), door, stops(), latest_us=lambda: LATEST_US)  # type: ignore[arg-type]
    made = feed()
    for number in range(MOST_ROWS + 1000):
        vehicle(made, f"line{number}")
    pictures.waiting = [made.SerializeToString()]
    poller.turn()
    assert door.sizes == [MOST_ROWS, 1000]
    assert poller.status.sent == MOST_ROWS + 1000
