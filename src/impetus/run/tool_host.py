"""The host of one sensing tool: observations from the bus in, findings with their evidence onto the bus.

The host, not the tool, does everything that touches the world. It hands the tool read-only columns and the time, checks
that what comes back is what the manifest declares, and keeps a snapshot, so that a killed tool resumes where it stood. A
message is read at least once; findings have deterministic keys, so a second delivery changes nothing. Only findings that
are durably on the bus are behind a snapshot: a snapshot is never written while some wait.

A batch on which a tool raises is not given to it again: the last good state is kept, the batch is counted as dropped, and
the process ends with the error, to be restarted by the supervisor and shown on the board.
"""

import logging
import pickle
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from impetus.core.errors import ImpetusError, Misconfigured, NotNow, OurFault, Refused
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import Offset, ToolId
from impetus.core.manifest import Manifest, Senses
from impetus.core.observation import Batch, Catalogue, concatenate
from impetus.core.text import Phrase
from impetus.core.tool import SensingTool, Setting
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.stop_watch import StopWatch
from impetus.ethics.prohibited_site import say
from impetus.run.gate import Gate, NotCleared
from impetus.run.heartbeat import Heart
from impetus.run.output_guard import OutputGuard
from impetus.run.parts import prohibitions
from impetus.run.snapshot import Stamp, read_snapshot, write_snapshot
from impetus.run.standing import StandingWriter
from impetus.run.telling_back import TellingBack
from impetus.run.tools import InstalledTool, find_tool
from impetus.run.warm import warm
from impetus.settings import Settings
from impetus.wiring import open_desk

READ_MESSAGES = 64
"""Messages read at once: enough to fill columns, few enough to stop soon."""
MAX_ROWS = 4_096
"""Readings handed to a tool at once: a tool as slow as 2,000 a second still stops within two seconds."""
WAIT_S = 0.5
BEAT_S = 1.0
SNAPSHOT_S = 10.0
LONGEST_BACK_OFF_S = 5.0
EXPLANATION_FAILED = "explanation failed: {error}"

log = logging.getLogger(__name__)


def run(settings: Settings, heart: Heart, tool: str) -> None:
    """Host one tool until told to stop."""
    desk = open_desk(settings)
    try:
        refuse_prohibited(settings, tool)
        if Gate(desk, tool).wait(heart):
            Host(desk, find_tool(tool), settings, heart).run()
    finally:
        desk.close()


def refuse_prohibited(settings: Settings, tool: str) -> None:
    """Raise `Refused` when what the tool is configured to do is prohibited, whatever the plan or the register said."""
    refusals = prohibitions(settings, tool)
    if refusals:
        raise Refused(
            f"{tool} may not run: {say(refusals)}",
            rule=refusals[0].rule,
            value=", ".join(refusals[0].components),
            source=refusals[0].article,
            remedy=f"allowed would be: {refusals[0].what_would_be_allowed}",
        )


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a host counts: readings taken in since the last beat, messages lost, findings not published, and faults."""

    readings: int = 0
    dropped: int = 0
    refused: int = 0
    limited: int = 0
    unexplained: int = 0
    unreadable: int = 0
    stopped: int = 0
    prohibited: int = 0
    remark: str = ""

    def note(self) -> str:
        """Say what went wrong, empty when nothing did."""
        named = {
            "messages lost": self.dropped,
            "messages unreadable": self.unreadable,
            "findings against the manifest": self.refused,
            "findings over the limit": self.limited,
            "explanations failed": self.unexplained,
            "findings about what a person stopped": self.stopped,
            "outputs no tool may give": self.prohibited,
        }
        said = [f"{count} {name}" for name, count in named.items() if count]
        return "; ".join([*said, *([self.remark] if self.remark else [])])

    def lost(self) -> int:
        """Return everything that came in or out and was not kept."""
        return self.dropped + self.unreadable + self.refused + self.limited + self.prohibited


class Host:
    """One tool, its place in the bus, its snapshot and its guard."""

    def __init__(self, desk: Desk, installed: InstalledTool, settings: Settings, heart: Heart) -> None:
        self.desk = desk
        self.heart = heart
        self.manifest = _sensing(installed)
        self.gate = Gate(desk, installed.id)
        self.gate.require()
        self.factory = installed.factory()
        warm(self.factory, heart)
        self.directory = settings.home / "tools" / installed.id
        self.settings = tool_settings(settings, installed.id, self.factory)
        self.guard = Guard(manifest=self.manifest, desk=desk)
        self.tally = self.guard.tally
        self.stops = StopWatch(desk)
        self.standing = StandingWriter(tool=installed.id)
        self.back = TellingBack(tool=installed.id)
        self.catalogue = self._catalogue()
        self.guard.outputs.learn(self.catalogue)
        self.stamp = Stamp(
            tool=installed.id,
            version=self.manifest.version,
            manifest_hash=installed.manifest_hash,
            offset=self.desk.bus.status(OBSERVATIONS).first,
            catalogue_version=self.catalogue.version,
        )
        self.tool, self.good = self._resumed()
        self.back.told_us = self.stamp.told_us
        self.wanted, self.admitted = self._mask(), self.gate.version
        self.halfway = False
        self._beaten_s = self._ticked_s = self._saved_s = desk.clock.monotonic_s()

    def run(self) -> None:
        """Take turns until told to stop or no longer cleared, then leave a snapshot."""
        try:
            while not self.heart.stopping.is_set():
                self.turn()
                if not self.heart.stopping.is_set():
                    self.desk.bus.wait(OBSERVATIONS, self.stamp.offset, timeout_s=WAIT_S)
        except NotCleared:
            self.save()
            raise
        self.save()

    def turn(self) -> None:
        """Take in what is on the bus now, let time pass, look after the snapshot, and beat; `NotCleared` at any moment."""
        self.gate.require()
        if self._is_stopped():
            return
        self._look_at_catalogue()
        self._skip_gap()
        messages = self.desk.bus.read(OBSERVATIONS, self.stamp.offset, limit=READ_MESSAGES)
        waiting: list[Batch] = []
        for position, message in enumerate(messages):
            waiting.append(self._decoded(message.body))
            if position == len(messages) - 1 or sum(map(len, waiting)) >= MAX_ROWS:
                self._take(self._wanted(concatenate(waiting)), through=message.offset)
                waiting = []
            if self.heart.stopping.is_set():
                return
        self._look_after()

    def save(self) -> None:
        """Write the snapshot, unless findings wait or a message is half taken in; a full disk is tried again later."""
        if self.guard.waiting or self.halfway:
            return
        self.good = pickle.dumps(self.tool, protocol=pickle.HIGHEST_PROTOCOL)
        self.stamp = replace(self.stamp, told_us=self.back.told_us)
        try:
            write_snapshot(self.directory, replace(self.stamp, dropped=self.tally.dropped), self.good)
            self.tally.remark = ""
        except NotNow as error:
            self.tally.remark = error.detail

    def _take(self, wanted: Batch, *, through: int) -> None:
        """Hand the tool whole messages, a slice at a time; looks after everything else in between."""
        self.halfway = True
        for first in range(0, len(wanted), MAX_ROWS):
            if self._is_stopped():
                return
            rows = self._not_stopped(wanted.take(np.arange(first, min(first + MAX_ROWS, len(wanted)))))
            self._observe(_read_only(rows), through)
            self._look_after()
            if self.heart.stopping.is_set():
                return
        self.halfway = False
        self.stamp = replace(self.stamp, offset=Offset(through))

    def _observe(self, readings: Batch, through: int) -> None:
        """Hand the tool some readings and publish what it says."""
        self.gate.require()
        try:
            findings = self.tool.observe(readings, at=self.desk.clock.now())
        except Exception as error:
            self._give_up(through)
            raise OurFault(
                f"tool {self.manifest.id} raised on {len(readings)} readings: {error!r}",
                value=self.manifest.id,
                remedy="it resumes after them; report the error to who made the tool",
            ) from error
        self.tally.readings += len(readings)
        self._publish(findings)

    def _give_up(self, through: int) -> None:
        """Let the restarted tool resume from its last good state behind the batch it raised on."""
        self.tally.dropped += through - self.stamp.offset
        self.stamp = replace(self.stamp, offset=Offset(through), dropped=self.tally.dropped)
        try:
            write_snapshot(self.directory, self.stamp, self.good)
        except NotNow:
            log.exception("the batch may be given to the tool again")

    def _publish(self, findings: Sequence[Finding]) -> None:
        """Put findings on the bus; while it is full, wait and beat, until it takes them or we are to stop."""
        self.guard.admit(self._still_wanted(findings), self.tool)
        wait_s = 0.1
        while self.guard.waiting and not self._is_stopped():
            try:
                self.guard.publish()
            except NotNow as error:
                self.tally.remark = error.detail
                self.beat()
                if self.heart.stopping.wait(min(wait_s, error.retry_after_s, LONGEST_BACK_OFF_S)):
                    return
                wait_s = min(wait_s * 2, 1.0)
            else:
                self.tally.remark = "" if wait_s > 0.1 else self.tally.remark  # noqa: PLR2004  # it had to wait: over now

    def _is_stopped(self) -> bool:
        """Say whether a person stopped this tool, and end if so: the supervisor kills it anyway, this is the second lock."""
        found = self.stops.standing().of_tool(self.manifest.id)
        if found is not None:
            self.tally.remark = found.note()
            self.guard.waiting.clear()
            self.heart.stopping.set()
        return found is not None

    def _not_stopped(self, batch: Batch) -> Batch:
        """Return the readings without those of stopped sources and cameras, whenever they came onto the bus."""
        stopped = self.stops.rows(batch, self.catalogue)
        return batch if stopped is None else batch.take(~stopped)

    def _still_wanted(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return the findings that speak of nothing a person stopped meanwhile; the others are counted."""
        numbers = set(self.stops.numbers(self.catalogue).tolist())
        wanted = [finding for finding in findings if not numbers.intersection(finding.datastreams)]
        self.tally.stopped += len(findings) - len(wanted)
        return wanted

    def _look_after(self) -> None:
        """Tick, beat and save when it is time."""
        now_s = self.desk.clock.monotonic_s()
        if now_s - self._ticked_s >= BEAT_S:
            self._ticked_s = now_s
            self._publish(self.tool.tick(at=self.desk.clock.now()))
        self.standing.look(self.desk.standings, self.tool, at=self.desk.clock.now(), now_s=now_s)
        self.back.look(self.desk, self.tool, now_s=now_s)
        if now_s - self._beaten_s >= BEAT_S:
            self.beat()
        if now_s - self._saved_s >= SNAPSHOT_S:
            self._saved_s = now_s
            self.save()

    def beat(self) -> None:
        """Say that the tool is alive, how fast and how far behind."""
        now_s = self.desk.clock.monotonic_s()
        rate_per_s = self.tally.readings / max(now_s - self._beaten_s, 1e-3)
        behind = max(0, self.desk.bus.status(OBSERVATIONS).last - self.stamp.offset)
        self.heart.beat(rate_per_s=rate_per_s, lag=behind, dropped=self.tally.lost(), note=self._note())
        self._beaten_s, self.tally.readings = now_s, 0

    def _note(self) -> str:
        """Say what went wrong with the tool's findings and with what the screens know of it."""
        return "; ".join(filter(None, (self.tally.note(), self.standing.remark, self.back.remark)))

    def _decoded(self, body: bytes) -> Batch:
        """Return the readings of a message; one that cannot be read is counted and costs nothing else."""
        try:
            return self.desk.columns.decode(body)
        except ImpetusError:
            self.tally.unreadable += 1
            log.exception("a message of %d bytes is skipped", len(body))
            return concatenate([])

    def _wanted(self, batch: Batch) -> Batch:
        """Return the readings of properties the manifest names."""
        inside = (batch.datastream >= 0) & (batch.datastream < len(self.wanted))
        return batch.take(inside & self.wanted[np.where(inside, batch.datastream, 0)])

    def _mask(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        mask = np.zeros(self.catalogue.highest_id() + 1, dtype=np.bool_)
        for identity, datastream in self.catalogue.datastreams.items():
            is_sensed = not self.manifest.properties or datastream.observed_property in self.manifest.properties
            mask[identity] = is_sensed and self.gate.admits(datastream)
        return mask

    def _catalogue(self) -> Catalogue:
        with self.desk.store.read() as unit:
            return unit.sources.catalogue()

    def _look_at_catalogue(self) -> None:
        """Let the tool learn a changed catalogue before it sees readings of new datastreams."""
        with self.desk.store.read() as unit:
            changed = unit.sources.catalogue_version() != self.catalogue.version or self.gate.version != self.admitted
        if changed:
            self.catalogue = self._catalogue()
            self._learn()

    def _learn(self) -> None:
        self.tool.learn(self.catalogue)
        self.guard.outputs.learn(self.catalogue)
        self.wanted, self.admitted = self._mask(), self.gate.version
        self.stamp = replace(self.stamp, catalogue_version=self.catalogue.version)

    def _skip_gap(self) -> None:
        gap = self.desk.bus.gap(OBSERVATIONS, self.stamp.offset)
        if gap is not None:
            self.tally.dropped += gap.lost
            self.stamp = replace(self.stamp, offset=Offset(gap.resume - 1))

    def _resumed(self) -> tuple[SensingTool, bytes]:
        """Return the tool of the snapshot, or a fresh one: at the oldest message when it is new, at the end otherwise."""
        found = read_snapshot(self.directory, self.stamp)
        if isinstance(found, tuple):
            stamp, tool, pickled = found
            self.tally.dropped = stamp.dropped
            self.stamp = replace(stamp, catalogue_version=self.catalogue.version)
            if stamp.catalogue_version != self.catalogue.version:
                tool.learn(self.catalogue)
            return tool, pickled
        status = self.desk.bus.status(OBSERVATIONS)
        self.stamp = replace(self.stamp, offset=Offset(max(0, status.first - 1) if found is None else status.last))
        if found is not None:
            self.tally.remark = found
            log.warning("%s: %s; it starts anew", self.manifest.id, found)
        fresh = self.factory.create(self.settings, self.catalogue)
        return fresh, pickle.dumps(fresh, protocol=pickle.HIGHEST_PROTOCOL)


@dataclass(slots=True, kw_only=True)
class Guard:
    """Between a tool and the bus: nothing passes that the manifest does not declare, or faster than it may."""

    manifest: Manifest
    desk: Desk
    tally: Tally = field(default_factory=Tally)
    waiting: list[bytes] = field(default_factory=list)
    times_s: deque[float] = field(default_factory=deque)
    outputs: OutputGuard = field(init=False)

    def __post_init__(self) -> None:
        """Put the last look before the bus; nobody can construct a guard without it."""
        self.outputs = OutputGuard(desk=self.desk, tool=self.manifest.id)

    def admit(self, findings: Sequence[Finding], tool: SensingTool) -> None:
        """Check, explain and encode findings; those refused or over the limit are counted."""
        for finding in findings:
            if finding.tool != self.manifest.id or finding.kind not in self.manifest.emits:
                self.tally.refused += 1
            elif not self._within_limit():
                self.tally.limited += 1
            else:
                self._encode(finding, tool)

    def publish(self) -> None:
        """Put what waits on the bus, all or none; `NotNow` leaves it waiting."""
        self.desk.bus.publish(FINDINGS, self.waiting)
        self.waiting.clear()

    def _encode(self, finding: Finding, tool: SensingTool) -> None:
        evidence = self._evidence(finding, tool)
        if not self.outputs.passes(finding, evidence):
            self.tally.prohibited += 1
            return
        try:
            self.waiting.append(self.desk.codec.encode_finding(finding, evidence))
        except ImpetusError:
            self.tally.refused += 1
            log.exception("finding %s of %s cannot be sent", finding.key, finding.tool)

    def _evidence(self, finding: Finding, tool: SensingTool) -> Evidence:
        """Ask the tool to explain; a failure is counted and said in its place."""
        try:
            evidence = tool.explain(finding)
            self.desk.codec.encode_evidence(evidence)
            if evidence.finding == finding.key:
                return evidence
            error: Exception = ValueError("it is about another finding")
        except Exception as raised:  # noqa: BLE001  # a tool may raise anything; its finding must still be shown
            error = raised
        self.tally.unexplained += 1
        log.warning("finding %s of %s: %s", finding.key, finding.tool, error)
        said = Phrase(template=EXPLANATION_FAILED, values={"error": repr(error)})
        return Evidence(finding=finding.key, summary=said)

    def _within_limit(self) -> bool:
        now_s = self.desk.clock.monotonic_s()
        while self.times_s and now_s - self.times_s[0] >= 60.0:  # noqa: PLR2004  # a minute, as the limit's name says
            self.times_s.popleft()
        if len(self.times_s) >= self.manifest.limits.findings_per_min:
            return False
        self.times_s.append(now_s)
        return True


def _read_only(batch: Batch) -> Batch:
    for column in (batch.datastream, batch.time_us, batch.result):
        column.setflags(write=False)
    return batch


def tool_settings(settings: Settings, tool: ToolId, factory: type[SensingTool]) -> dict[str, Setting]:
    """Return what a tool is configured with: its own table, and the site's time zone if it has such a setting."""
    chosen: dict[str, Setting] = dict(settings.tool_settings.get(tool, {}))
    if "timezone" not in chosen and "timezone" in getattr(factory, "SITE_SETTINGS", ()):
        chosen["timezone"] = settings.timezone
    return chosen


def _sensing(installed: InstalledTool) -> Manifest:
    manifest = installed.manifest
    if manifest is None or manifest.senses is not Senses.OBSERVATIONS:
        raise Misconfigured(
            f"tool {installed.id} does not sense observations",
            value=installed.id,
            limit=Senses.OBSERVATIONS,
            remedy="host it with the role of findings",
        )
    return manifest
