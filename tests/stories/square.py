"""A square with cameras and a keeper that watches them, its disk and its retention, for stories."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from impetus.core.actor import console, platform
from impetus.core.board import Rule
from impetus.core.finding import Finding
from impetus.core.ids import DatastreamKey, Offset, SourceId
from impetus.core.observation import Batch, Datastream, batch_of, to_us
from impetus.desk.context import FINDINGS, OBSERVATIONS
from impetus.desk.declare_source import declare, read_document
from impetus.desk.platform_finding import publish_findings
from impetus.desk.sweep import Keep, SweepReport, sweep
from impetus.desk.watch_disk import Disk, watch_disk
from impetus.desk.watch_freshness import Watched, watch_freshness
from impetus.testing.desk import clock_of
from stories.story import Act, Expected, Story
from stories.words import fuse

SQUARE = SourceId("square")
GIB = 1024**3
DAY = timedelta(days=1)
KEEP = Keep(observations=10 * DAY, alerts=20 * DAY, evidence=15 * DAY, quarantine=5 * DAY)


@dataclass
class Square:
    """Cameras C1, C2, … of one source, each of which promised a reading a minute, and what its keeper remembers."""

    story: Story
    cameras: int = 3
    freshness_s: float = 60.0
    source_freshness_s: float = 0.0
    heard: dict[str, datetime] = field(default_factory=dict)
    silent: dict[str, datetime] = field(default_factory=dict)
    low_since: datetime | None = None
    report: SweepReport | None = None

    def __post_init__(self) -> None:
        """Declare the cameras, and begin to watch."""
        things = [
            {
                "key": f"c{number}",
                "name": f"Camera C{number}",
                "position": [10.7 + number * 0.1, 59.9],
                "datastreams": [{"property": "frames", "unit": "1", "freshness_s": self.freshness_s}],
            }
            for number in range(1, self.cameras + 1)
        ]
        source = {"id": SQUARE, "name": "The square", "freshness_s": self.source_freshness_s}
        stored = declare(self.story.desk, console(), read_document({"source": source, "things": things}))
        self.streams: dict[str, Datastream] = {each.thing_name.split()[1]: each for each in stored}
        self.started = self.story.desk.clock.now()

    def speak(self, *names: str) -> Act:
        """Let readings of these cameras arrive, of all of them when none is named."""
        spoke = names or tuple(self.streams)

        def arrive(story: Story) -> None:
            at = story.desk.clock.now()
            self.heard.update(dict.fromkeys(spoke, at))
            batch = batch_of([self.streams[name].id for name in spoke], [to_us(at)] * len(spoke), [25.0] * len(spoke))
            self._take_in(batch)
            with story.desk.store.write() as unit:
                unit.sources.count(SQUARE, {Rule.ACCEPTED: len(spoke)}, at)

        return Act(says=f"{', '.join(spoke)} report", does=arrive)

    def _take_in(self, batch: Batch) -> None:
        desk = self.story.desk
        offset = desk.bus.publish(OBSERVATIONS, [desk.columns.encode(batch)])
        desk.history.append(batch, "observations", through=offset)
        desk.history.flush()

    def keeper_looks(self) -> Act:
        """Let the keeper look once at who is silent, and say what is new."""

        def look(story: Story) -> None:
            at = story.desk.clock.now()
            found, self.silent = watch_freshness(self._watched(), self.silent, started=self.started, at=at)
            self._tell(found)

        return Act(says="the keeper looks who is silent", does=look)

    def _watched(self) -> Sequence[Watched]:
        """Return everybody who promised to speak, as the keeper's watches do."""
        source = Watched(
            source=SQUARE,
            name="The square",
            limit_s=self.source_freshness_s,
            seen=max(self.heard.values(), default=None),
        )
        streams = [
            Watched(
                source=SQUARE,
                name=each.thing_name,
                limit_s=each.freshness_s,
                seen=self.heard.get(name),
                datastream=each.id,
                key=DatastreamKey(each.key),
                point=each.point,
            )
            for name, each in self.streams.items()
        ]
        return [source, *streams]

    def disk_has(self, free_gib: float, total_gib: float = 100.0) -> Act:
        """Let the keeper find so much of the disk free."""

        def look(story: Story) -> None:
            disk = Disk(free_bytes=int(free_gib * GIB), total_bytes=int(total_gib * GIB))
            found, self.low_since = watch_disk(disk, self.low_since, at=story.desk.clock.now())
            self._tell(found)

        return Act(says=f"{free_gib:g} of {total_gib:g} GiB are free", does=look)

    def _tell(self, found: Sequence[Finding]) -> None:
        """Publish what was found, and let the story be about the alert that the last of it became."""
        if not found:
            return
        publish_findings(self.story.desk, found)
        fuse(self.story)
        with self.story.desk.store.read() as unit:
            became = unit.findings.alert_of(found[-1].key)
        assert became is not None
        self.story.alert_id = became

    def days_pass(self, days: float) -> Act:
        """Let days pass, at the end of which the keeper erases what is due, piece by piece until nothing is."""

        def wait(story: Story) -> None:
            clock_of(story.desk).advance(days * 86_400)
            self.report = sweep(story.desk, platform("keeper"), KEEP)
            while not self.report.is_complete:
                self.report = sweep(story.desk, platform("keeper"), KEEP)

        return Act(says=f"{days:g} days pass", does=wait)

    def readings_left(self, count: int) -> Expected:
        """Expect so many readings to be left, in history and on the bus alike."""

        def fails(story: Story) -> str:
            desk, at = story.desk, story.desk.clock.now()
            ids = [each.id for each in self.streams.values()]
            kept = len(desk.history.read(ids, at - 400 * DAY, at + DAY))
            messages = desk.bus.read(OBSERVATIONS, Offset(0), limit=10_000)
            on_bus = sum(len(desk.columns.decode(message.body)) for message in messages)
            return "" if kept == on_bus == count else f"{kept} in history, {on_bus} on the bus"

        return Expected(says=f"{count} readings are left", fails=fails)

    def findings_left(self, count: int) -> Expected:
        """Expect so many findings to be left on the bus."""

        def fails(story: Story) -> str:
            left = len(story.desk.bus.read(FINDINGS, Offset(0), limit=10_000))
            return "" if left == count else f"{left} findings on the bus"

        return Expected(says=f"{count} findings are left", fails=fails)
