"""What a city's figures are made of: what was told, held against what happened.

An incident is everything told about one thing that began at one moment. It matches a happening when something of it was
told while that lasted (or a little after), about at least one datastream of it. A **false alarm** is a security incident
that matches no event: nothing was there, or only a fault, or only what the calendar or the plan explains.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S
from impetus.tools.urban_anomaly.city_read import Truth
from impetus.tools.urban_anomaly.evaluate_nab import rounded
from impetus.tools.urban_anomaly.metrics import f1, interval_90

EVENT, FAULT, EXPECTED = "event", "fault", "expected"
GRACE_US = 3_600 * US_PER_S
"""After an event, what is told within an hour is still about it."""
FAULT_GRACE_US = 24 * 3_600 * US_PER_S
"""After a fault, a word to the maintainer within a day is still about it."""
ASKED_SD = 5.0
"""Size from which an event is asked to be seen."""
SHIFT_S = 8 * 3_600
HITS = 3
SEED = 20_140_403


@dataclass(slots=True, kw_only=True)
class Incident:
    """What was told of one matter: `category` is `event` or `fault`, `lead` the ids its explanation names first.

    `told` is moments with the datastreams named then. Mutable while it is told.
    """

    category: str
    lead: tuple[int, ...]
    told: list[tuple[int, frozenset[int]]] = field(default_factory=list)

    @property
    def first_us(self) -> int:
        """Return when it was first told."""
        return self.told[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the figures are of: truths, the pace and zone of each datastream, the span judged, how many datastreams."""

    truths: Sequence[Truth]
    cadence_s: Mapping[int, float]
    zone: Mapping[int, str]
    begin_us: int
    end_us: int

    @property
    def stream_days(self) -> float:
        """Return datastreams times days, 0 where all that there is was learnt from."""
        return len(self.cadence_s) * max(self.end_us - self.begin_us, 0) / US_PER_S / 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Incidents against truths: for each incident the truths it matches; for each truth its incidents with the moment."""

    of_incident: Sequence[Sequence[int]]
    of_truth: Mapping[int, Sequence[tuple[int, int]]]


def match(incidents: Sequence[Incident], truths: Sequence[Truth]) -> Matched:
    """Match what was told with what happened."""
    by_stream: dict[int, list[int]] = defaultdict(list)
    for number, truth in enumerate(truths):
        for stream in truth.streams:
            by_stream[stream].append(number)
    of_incident: list[Sequence[int]] = []
    of_truth: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, incident in enumerate(incidents):
        firsts: dict[int, int] = {}
        for told_us, streams in incident.told:
            for number in {number for stream in streams for number in by_stream.get(stream, ())}:
                truth = truths[number]
                grace = FAULT_GRACE_US if truth.category == FAULT and incident.category == FAULT else GRACE_US
                if truth.start_us <= told_us <= truth.end_us + grace:
                    firsts.setdefault(number, told_us)
        of_incident.append(tuple(firsts))
        for number, told_us in firsts.items():
            of_truth[number].append((place, told_us))
    return Matched(of_incident=of_incident, of_truth=of_truth)


def city_score(incidents: Sequence[Incident], ground: Ground) -> dict[str, object]:
    """Return the figures of one detector on a city, with 90 % intervals."""
    kept = [incident for incident in incidents if ground.begin_us <= incident.first_us < ground.end_us]
    matched = match(kept, ground.truths)
    security = [place for place, incident in enumerate(kept) if incident.category == EVENT]
    false = [place for place in security if EVENT not in _categories(matched, ground, place)]
    shifts = (ground.end_us - ground.begin_us) / US_PER_S / SHIFT_S
    figures, ends = _events(kept, matched, ground)
    fault_figures, fault_ends = _faults(kept, matched, ground)
    unmatched = sum(
        incident.category == FAULT and not matched.of_incident[place] for place, incident in enumerate(kept)
    )
    return {
        "false_alarms_per_1000_stream_days": rounded(_per(1e3 * len(false), ground.stream_days), 3),
        "false_alarms": len(false),
        "false_alarms_by_cause": _causes(false, kept, matched, ground),
        "stream_days": round(ground.stream_days),
        "incidents_per_shift": rounded(_per(len(security), shifts), 2),
        "fault_findings_unmatched_per_1000_stream_days": rounded(_per(1e3 * unmatched, ground.stream_days), 3),
        **figures,
        **fault_figures,
        "interval_90": {"false_alarms_per_1000_stream_days": _by_zone(false, kept, ground), **ends, **fault_ends},
    }


def _per(count: float, of: float) -> float:
    """Return a rate, NaN where nothing was judged."""
    return count / of if of > 0 else float("nan")


def _categories(matched: Matched, ground: Ground, place: int) -> set[str]:
    return {ground.truths[number].category for number in matched.of_incident[place]}


def _causes(false: Sequence[int], kept: Sequence[Incident], matched: Matched, ground: Ground) -> dict[str, int]:
    """Return how many false alarms a fault, a planned event, or a day of the calendar explains; the rest is nothing."""
    days = [truth for truth in ground.truths if not truth.streams]
    counts = {"fault": 0, "planned": 0, "calendar": 0, "nothing": 0}
    for place in false:
        categories, told_us = _categories(matched, ground, place), kept[place].first_us
        on_day = any(day.start_us <= told_us < day.end_us for day in days)
        cause = (
            "fault"
            if FAULT in categories
            else "planned"
            if EXPECTED in categories
            else "calendar"
            if on_day
            else "nothing"
        )
        counts[cause] += 1
    return counts


def _by_zone(false: Sequence[int], kept: Sequence[Incident], ground: Ground) -> list[float | None] | None:
    """Return the interval of false alarms over zones drawn again, none where nothing was judged."""
    if ground.stream_days <= 0:
        return None
    zones = sorted(set(ground.zone.values()))
    row = {zone: place for place, zone in enumerate(zones)}
    alarms, streams = np.zeros(len(zones)), np.zeros(len(zones))
    for zone in ground.zone.values():
        streams[row[zone]] += 1
    for place in false:
        named = min(kept[place].told[0][1] & ground.zone.keys(), default=None)
        if named is not None:
            alarms[row[ground.zone[named]]] += 1
    per_stream = 1e3 * len(ground.cadence_s) / ground.stream_days
    return _ends(
        interval_90(len(zones), lambda rows: per_stream * alarms[rows].sum() / max(streams[rows].sum(), 1), seed=SEED)
    )


def _events(kept: Sequence[Incident], matched: Matched, ground: Ground) -> tuple[dict[str, object], dict[str, object]]:
    """Return figures of events: how many were told, how soon, by how many incidents, and whether rightly explained."""
    numbers = [number for number, truth in enumerate(ground.truths) if truth.category == EVENT]
    asked = [number for number in numbers if not ground.truths[number].sd < ASKED_SD]
    told = {number: _tellings(kept, matched, number) for number in numbers}
    found = np.array([bool(told[number]) for number in asked], dtype=np.float64)
    seen = [number for number in asked if told[number]]
    delay = np.array([_delay(told[number], ground, number) for number in seen])
    hit = np.array([_hit(kept, told[number], ground.truths[number]) for number in seen], dtype=np.float64)
    parts = np.array([len(told[number]) for number in seen], dtype=np.float64)
    figures: dict[str, object] = {
        "events": len(numbers),
        "events_asked": len(asked),
        "event_recall": _mean(found),
        "delay_samples": rounded(float(np.median(delay)), 2) if len(delay) else None,
        "delay_samples_p90": rounded(float(np.percentile(delay, 90)), 2) if len(delay) else None,
        f"hit_at_{HITS}": _mean(hit),
        "incidents_per_event": _mean(parts),
        "event_recall_by_kind": _recalls(numbers, told, lambda truth: truth.kind, ground),
        "event_recall_by_sd": _recalls(numbers, told, lambda truth: f"{truth.sd:g}", ground),
    }
    ends: dict[str, object] = {
        "event_recall": _ends(_means_of(found)),
        "delay_samples": _ends(interval_90(len(delay), lambda rows: float(np.median(delay[rows])), seed=SEED)),
        f"hit_at_{HITS}": _ends(_means_of(hit)),
        "incidents_per_event": _ends(_means_of(parts)),
    }
    return figures, ends


def _tellings(kept: Sequence[Incident], matched: Matched, number: int) -> list[tuple[int, int]]:
    """Return the security incidents about a happening, with the moment each was told of it."""
    return [(place, us) for place, us in matched.of_truth.get(number, ()) if kept[place].category == EVENT]


def _delay(told: Sequence[tuple[int, int]], ground: Ground, number: int) -> float:
    """Return readings of its quickest datastream from when it could be seen to when it was told, never below 0."""
    truth = ground.truths[number]
    pace_us = min(ground.cadence_s[stream] for stream in truth.streams) * US_PER_S if truth.streams else 1.0
    return max(0.0, (min(us for _, us in told) - truth.onset_us) / pace_us)


def _hit(kept: Sequence[Incident], told: Sequence[tuple[int, int]], truth: Truth) -> bool:
    """Say whether the first incident told of an event names, among its first three datastreams, one that carries it."""
    place, _ = min(told, key=lambda one: one[1])
    return bool(truth.carrying & set(kept[place].lead[:HITS]))


def _recalls(
    numbers: Sequence[int], told: Mapping[int, Sequence[object]], by: Callable[[Truth], str], ground: Ground
) -> dict[str, object]:
    groups: dict[str, list[bool]] = defaultdict(list)
    for number in numbers:
        groups[by(ground.truths[number])].append(bool(told[number]))
    return {
        name: {"recall": _mean(np.array(group, dtype=np.float64)), "of": len(group)}
        for name, group in sorted(groups.items())
    }


def _faults(kept: Sequence[Incident], matched: Matched, ground: Ground) -> tuple[dict[str, object], dict[str, object]]:
    """Return how well faults are told from events; what was not told at all counts as missed."""
    numbers = [
        number
        for number, truth in enumerate(ground.truths)
        if truth.category == FAULT or (truth.category == EVENT and not truth.sd < ASKED_SD)
    ]
    true = np.array([ground.truths[number].category == FAULT for number in numbers], dtype=np.bool_)
    called = np.array([_called(kept, matched, ground, number) for number in numbers])
    faults = [number for number in numbers if ground.truths[number].category == FAULT]
    as_security = np.array([called[numbers.index(number)] == EVENT for number in faults], dtype=np.float64)
    told = called != ""
    kinds: dict[str, list[int]] = defaultdict(list)
    for number in faults:
        kinds[ground.truths[number].kind].append(numbers.index(number))
    figures: dict[str, object] = {
        "faults": len(faults),
        "fault_macro_f1": rounded(_macro(true, called), 3),
        "fault_macro_f1_of_told": rounded(_macro(true[told], called[told]), 3),
        "faults_as_security": _mean(as_security),
        "faults_by_kind": {
            kind: {
                "told": rounded(float(np.mean(called[rows] == FAULT)), 3),
                "as_security": rounded(float(np.mean(called[rows] == EVENT)), 3),
                "of": len(rows),
            }
            for kind, rows in sorted(kinds.items())
        },
    }
    ends: dict[str, object] = {
        "fault_macro_f1": _ends(interval_90(len(true), lambda rows: _macro(true[rows], called[rows]), seed=SEED)),
        "faults_as_security": _ends(_means_of(as_security)),
    }
    return figures, ends


def _called(kept: Sequence[Incident], matched: Matched, ground: Ground, number: int) -> str:
    """Return what a happening was told as: `event`, `fault`, or nothing.

    A fault is called an event when a security incident is about it and about no event; an incident of an event nearby is not
    held against it. An event is called a fault only when no security incident is about it.
    """
    about = matched.of_truth.get(number, ())
    if ground.truths[number].category == EVENT:
        categories = [kept[place].category for place, _ in about]
        return EVENT if EVENT in categories else FAULT if categories else ""
    mistaken = [
        place
        for place, _ in about
        if kept[place].category == EVENT and EVENT not in _categories(matched, ground, place)
    ]
    return EVENT if mistaken else FAULT if any(kept[place].category == FAULT for place, _ in about) else ""


def _macro(true: NDArray[np.bool_], called: NDArray[np.str_]) -> float:
    """Return the mean of the F1 of faults and the F1 of events; `true` says which are faults."""
    each = [
        f1(
            float(((called == name) & of).sum()),
            float(((called == name) & ~of).sum()),
            float(((called != name) & of).sum()),
        )
        for name, of in ((FAULT, true), (EVENT, ~true))
    ]
    return float(np.mean(each))


def _means_of(values: NDArray[np.float64]) -> list[float] | None:
    return interval_90(len(values), lambda rows: float(values[rows].mean()), seed=SEED)


def _mean(values: NDArray[np.float64]) -> float | None:
    return rounded(float(values.mean()), 3) if len(values) else None


def _ends(ends: list[float] | None) -> list[float | None] | None:
    return None if ends is None else [rounded(end, 3) for end in ends]
