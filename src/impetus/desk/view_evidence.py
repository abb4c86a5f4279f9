"""Looking at one piece of evidence: masked for everybody on duty, clear for the one whose reveal of it is open."""

from dataclasses import dataclass

from impetus.core.actor import Actor
from impetus.core.errors import Unknown
from impetus.core.evidence import Evidence
from impetus.core.ids import EvidenceId
from impetus.core.reveal import Reveal
from impetus.desk.access import access_evidence
from impetus.desk.access_media import access_clear_evidence
from impetus.desk.context import Desk
from impetus.desk.view_camera import own_open_reveal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvidence:
    """One piece as shown; `reveal` is this person's own open one when it is shown in clear."""

    id: EvidenceId
    evidence: Evidence
    reveal: Reveal | None = None


def view_evidence(desk: Desk, actor: Actor, evidence: EvidenceId) -> ShownEvidence:
    """Return what this person may see of it now; `Unknown` when it was erased or never was."""
    subject = f"evidence:{evidence}"
    reveal = own_open_reveal(desk, actor, subject)
    if reveal is not None:
        clear = access_clear_evidence(desk, actor, evidence, reveal.id)
        return ShownEvidence(id=evidence, evidence=clear, reveal=reveal)
    masked = access_evidence(desk, actor, [evidence], on=subject)[0]
    if masked is None:
        raise Unknown(
            "this evidence is not here", value=evidence, remedy="it may have been erased when its time was over"
        )
    return ShownEvidence(id=evidence, evidence=masked)
