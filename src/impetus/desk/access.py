"""The only readers of evidence and of the log's openings; pictures of people have theirs in `access_media`.

Every function here, and in each module of the desk whose name begins with `access`, asks the guard with the kind of data,
the purpose and the case before it reads. A law test finds any other reader of evidence, pictures, openings or pseudonyms.

**Source**: GDPR, articles 5(1)(b), 25 and 32; Directive (EU) 2016/680, article 25.
"""

from collections.abc import Iterator, Sequence

from impetus.core.access import Category, Purpose, Use
from impetus.core.action import Action
from impetus.core.actor import Actor
from impetus.core.authorised import Authorised
from impetus.core.errors import ImpetusError, Unknown
from impetus.core.evidence import Author, Evidence
from impetus.core.ids import EvidenceId, IncidentId
from impetus.desk.context import Desk
from impetus.desk.mask_evidence import masked_evidence, may_see, only, seen_kinds, without_authors
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports import Page, Unit
from impetus.ports.ethics import AccessQuery, Logged

MOST_OF_A_CASE = 200
"""Log lines about one thing that go into a package; more are asked for by the overseers. House rule."""


def access_evidence(
    desk: Desk, actor: Actor, evidences: Sequence[EvidenceId], *, on: str, use: Use | None = None
) -> tuple[Evidence | None, ...]:
    """Return stored evidence in the order asked, None for what was erased when its time was over; `on` is its alert.

    Texts and pictures in it are masked, and whoever may not see such masked things gets it without them; pseudonyms of
    authors are seen within an open incident, by those on duty. `use` is needed only where a copy goes to somebody.
    """
    permit(desk, actor, Operation.ALERTS_READ, on=on, use=use)
    found = tuple(_evidence(desk, evidence) for evidence in evidences)
    kinds = seen_kinds(desk, actor, on, [each for each in found if each is not None])
    return tuple(
        None if each is None else masked_evidence(desk, _with_authors(desk, actor, on, name, only(each, kinds)))
        for name, each in zip(evidences, found, strict=True)
    )


def _with_authors(desk: Desk, actor: Actor, on: str, name: EvidenceId, evidence: Evidence) -> Evidence:
    """Return the evidence with the pseudonyms in it where the guard lets them be seen, for the incident it belongs to."""
    if all(text.author is None for text in evidence.texts):
        return evidence
    case = _case_of(desk, name)
    use = Use(category=Category.PSEUDONYM, purpose=Purpose.INCIDENT_RESPONSE, case="" if case is None else str(case))
    return evidence if case is not None and may_see(desk, actor, on, use) else without_authors(evidence)


def _case_of(desk: Desk, name: EvidenceId) -> IncidentId | None:
    """Return the incident that the alert of a piece of evidence belongs to, None for none."""
    with desk.store.read() as unit:
        try:
            alert = unit.findings.alert_of(unit.evidence.get(name).finding)
            return None if alert is None else unit.alerts.get(alert).incident
        except Unknown:
            return None


def access_authors(desk: Desk, actor: Actor, evidences: Sequence[EvidenceId]) -> frozenset[Author]:
    """Return the pseudonyms of the authors in evidence, for whoever keeps what a hold covers; nothing else of it leaves."""
    permit(desk, actor, Operation.RETENTION_SWEEP, on="identities")
    found = (_evidence(desk, each) for each in evidences)
    return frozenset(
        text.author for each in found if each is not None for text in each.texts if text.author is not None
    )


def access_openings(desk: Desk, actor: Actor, query: AccessQuery) -> Page[Logged]:
    """Return entries of the log with who, why and who got a copy, newest first; for those who oversee.

    **Source**: Directive (EU) 2016/680, article 25(2).
    """
    use = Use(category=Category.STAFF, purpose=Purpose.OVERSIGHT)
    permit(desk, actor, Operation.ACCESSES_READ, on=query.subject, use=use)
    with desk.store.read() as unit:
        return unit.accesses.page(query)


def access_openings_of_case(unit: Unit, authorised: Authorised[Action], subjects: Sequence[str]) -> Iterator[Logged]:
    """Yield what the log says about the things of a case, oldest first of each, for a package people authorised.

    The authorisation is the permission: it is built only from the decisions of enough persons, and its use is logged.
    """
    del authorised
    for subject in subjects:
        yield from reversed(unit.accesses.page(AccessQuery(subject=subject, limit=MOST_OF_A_CASE)).items)


def access_evidence_of_case(
    desk: Desk, authorised: Authorised[Action], evidences: Sequence[EvidenceId]
) -> Iterator[Evidence]:
    """Yield the evidence that is left, for a package people authorised; their authorisation is the permission."""
    del authorised
    for evidence in evidences:
        found = _evidence(desk, evidence)
        if found is not None:
            yield masked_evidence(desk, found)


def access_package(desk: Desk, actor: Actor, name: str, *, on: str, use: Use) -> bytes:
    """Return the bytes of a package that was made for somebody named in `use`; `Unknown` when it was erased."""
    permit(desk, actor, Operation.ACTIONS_PROPOSE, on=on, use=use)
    return desk.blobs.get(name)


def _evidence(desk: Desk, evidence: EvidenceId) -> Evidence | None:
    """Read evidence; None when it was erased when its time was over: a page shows what is left."""
    try:
        return desk.codec.decode_evidence(desk.blobs.get(evidence))
    except ImpetusError:
        return None
