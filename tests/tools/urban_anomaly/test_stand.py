"""How datastreams stand: a tool that has seen three days of three sensors, asked at several moments."""

import copy
import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Batch, Catalogue, Datastream, batch_of, to_us
from impetus.core.standing import Standing, StandingState
from impetus.core.tool import Foresees, Stands
from impetus.tools.urban_anomaly.stand import PROMISED_PER_DAY
from impetus.tools.urban_anomaly.tool import Tool

START = datetime(2026, 5, 4, tzinfo=UTC)
STEP_S = 300
DAYS = 3
END = START + timedelta(days=DAYS)
S = StandingState


def catalogue(*ids: int) -> Catalogue:
    """Return noise meters, each a thing of its own."""
    made = {
        DatastreamId(number): Datastream(
            id=DatastreamId(number),
            key=DatastreamKey(f"city/n{number}/noise"),
            source=SourceId("city"),
            thing=ThingKey(f"city/n{number}"),
            thing_name=f"Meter {number}",
            observed_property="noise",
            unit="dB(A)",
            cadence_s=STEP_S,
        )
        for number in ids
    }
    return Catalogue(version=1, datastreams=made)


def days(*ids: int, since: datetime = START, until: datetime = END, seed: int = 3) -> Batch:
    """Return readings that swing over the day about 60 with some noise, every five minutes."""
    times = np.arange(to_us(since), to_us(until), STEP_S * 1_000_000, dtype=np.int64)
    rng = np.random.default_rng(seed)
    swing = 60 + 8 * np.sin(times / 86_400e6 * 2 * np.pi)
    return batch_of(
        np.repeat(ids, len(times)),
        np.tile(times, len(ids)),
        np.concatenate([swing + rng.normal(0, 1, len(times)) for _ in ids]),
    )


@pytest.fixture(scope="module")
def learnt() -> Tool:
    """Return a tool that has seen three days of meters 2 and 5, and nothing of 7; tests work on copies."""
    tool = Tool.create({"timezone": "UTC"}, catalogue(2, 5, 7))
    batch = days(2, 5)
    for hour in np.unique(batch.time_us // 3_600_000_000):
        part = batch.take(batch.time_us // 3_600_000_000 == hour)
        tool.observe(part, at=START + timedelta(microseconds=int(part.time_us.max()) - to_us(START)))
    return tool


def tool_of(kept: Tool) -> Tool:
    """Return a copy of its own for a test."""
    return copy.deepcopy(kept)


def row(standing: Standing, identity: int) -> int:
    """Return the row of a datastream."""
    return standing.datastream.tolist().index(identity)


def test_the_tool_offers_both_answers() -> None:
    """The host asks whoever has these methods."""
    tool = Tool.create({}, catalogue(1))
    assert isinstance(tool, Stands)
    assert isinstance(tool, Foresees)


def test_every_declared_datastream_has_a_row_and_one_never_heard_is_learning(learnt: Tool) -> None:
    """Meters 2 and 5 are judged for the two days after the first; meter 7 was never heard."""
    standing = tool_of(learnt).standing(at=END)
    assert standing.datastream.tolist() == [2, 5, 7]
    assert standing.state.tolist() == [S.CALM, S.CALM, S.LEARNING]
    assert standing.time_us[2] == -1
    assert np.isnan(standing.measured[2])
    assert standing.days[:2] == pytest.approx([2.0, 2.0], abs=0.01)
    assert standing.days[2] == 0
    assert set(standing.nominal.tolist()) == {PROMISED_PER_DAY}
    assert standing.judged[:2] == pytest.approx([576, 576], abs=2)


def test_what_is_expected_lies_about_what_was_measured(learnt: Tool) -> None:
    """The range brackets the expectation, is a few deviations wide, and the newest ordinary reading is not rare."""
    standing = tool_of(learnt).standing(at=END)
    judged = slice(0, 2)
    assert np.all(standing.low[judged] < standing.expected[judged])
    assert np.all(standing.expected[judged] < standing.high[judged])
    assert np.all(np.abs(standing.expected[judged] - standing.measured[judged]) < 5)
    assert np.all((standing.high - standing.low)[judged] < 12)
    assert np.all(standing.p[judged] > 0.001)
    assert np.all(standing.exceeded[judged] <= standing.judged[judged] * 0.05)


def test_an_event_makes_a_datastream_strange(learnt: Tool) -> None:
    """Thirty decibels up for half an hour is an event; the other stays calm."""
    tool = tool_of(learnt)
    loud = days(2, 5, since=END, until=END + timedelta(minutes=30))
    raised = np.where(loud.datastream == 5, loud.result + 30, loud.result)
    tool.observe(batch_of(loud.datastream, loud.time_us, raised), at=END + timedelta(minutes=30))
    standing = tool.standing(at=END + timedelta(minutes=30))
    assert standing.state[row(standing, 5)] == S.STRANGE
    assert standing.state[row(standing, 2)] == S.CALM
    assert standing.alarms[row(standing, 5)] >= 1
    assert standing.p[row(standing, 5)] < 0.05


def test_silent_is_who_says_nothing_while_others_do(learnt: Tool) -> None:
    """Four hours without a word of meter 5 while meter 2 talks; when all are silent, nobody is called so."""
    tool = tool_of(learnt)
    standing = tool.standing(at=END + timedelta(hours=4))
    assert S.SILENT not in standing.state
    talk = days(2, since=END, until=END + timedelta(hours=4))
    tool.observe(talk, at=END + timedelta(hours=4))
    standing = tool.standing(at=END + timedelta(hours=4))
    assert (standing.state[row(standing, 5)], standing.state[row(standing, 2)]) == (S.SILENT, S.CALM)


def test_asking_changes_nothing(learnt: Tool) -> None:
    """The pickled tool is the same before and after, but for nothing."""
    tool = tool_of(learnt)
    before = pickle.dumps(tool)
    tool.standing(at=END)
    tool.forecast(np.array([to_us(END)], dtype=np.int64), at=END)
    assert pickle.dumps(tool) == before


def test_the_day_ahead_swings_as_the_days_before(learnt: Tool) -> None:
    """At six in the morning it is louder than at six in the evening; one that was never heard has no forecast."""
    times = np.array([to_us(END + timedelta(hours=hours)) for hours in (6, 18)], dtype=np.int64)
    ahead = tool_of(learnt).forecast(times, at=END)
    assert ahead.datastream.tolist() == [2, 5, 7]
    assert np.all(ahead.expected[:2, 0] > ahead.expected[:2, 1] + 8)
    assert np.all(ahead.low[:2] < ahead.high[:2])
    assert np.isnan(ahead.expected[2]).all()


def test_a_withdrawn_datastream_stands_nowhere(learnt: Tool) -> None:
    """It is in no catalogue, and so on no screen."""
    tool = tool_of(learnt)
    tool.learn(catalogue(2, 7))
    assert tool.standing(at=END).datastream.tolist() == [2, 7]


def test_without_datastreams_there_is_an_empty_standing() -> None:
    """A new installation has a tool and no sensors."""
    tool = Tool.create({}, Catalogue())
    assert len(tool.standing(at=START)) == 0
    assert len(tool.forecast(np.array([1], dtype=np.int64), at=START).datastream) == 0
