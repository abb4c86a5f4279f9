"""The scenario: what happens on the square, in seconds since it began, as data.

A protest; then the crowd in the south-east grows past its norm, camera C11 goes dark while its switch logs failed
sign-ins, the air samplers there rise, people leave through the exits in the south-east. Then it calms down, and after half
an hour it begins again. **Source**: the scenario of the platform's own process description.
"""

from dataclasses import dataclass

import numpy as np

from impetus.core.observation import US_PER_S, Float64s, Int64s
from impetus.demo.streams import Stream

LOOP_S = 1800.0
"""Seconds until the scenario begins again: three times the ten minutes one alert may take an operator. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What one instrument sees: a rise from `begin_s` over `rise_s`, held to `end_s`, back over `fall_s`.

    At full strength a reading becomes `gain` times its normal value plus `add`, in the instrument's unit.
    """

    thing: str
    property: str
    begin_s: float
    rise_s: float
    end_s: float
    fall_s: float
    gain: float = 1.0
    add: float = 0.0

    def strength(self, script_s: Float64s) -> Float64s:
        """Return 0..1 for each moment of the script."""
        rising = (script_s - self.begin_s) / self.rise_s
        falling = (self.end_s + self.fall_s - script_s) / self.fall_s
        return np.asarray(np.clip(np.minimum(rising, falling), 0.0, 1.0), dtype=np.float64)


def _crowd(thing: str, add: float, begin_s: float = 10.0) -> Act:
    return Act(thing=thing, property="people_density", begin_s=begin_s, rise_s=25.0, end_s=330.0, fall_s=240.0, add=add)


def _air(thing: str, gain: float, begin_s: float) -> tuple[Act, ...]:
    """Return what a sampler reports of loaded air: its reader sees as many times more as it tells."""
    return tuple(
        Act(thing=thing, property=measured, begin_s=begin_s, rise_s=40.0, end_s=480.0, fall_s=300.0, gain=gain)
        for measured in ("airborne_bacteria", "raw_signal")
    )


def _leaving(thing: str, add: float, begin_s: float) -> Act:
    return Act(thing=thing, property="egress_flow", begin_s=begin_s, rise_s=20.0, end_s=560.0, fall_s=120.0, add=add)


def _switch(measure: str, *, gain: float = 1.0, add: float = 0.0, end_s: float = 200.0) -> Act:
    return Act(thing="s3", property=measure, begin_s=85.0, rise_s=5.0, end_s=end_s, fall_s=60.0, gain=gain, add=add)


SCENARIO: tuple[Act, ...] = (
    _crowd("p12", 2.3),
    _crowd("p11", 1.4, 20.0),
    _crowd("p16", 1.5, 25.0),
    _crowd("p8", 1.2, 30.0),
    _crowd("p7", 0.9, 60.0),
    Act(thing="n2", property="sound_level", begin_s=20.0, rise_s=30.0, end_s=420.0, fall_s=200.0, add=14.0),
    Act(thing="c11", property="frame_rate", begin_s=100.0, rise_s=1.0, end_s=540.0, fall_s=1.0, gain=0.0),
    _switch("failed_logins", add=55.0),
    _switch("packets", gain=2.6),
    _switch("traffic", gain=0.75, end_s=540.0),
    *_air("a4", 9.0, 190.0),
    *_air("a2", 6.0, 205.0),
    *_air("a3", 4.0, 220.0),
    _leaving("exit-se", 130.0, 270.0),
    _leaving("exit-s", 90.0, 275.0),
    _leaving("exit-ne", 60.0, 285.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The scenario laid onto time: it begins at `begin_us`, runs `speed` times as fast as written, and repeats.

    Without `begin_us` nothing ever happens: a normal fortnight.
    """

    begin_us: int | None = None
    speed: float = 1.0
    acts: tuple[Act, ...] = SCENARIO

    def play(self, stream: Stream, time_us: Int64s, normal: Float64s) -> Float64s:
        """Return the readings as the scenario makes them."""
        acts = [act for act in self.acts if (act.thing, act.property) == (stream.thing, stream.measure.property)]
        if self.begin_us is None or not acts:
            return normal
        script_s = (time_us - self.begin_us) / US_PER_S * self.speed
        moment_s = np.where(script_s < 0, -1.0, np.mod(script_s, LOOP_S))
        played = normal
        for act in acts:
            strength = act.strength(moment_s)
            played = played * (1.0 + (act.gain - 1.0) * strength) + act.add * strength
        return played
