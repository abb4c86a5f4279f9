"""The scenario as data: an act's curve by hand, the loop, the speed, and the order in which an operator meets it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.observation import US_PER_S, Float64s
from impetus.demo.script import LOOP_S, SCENARIO, Act, Script
from impetus.demo.streams import Stream, streams

ACT = Act(thing="p12", property="people_density", begin_s=100, rise_s=20, end_s=200, fall_s=40, gain=2.0, add=3.0)
BY_KEY = {(stream.thing, stream.measure.property): stream for stream in streams()}
CROWDED = BY_KEY["p12", "people_density"]
BEGIN_US = 1_772_000_000 * US_PER_S


def _played(script: Script, at_s: list[float], normal: float = 1.0, stream: Stream = CROWDED) -> list[float]:
    """Return what a stream reads at seconds after the beginning, whose normal value is always the same."""
    time_us = np.array([BEGIN_US + round(second * US_PER_S) for second in at_s], dtype=np.int64)
    return script.play(stream, time_us, np.full(len(at_s), normal)).tolist()


@pytest.mark.parametrize(
    ("script_s", "strength"),
    [(-1, 0.0), (99, 0.0), (100, 0.0), (105, 0.25), (120, 1.0), (200, 1.0), (220, 0.5), (240, 0.0), (1799, 0.0)],
)
def test_an_act_rises_holds_and_falls(script_s: float, strength: float) -> None:
    """From its beginning over its rise, held to its end, back over its fall."""
    assert ACT.strength(np.array([float(script_s)]))[0] == pytest.approx(strength)


@pytest.mark.parametrize(("script_s", "value"), [(50, 5.0), (110, 9.0), (150, 13.0), (220, 9.0), (300, 5.0)])
def test_a_reading_is_bent_by_gain_and_by_what_is_added(script_s: float, value: float) -> None:
    """Normal 5: at full strength 2 times 5 plus 3 is 13, at half strength 1.5 times 5 plus 1.5 is 9."""
    assert _played(Script(begin_us=BEGIN_US, acts=(ACT,)), [script_s], normal=5.0) == [pytest.approx(value)]


def test_two_acts_on_one_instrument_follow_each_other() -> None:
    """The second bends what the first left: (1 times 2 plus 3) times 2 plus 3 is 13."""
    script = Script(begin_us=BEGIN_US, acts=(ACT, ACT))
    assert _played(script, [150]) == [pytest.approx(13.0)]


@settings(max_examples=30, deadline=None)
@given(st.floats(-100, 3000))
def test_a_strength_is_a_share(script_s: float) -> None:
    """Never below none, never above full, for every act of the scenario."""
    for act in SCENARIO:
        assert 0.0 <= act.strength(np.array([script_s]))[0] <= 1.0


def test_nothing_happens_before_the_beginning() -> None:
    """The past the simulator tells is ordinary up to the last second."""
    script = Script(begin_us=BEGIN_US)
    assert _played(script, [-1800 + 150, -1650, -1.0, -0.000001]) == [1.0] * 4


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1799), st.integers(1, 50))
def test_after_half_an_hour_it_begins_again(second: int, rounds: int) -> None:
    """The same moment of any round reads the same."""
    script = Script(begin_us=BEGIN_US)
    assert _played(script, [second]) == pytest.approx(_played(script, [second + rounds * LOOP_S]))


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 60.0), st.integers(0, 1700))
def test_a_speed_is_so_many_seconds_of_script_in_one(speed: float, script_s: int) -> None:
    """What is written for second 150 is played at second 15 when it plays ten times as fast."""
    plain, quick = Script(begin_us=BEGIN_US), Script(begin_us=BEGIN_US, speed=speed)
    assert _played(quick, [script_s / speed]) == pytest.approx(_played(plain, [script_s]), rel=1e-3, abs=1e-3)


def test_an_instrument_without_an_act_reads_what_it_always_reads() -> None:
    """Not even a rounding is added."""
    script = Script(begin_us=BEGIN_US)
    assert _played(script, [0, 150, 400], normal=0.1, stream=BY_KEY["p1", "people_density"]) == [0.1] * 3


def test_an_act_bends_its_own_property_only() -> None:
    """The switch's failed sign-ins do not become its packets."""
    only = tuple(act for act in SCENARIO if act.property == "failed_logins")
    assert _played(Script(begin_us=BEGIN_US, acts=only), [150], stream=BY_KEY["s3", "packets"]) == [1.0]


def _begins(thing: str, prop: str) -> float:
    return next(act.begin_s for act in SCENARIO if (act.thing, act.property) == (thing, prop))


def test_the_story_is_told_in_its_order() -> None:
    """The crowd, the noise, the camera with its switch, the air, and people leave."""
    story = [
        _begins("p12", "people_density"),
        _begins("n2", "sound_level"),
        _begins("s3", "failed_logins"),
        _begins("c11", "frame_rate"),
        _begins("a4", "airborne_bacteria"),
        _begins("exit-se", "egress_flow"),
    ]
    assert story == sorted(story)
    assert len(set(story)) == 6


def test_something_happens_within_a_minute_of_the_start() -> None:
    """Whoever opens the demonstration does not wait long: the first act stands at full strength by then."""
    assert any(act.strength(np.array([60.0]))[0] == 1.0 for act in SCENARIO)


def test_attack_and_dark_camera_overlap_so_that_they_can_be_joined() -> None:
    """The sign-ins last for more than a minute after the picture is gone, on the switch that carries it."""
    from impetus.demo.draw import CAMERAS

    dark = next(act for act in SCENARIO if act.property == "frame_rate")
    attack = next(act for act in SCENARIO if act.property == "failed_logins")
    assert CAMERAS[dark.thing][3] == attack.thing
    assert attack.end_s - dark.begin_s >= 60.0


def test_a_dark_camera_is_quite_dark() -> None:
    """No frames at all, within a second, until a second after its end."""
    script = Script(begin_us=BEGIN_US)
    camera = BY_KEY["c11", "frame_rate"]
    assert _played(script, [99, 101, 300, 540, 541], normal=25.0, stream=camera) == [25.0, 0.0, 0.0, 0.0, 25.0]


def test_every_round_leaves_the_square_quiet_at_its_end() -> None:
    """Each act is over before the loop, so that a round begins on an ordinary square."""
    assert max(act.end_s + act.fall_s for act in SCENARIO) < LOOP_S
    assert all(act.begin_s >= 0 and act.rise_s > 0 and act.fall_s > 0 for act in SCENARIO)
    assert all(act.begin_s + act.rise_s <= act.end_s for act in SCENARIO)


@pytest.mark.parametrize("act", SCENARIO, ids=lambda act: f"{act.thing}-{act.property}")
def test_an_act_at_full_strength_stays_within_what_its_instrument_reports(act: Act) -> None:
    """From a quiet and from a busy normal value; a reading beyond the range would be quarantined."""
    measure = BY_KEY[act.thing, act.property].measure
    usual: Float64s = np.array([0.0, {"packets": 8000.0, "airborne_bacteria": 900.0}.get(act.property, 90.0)])
    if act.property == "people_density":
        usual = usual / 30.0
    bent = usual * act.gain + act.add
    assert bent.min() >= measure.lowest
    assert bent.max() <= measure.highest


def test_a_script_without_acts_is_an_ordinary_square() -> None:
    """As is one without a beginning."""
    assert _played(Script(begin_us=BEGIN_US, acts=()), [150]) == [1.0]
    assert _played(replace(Script(begin_us=BEGIN_US), begin_us=None), [150]) == [1.0]
