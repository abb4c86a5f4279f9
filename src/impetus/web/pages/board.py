"""The board: how the platform itself is, part by part, and what it keeps for how long."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from impetus.core.board import PartStatus
from impetus.desk import read
from impetus.ports import TopicStatus
from impetus.settings import Settings
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
NEARLY_FULL = 0.85
"""Share of a limit from which a gauge warns. House rule."""
TOPICS = {
    "observations": N_("Readings on their way to tools and history"),
    "findings": N_("Findings on their way to fusion"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """How much of a limit is used: a share of 0..1 and the shape it is shown with."""

    share: float
    severity: str


def gauge(used: float, limit: float) -> Gauge | None:
    """Return how full something is, None when it has no limit."""
    if limit <= 0:
        return None
    share = min(1.0, used / limit)
    return Gauge(share=share, severity="severe" if share >= 1 else "moderate" if share >= NEARLY_FULL else "normal")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One part with its memory against its limit."""

    status: PartStatus
    memory: Gauge | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRow:
    """One topic of the bus with its fill. A ring that is full is normal: the oldest part goes."""

    status: TopicStatus
    says: str
    fill: Gauge | None

    @property
    def messages(self) -> int:
        """Return how many messages are held."""
        return self.status.last - self.status.first + 1 if self.status.last else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept for how many days."""

    name: str
    days: int


def kept(settings: Settings) -> tuple[Kept, ...]:
    """Return what is kept and for how long."""
    return (
        Kept(name=N_("Readings"), days=settings.observations_days),
        Kept(name=N_("Closed alerts with their findings"), days=settings.alerts_days),
        Kept(name=N_("Evidence"), days=settings.evidence_days),
        Kept(name=N_("Refused records"), days=settings.quarantine_days),
    )


@router.get("/board")
def show_board(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> HTMLResponse:
    """Show every part, the bus and the retention."""
    view = read.board(desk, actor)
    return page(
        request,
        "board.html",
        actor=actor,
        view=view,
        rows=[PartRow(status=part, memory=gauge(part.memory_mib, part.memory_limit_mib)) for part in view.parts],
        topics=[
            TopicRow(status=topic, says=TOPICS.get(topic.topic, ""), fill=gauge(topic.bytes_, topic.limit_bytes))
            for topic in view.topics
        ],
        kept=kept(settings),
        silent=[source for source in view.sources if source.silent],
    )
