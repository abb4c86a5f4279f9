"""What is told of readings that were looked at in every way: events to operators, faults to maintainers, in the order of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId
from impetus.core.observation import Catalogue
from impetus.core.standing import FaultKind
from impetus.tools.urban_anomaly.calibrate import reaches
from impetus.tools.urban_anomaly.columns import Columns
from impetus.tools.urban_anomaly.detect import Mark
from impetus.tools.urban_anomaly.events import Events
from impetus.tools.urban_anomaly.fault_words import fault_finding
from impetus.tools.urban_anomaly.faults import Fault, Looked
from impetus.tools.urban_anomaly.group import Carrier, Event
from impetus.tools.urban_anomaly.region import Around
from impetus.tools.urban_anomaly.seen import Seen

COVERAGE = 0.9
"""Share of readings that the range in a sentence and in a plot holds."""
MAX_FAULTS = 100
"""Fault findings of one call; a storm of them is one broken network, and the rest are left out and counted."""
WHOLE_THING = frozenset({FaultKind.CLOCK, FaultKind.MISSING})
"""Faults of a thing, whichever of its datastreams shows them: told once."""
BEGAN, ENDED = 1, 2


@dataclass(slots=True, kw_only=True)
class Conditions:
    """Faults that last, by thing and kind, each with the datastreams that show it and how it was first told. Mutable."""

    catalogue: Catalogue
    lasting: dict[tuple[str, FaultKind], tuple[Fault, set[int]]] = field(default_factory=dict)
    left_out: int = 0

    def told(self, faults: Sequence[Fault], *, at: datetime) -> list[Finding]:
        """Return the findings of faults that begin or end, one a thing where it is the thing's, no more than a storm of them."""
        findings: list[Finding] = []
        for fault in faults:
            finding = self._one(fault, at)
            findings += [] if finding is None else [finding]
        self.left_out += max(0, len(findings) - MAX_FAULTS)
        return findings[:MAX_FAULTS]

    def of(self, datastream: int) -> FaultKind:
        """Return what is wrong with a datastream now, the first found; `NONE` when nothing is."""
        found = (kind for (_, kind), (_, shown) in self.lasting.items() if datastream in shown)
        return next(found, FaultKind.NONE)

    def learn(self, catalogue: Catalogue) -> None:
        """Forget faults of what was withdrawn; a thing's lasts while a datastream that is left shows it."""
        self.catalogue = catalogue
        known = {int(one) for one in catalogue.datastreams}
        self.lasting = {key: (fault, shown & known) for key, (fault, shown) in self.lasting.items() if shown & known}

    def _one(self, fault: Fault, at: datetime) -> Finding | None:
        datastream = self.catalogue.datastreams[DatastreamId(fault.datastream)]
        if fault.kind is FaultKind.SPIKE:
            return fault_finding(fault, [datastream], at=at)
        whole = fault.kind in WHOLE_THING
        streams = [each for each in self.catalogue.datastreams.values() if each.thing == datastream.thing]
        streams = sorted(streams, key=lambda each: each.id) if whole else [datastream]
        key = (str(datastream.thing) if whole else f"{datastream.thing}#{datastream.id}", fault.kind)
        first, shown = self.lasting.get(key, (fault, set()))
        if not fault.over:
            self.lasting[key] = (first, shown | {fault.datastream})
            return None if shown else fault_finding(fault, streams, at=at)
        shown.discard(fault.datastream)
        if shown or key not in self.lasting:
            return None
        del self.lasting[key]
        ended = Fault(
            datastream=first.datastream,
            kind=fault.kind,
            since_us=first.since_us,
            at_us=fault.at_us,
            value=first.value,
            over=True,
        )
        return fault_finding(ended, streams, at=at)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Telling:
    """Readings with all that was found of them, ready to be told."""

    seen: Seen
    around: Around
    looked: Looked
    columns: Columns

    def findings(self, events: Events, conditions: Conditions, *, at: datetime) -> Iterator[Finding]:
        """Yield what there is to say, oldest first."""
        for time_us, entries in self._by_time(self._chosen(events)):
            faults: list[Fault] = []
            for entry in entries:
                faults += self._faults(entry, events)
                self._carried(entry, events)
            yield from conditions.told(faults, at=at)
            yield from events.told(time_us, at=at)

    def _chosen(self, events: Events) -> NDArray[np.intp]:
        """Return the readings that may change what is told: marked ones, and all of datastreams in an event."""
        seen, looked = self.seen, self.looked
        marked = (seen.mark != Mark.NOTHING) | (self.around.mark != 0).any(axis=0)
        chosen = marked | (looked.began != 0) | (looked.over != 0)
        watched = [*events.watched(), *np.unique(seen.ids[marked]).tolist()]
        return np.flatnonzero(chosen | np.isin(seen.ids, watched) if watched else chosen)

    def _by_time(self, entries: NDArray[np.intp]) -> Iterator[tuple[int, list[int]]]:
        for time_us, group in groupby(entries.tolist(), key=lambda entry: int(self.seen.time_us[entry])):
            yield time_us, list(group)

    def _faults(self, entry: int, events: Events) -> Iterator[Fault]:
        """Yield the faults that begin or end with a reading; what broke takes no part in an event."""
        looked, seen = self.looked, self.seen
        for code, over in ((int(looked.over[entry]), True), (int(looked.began[entry]), False)):
            if not code:
                continue
            kind = FaultKind(code)
            if not over and kind is not FaultKind.SPIKE:
                events.broken(DatastreamId(int(seen.ids[entry])))
            yield Fault(
                datastream=int(seen.ids[entry]),
                kind=kind,
                since_us=int(looked.since_us[entry]),
                at_us=int(seen.time_us[entry]),
                value=float(looked.about[entry]),
                over=over,
            )

    def _carried(self, entry: int, events: Events) -> None:
        """Let an event begin, grow or end, by each way of looking."""
        mark = int(self.seen.mark[entry])
        marks = [
            (Carrier.OWN, {Mark.STARTED: BEGAN, Mark.ENDED: ENDED}.get(Mark(mark), 0)),
            *((carrier, int(self.around.mark[carrier, entry])) for carrier in (Carrier.REGION, Carrier.ALONE)),
        ]
        for carrier, what in marks:
            if what == BEGAN:
                events.started(self._event(entry, carrier))
        for carrier, what in marks:
            if what == ENDED:
                events.calmed(DatastreamId(int(self.seen.ids[entry])), carrier, int(self.seen.time_us[entry]))
        events.grew(self._event(entry, Carrier.OWN))

    def _event(self, entry: int, carrier: Carrier) -> Event:
        seen = self.seen
        one = int(seen.ids[entry])
        ids = np.array([one])
        reach = float(reaches(self.columns.sizes[:, ids], self.columns.readings[ids], COVERAGE)[0])
        strength = float(seen.z[entry] if carrier is Carrier.OWN else self.around.strength[carrier, entry])
        return Event(
            datastream=DatastreamId(one),
            time_us=int(seen.time_us[entry]),
            z=float(seen.z[entry]),
            value=float(seen.value[entry]),
            expected=float(seen.expected[entry]),
            scale=float(seen.scale[entry]),
            one_in=float(seen.one_in[entry]),
            strength=strength,
            carrier=carrier,
            fellows=int(self.around.count[entry]),
            reach=reach,
            coverage=COVERAGE,
            suspect=int(self.looked.suspect[entry]),
        )
