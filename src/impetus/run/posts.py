"""The part of the demonstration that reads the simulated posts: a rule says which matter, and authors go behind pseudonyms.

A handle comes as far as this process and no further: before anything is published it is put behind a pseudonym of this
part's domain and this day, and what it stands for is sealed. Without a key for the day nothing is said at all, and the board
says why. It goes the way of any tool: past the register's gate, the guard of outputs and the kill switch. It starts only
where input is simulated.
"""

import logging
from datetime import datetime

from impetus.core.actor import platform
from impetus.core.errors import NotNow, Refused, Unknown
from impetus.core.evidence import Author, Evidence
from impetus.core.finding import Finding
from impetus.demo.posts.feed import Post, posts
from impetus.demo.posts.notice import TOOL, named, notice
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.identities import pseudonymise
from impetus.desk.stop_watch import StopWatch
from impetus.ethics.pseudonym import IdentityKind, period_of
from impetus.run.gate import Gate
from impetus.run.heartbeat import Heart
from impetus.run.output_guard import OutputGuard
from impetus.run.simulator import speed_of
from impetus.run.tool_host import refuse_prohibited
from impetus.settings import Settings
from impetus.wiring import open_desk

LOOK_EVERY_S = 1.0
ACTOR = platform(str(TOOL))
SIMULATED = "simulated posts"

log = logging.getLogger(__name__)


class Watch:
    """The feed of one installation, its gate and its guard. `began` is when the scenario began."""

    def __init__(self, desk: Desk, heart: Heart, *, began: datetime, speed: float = 1.0) -> None:
        self._desk, self._heart, self._speed = desk, heart, speed
        self._began = self._through = began
        self._gate, self._stops = Gate(desk, TOOL), StopWatch(desk)
        self._outputs = OutputGuard(desk=desk, tool=TOOL)
        self.read = self.said = self.refused = 0

    def run(self) -> None:
        """Take turns until told to stop or no longer cleared."""
        while not self._heart.stopping.is_set():
            self._heart.beat(note=self.turn())
            self._heart.stopping.wait(LOOK_EVERY_S)

    def turn(self) -> str:
        """Read what was posted since the last turn, and return what the board is to say; `NotCleared` at any moment."""
        self._gate.require()
        stop = self._stops.standing().of_tool(TOOL)
        if stop is not None:
            self._heart.stopping.set()
            return stop.note()
        now = self._desk.clock.now()
        try:
            for post in posts(self._began, self._through, now, speed=self._speed):
                self._take(post)
                self._through = post.at
        except (NotNow, Unknown) as error:
            return f"{SIMULATED}; waiting: {error.detail}"
        self._through = now
        return f"{SIMULATED}: {self.read} read, {self.said} shown"

    def _take(self, post: Post) -> None:
        """Judge one post; of one that does not matter nothing is kept, not even a pseudonym."""
        found = notice(post, self._author(post)) if named(post.text) else None
        if found is not None:
            self._say(*found)
        self.read += 1

    def _author(self, post: Post) -> Author:
        """Put the author behind a pseudonym; `Unknown` when the day has no key, and then nothing passes."""
        kind = IdentityKind.HANDLE
        name = pseudonymise(self._desk, ACTOR, TOOL, kind, post.author, at=post.at)
        return Author(domain=str(TOOL), period=period_of(post.at), pseudonym=name, kind=kind.value)

    def _say(self, finding: Finding, evidence: Evidence) -> None:
        """Publish a finding that the guard of outputs lets pass."""
        if not self._outputs.passes(finding, evidence):
            self.refused += 1
            return
        self._desk.bus.publish(FINDINGS, [self._desk.codec.encode_finding(finding, evidence)])
        self.said += 1


def run(settings: Settings, heart: Heart) -> None:
    """Watch the simulated posts until told to stop."""
    if not settings.simulated:
        raise Refused(
            "the posts are invented and this installation's input is real",
            rule="what is invented is shown only where input is simulated",
            value=settings.site,
            limit="simulated = true in impetus.toml",
            source="house rule",
            remedy=f"take {TOOL} out of tools",
        )
    desk = open_desk(settings)
    try:
        refuse_prohibited(settings, TOOL)
        if Gate(desk, TOOL).wait(heart):
            Watch(desk, heart, began=desk.clock.now(), speed=speed_of(settings)).run()
    finally:
        desk.close()
