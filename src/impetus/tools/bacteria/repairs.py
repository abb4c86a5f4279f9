"""When a sampler's fault begins and when it is over: one finding each, however many samples it spoils."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from impetus.core.ids import ThingKey
from impetus.tools.bacteria.detect import Judged
from impetus.tools.bacteria.faults import SET_ASIDE, Fault

WELL_AFTER = 2
"""Sound samples in a row after which a fault is over; one may be luck. House rule."""
LEAST: Mapping[Fault, int] = MappingProxyType({Fault.MISSING: 3, Fault.FLAGGED: 2})
"""Samples in a row of which a fault is made, where one alone is ordinary: a lost reading, a reader's own doubt. House rule."""


@dataclass(slots=True, kw_only=True)
class Trouble:
    """A sampler's fault that lasts."""

    judged: Judged
    began_us: int
    well: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A fault to tell maintenance of: it began, or it is over."""

    judged: Judged
    began_us: int
    over: bool


@dataclass(slots=True, kw_only=True)
class Repairs:
    """Lasting faults by sampler; mutable, pickles, bounded by samplers."""

    troubles: dict[ThingKey, Trouble] = field(default_factory=dict)
    before: dict[ThingKey, tuple[Fault, int]] = field(default_factory=dict)

    def saw(self, judged: Judged) -> Iterator[Repair]:
        """Take in a judged sample and yield what there is to tell maintenance."""
        thing, trouble = judged.sample.thing, self.troubles.get(judged.sample.thing)
        last, run = self.before.get(thing, (Fault.NONE, 0))
        run = run + 1 if last is judged.fault else 1
        self.before[thing] = (judged.fault, run)
        if not judged.fault:
            if trouble is not None:
                trouble.well += 1
                if trouble.well >= WELL_AFTER:
                    yield from self._over(thing, judged)
            return
        if judged.fault in SET_ASIDE:
            return
        if trouble is not None and trouble.judged.fault is judged.fault:
            trouble.well = 0
            return
        if run < LEAST.get(judged.fault, 1):
            return
        yield from self._over(thing, judged)
        self.troubles[thing] = Trouble(judged=judged, began_us=judged.sample.time_us)
        yield Repair(judged=judged, began_us=judged.sample.time_us, over=False)

    def fault_of(self, thing: ThingKey) -> Fault:
        """Return the fault a sampler has."""
        trouble = self.troubles.get(thing)
        return trouble.judged.fault if trouble is not None else Fault.NONE

    def _over(self, thing: ThingKey, judged: Judged) -> Iterator[Repair]:
        trouble = self.troubles.pop(thing, None)
        if trouble is not None:
            ended = replace(judged, fault=trouble.judged.fault)
            yield Repair(judged=ended, began_us=trouble.began_us, over=True)
