"""The kill switch in words: what can be stopped, how a stop stands, and what it holds back. Pure.

A stop is one of a tool, a camera, a source, the site or all. It works first and is explained afterwards; only a person with
a name ends it. Today an installation is one site, so `site` and `all` hold back the same; `all` will reach further.

**Source**: Regulation (EU) 2024/1689 (AI Act), article 14(4)(e): a person can interrupt the system through a "stop" button
or a similar procedure that lets it come to a halt in a safe state; article 26(5): deployers suspend its use.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.errors import Malformed, Stopped
from impetus.core.lifecycle import Cell, Lifecycle

MAX_KEY = 160
_TOOL = re.compile(r"[a-z][a-z0-9_]{0,30}")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_THING = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,62}(/[a-z0-9][a-z0-9_.:-]{0,62}){0,4}")


class Scope(StrEnum):
    """What sort of thing is stopped."""

    TOOL = "tool"
    CAMERA = "camera"
    SOURCE = "source"
    SITE = "site"
    ALL = "all"


WHOLE = frozenset({Scope.SITE, Scope.ALL})
"""Scopes that need no name: every tool, the simulator and the ingest."""
_KEYS: Mapping[Scope, re.Pattern[str]] = {Scope.TOOL: _TOOL, Scope.CAMERA: _THING, Scope.SOURCE: _SOURCE}
WRITTEN = "tool:ID, camera:KEY, source:ID, site or all"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Target:
    """What is stopped; `key` is empty for the site and for all."""

    scope: Scope
    key: str = ""

    def __str__(self) -> str:
        """Return it as it is written, `tool:urban_anomaly` or `all`."""
        return f"{self.scope.value}:{self.key}" if self.key else self.scope.value


ALL = Target(scope=Scope.ALL)


def parse_target(text: str) -> Target:
    """Return what a person means by `tool:urban_anomaly`, `camera:square/c11`, `source:square`, `site` or `ALL`.

    Capitals do not matter: whoever stops something is in a hurry. `Malformed` names what is allowed.

    >>> str(parse_target(" Tool:Urban_Anomaly ")), str(parse_target("ALL"))
    ('tool:urban_anomaly', 'all')
    """
    word, colon, key = text.strip().lower().partition(":")
    if word in WHOLE and not colon:
        return Target(scope=Scope(word))
    if word in _KEYS and len(key) <= MAX_KEY and _KEYS[Scope(word)].fullmatch(key):
        return Target(scope=Scope(word), key=key)
    raise Malformed(
        f"{text[:100]!r} is nothing that can be stopped",
        value=text[:100],
        limit=WRITTEN,
        remedy="name one of these; `all` is always right",
    )


class StopState(StrEnum):
    """Where a stop stands."""

    STOPPED = "stopped"
    EXPLAINED = "explained"
    LIFTED = "lifted"


class StopEvent(StrEnum):
    """What can happen to a stop. `vanish`: its file was removed by hand, which lifts nothing."""

    STOP = "stop"
    EXPLAIN = "explain"
    VANISH = "vanish"
    LIFT = "lift"


_S, _E = StopState, StopEvent
_ENDING = (Effect.RECORD, Effect.SHOW, Effect.END, Effect.ASK_WHY)


def _to(state: StopState, *effects: Effect) -> Step:
    return Step(state=state, effects=effects or (Effect.RECORD, Effect.SHOW))


_TABLE: Mapping[StopState, Mapping[StopEvent, Cell]] = {
    _S.STOPPED: {
        _E.STOP: _to(_S.STOPPED, *_ENDING),
        _E.EXPLAIN: _to(_S.EXPLAINED),
        _E.VANISH: _to(_S.STOPPED, Effect.RECORD, Effect.SHOW, Effect.END),
        _E.LIFT: _to(_S.LIFTED, Effect.RECORD, Effect.SHOW, Effect.START),
    },
    _S.EXPLAINED: {
        _E.STOP: _to(_S.EXPLAINED, Effect.RECORD, Effect.SHOW, Effect.END),
        _E.EXPLAIN: _to(_S.EXPLAINED),
        _E.VANISH: _to(_S.EXPLAINED, Effect.RECORD, Effect.SHOW, Effect.END),
        _E.LIFT: _to(_S.LIFTED, Effect.RECORD, Effect.SHOW, Effect.START),
    },
    _S.LIFTED: {
        _E.STOP: _to(_S.STOPPED, *_ENDING),
        _E.EXPLAIN: "it was lifted, and its lifting says why",
        _E.VANISH: "its file is gone already",
        _E.LIFT: "it was lifted before",
    },
}
STOP_LIFECYCLE = Lifecycle(
    name="stop",
    states=tuple(StopState),
    events=tuple(StopEvent),
    table={(state, event): cell for state, row in _TABLE.items() for event, cell in row.items()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop: since when and by whom, why once somebody said so, and who lifted it.

    `by_hand`: it was a file somebody touched. `gone_at`: when its file was found removed, which lifts nothing.
    `trouble`: why it holds back more than its name says, empty when it does not.
    """

    target: Target
    state: StopState
    at: datetime
    by: str
    why: str = ""
    why_by: str = ""
    why_at: datetime | None = None
    by_hand: bool = False
    gone_at: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lifted_why: str = ""
    trouble: str = ""

    @property
    def is_in_force(self) -> bool:
        """Say whether it holds something back."""
        return self.state is not StopState.LIFTED

    @property
    def asks_why(self) -> bool:
        """Say whether nobody has given the reason yet."""
        return self.state is StopState.STOPPED and not self.why

    def note(self) -> str:
        """Say it in a few words, for the board and for whoever is refused."""
        said = f"stopped by {self.by} at {self.at:%Y-%m-%d %H:%M:%S} UTC"
        return f"{said} ({self.trouble})" if self.trouble else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Every stop in force at one moment. `trouble` says why nobody can tell; then everything is stopped: fails closed."""

    stops: tuple[Stop, ...] = ()
    trouble: Stop | None = None

    def of_everything(self) -> Stop | None:
        """Return what stops the whole site, None when nothing does."""
        return self.trouble or next((stop for stop in self.stops if stop.target.scope in WHOLE), None)

    def of_tool(self, tool: str) -> Stop | None:
        """Return what stops a tool."""
        return self.of_everything() or self._of(Scope.TOOL, tool)

    def of_source(self, source: str) -> Stop | None:
        """Return what stops a source."""
        return self.of_everything() or self._of(Scope.SOURCE, source)

    def of_thing(self, thing: str) -> Stop | None:
        """Return what stops a camera or other thing, `source/key`: its own stop or its source's.

        A stop may name the thing with its source or without: what a person in a hurry writes holds back rather too much.
        """
        whole = self.of_source(thing.partition("/")[0])
        if whole is not None:
            return whole
        own = (stop for stop in self.stops if stop.target.scope is Scope.CAMERA)
        return next((stop for stop in own if f"/{thing}".endswith(f"/{stop.target.key}")), None)

    def has_things(self) -> bool:
        """Say whether a camera is stopped by itself: then single readings must be looked at."""
        return any(stop.target.scope is Scope.CAMERA for stop in self.stops)

    def _of(self, scope: Scope, key: str) -> Stop | None:
        return next((stop for stop in self.stops if stop.target == Target(scope=scope, key=key)), None)


def refusal(stop: Stop, what: str) -> Stopped:
    """Return the error to raise for something a stop holds back."""
    return Stopped(
        f"{what} is {stop.note()}",
        rule="what a person stopped stays stopped until a named person lifts it",
        value=str(stop.target),
        source="AI Act, articles 14(4)(e) and 26(5); position 8 of the house's ethics",
        remedy="do not send it again; a supervisor, a data protection officer or an administrator lifts the stop",
    )
