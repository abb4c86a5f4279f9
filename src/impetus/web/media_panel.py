"""What pages show of cameras and reveals: rows with what the person who looks may do about each."""

from collections.abc import Sequence
from dataclasses import dataclass

from impetus.core.actor import Actor
from impetus.core.identity import IdentityRequest, IdentityState
from impetus.core.ids import IncidentId
from impetus.core.incident import Incident
from impetus.core.reveal import Reveal, RevealState
from impetus.desk import identities
from impetus.desk.context import Desk
from impetus.desk.reveals import reveals
from impetus.desk.view_camera import NEARBY, CameraRow, cameras
from impetus.ethics.guard import Operation, may

SHORT = 12
"""Signs of an evidence's id that people see; the whole is in the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealRow:
    """A reveal, and the acts this person could take: what the desk would refuse is not offered."""

    reveal: Reveal
    may: frozenset[str]

    @property
    def name(self) -> str:
        """Return what it is about as people say it: `C14`, or the evidence's id."""
        kind, _, key = self.reveal.subject.partition(":")
        return key.upper() if kind == "camera" else f"{key[:SHORT]}…" if len(key) > SHORT else key

    @property
    def page(self) -> str:
        """Return the page of what it is about."""
        kind, _, key = self.reveal.subject.partition(":")
        folder = "cameras" if kind == "camera" else "evidence"
        return f"/{folder}/{key}?incident={self.reveal.incident}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRow:
    """A request to look behind a pseudonym, and the acts this person could take."""

    request: IdentityRequest
    may: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPanel:
    """Beside an incident: the nearest cameras, who looks through which mask now, and who asks who is behind a pseudonym."""

    cameras: tuple[CameraRow, ...]
    reveals: tuple[RevealRow, ...]
    identities: tuple[IdentityRow, ...] = ()


def panel_of(desk: Desk, actor: Actor, incident: Incident) -> MediaPanel:
    """Return the incident's panel, with what this person may see of it."""
    nearest = cameras(desk, actor, near=incident.point)[:NEARBY] if may(actor, Operation.MEDIA_READ) else ()
    if not may(actor, Operation.REVEALS_READ):
        return MediaPanel(cameras=nearest, reveals=())
    case = IncidentId(incident.id)
    return MediaPanel(
        cameras=nearest,
        reveals=rows(actor, reveals(desk, actor, incident=case, open_only=True)),
        identities=asked_in(desk, actor, case),
    )


def asked_in(desk: Desk, actor: Actor, incident: IncidentId | None) -> tuple[IdentityRow, ...]:
    """Return the requests of an incident that still wait for an answer or a look, none where one may not see them."""
    if incident is None or not may(actor, Operation.REVEALS_READ):
        return ()
    found = identities.requests(desk, actor, incident=incident)
    return identity_rows(actor, [each for each in found if each.state in identities.WAITING])


def rows(actor: Actor, found: Sequence[Reveal]) -> tuple[RevealRow, ...]:
    """Return reveals with what this person may do about each."""
    return tuple(RevealRow(reveal=each, may=_acts(actor, each)) for each in found)


def identity_rows(actor: Actor, found: Sequence[IdentityRequest]) -> tuple[IdentityRow, ...]:
    """Return requests to look behind a pseudonym with what this person may do about each."""
    return tuple(IdentityRow(request=each, may=_identity_acts(actor, each)) for each in found)


def _identity_acts(actor: Actor, request: IdentityRequest) -> frozenset[str]:
    is_own = actor.account == request.asked_account
    acts: set[str] = set()
    if may(actor, Operation.IDENTITIES_APPROVE) and not is_own:
        acts |= {"decline"} | ({"approve"} if request.state is IdentityState.ASKED else set())
    if is_own and request.state is IdentityState.APPROVED:
        acts.add("show")
    return frozenset(acts)


def _acts(actor: Actor, reveal: Reveal) -> frozenset[str]:
    is_own = actor.account == reveal.asked_account or actor.name.casefold() == reveal.asked_by.casefold()
    second = may(actor, Operation.REVEALS_APPROVE) and not is_own
    first = may(actor, Operation.REVEALS_ASK)
    acts: set[str] = set()
    if reveal.state is RevealState.ASKED and second:
        acts |= {"approve", "decline"}
    if reveal.state is RevealState.APPROVED:
        acts |= ({"open"} if first and is_own else set()) | ({"decline"} if second else set())
    if reveal.state is RevealState.OPEN and (first or second):
        acts.add("close")
    if reveal.state in {RevealState.ASKED, RevealState.APPROVED} and is_own:
        acts.add("close")
    return frozenset(acts)
