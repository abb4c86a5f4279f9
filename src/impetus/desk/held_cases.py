"""What a hold keeps of a case beside alerts and readings: its reveals, proposals, requests for names, and who was behind them.

A hold on an incident, or on an alert that belongs to one, keeps that incident's papers. It keeps an identity that lies sealed
behind a pseudonym when a request of the case names it, or when the evidence it keeps names its author: a claim about what
was written needs to know of whom. Such an identity is sealed again under the hold's own key, so that its day's key can go.
"""

import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from impetus.core.actor import platform
from impetus.core.errors import ImpetusError, Unknown
from impetus.core.identity import SealedIdentity
from impetus.core.ids import AlertId, EvidenceId, IncidentId
from impetus.core.retention import Hold
from impetus.desk.access import access_authors
from impetus.desk.context import Desk
from impetus.ethics.pseudonym import vault_key
from impetus.ethics.retention import HELD, Cover, held_kind
from impetus.ports import AlertQuery, Unit

PAGE = 200
RETENTION = platform("retention")

log = logging.getLogger(__name__)

Behind = tuple[str, date, str]
"""Domain, day and pseudonym."""


def held_cases(unit: Unit, cover: Cover) -> Mapping[int, Hold]:
    """Return the incidents whose papers are kept, each with the hold that ends last."""
    found = dict(cover.incidents)
    for alert, hold in cover.alerts:
        with contextlib.suppress(Unknown):
            case = unit.alerts.get(AlertId(alert)).incident
            if case is not None and (case not in found or found[case].until < hold.until):
                found[case] = hold
    return found


def held_identities(desk: Desk, unit: Unit, cover: Cover) -> Mapping[Behind, Hold]:
    """Return the sealed identities that are kept, each with the hold that keeps it."""
    found: dict[Behind, Hold] = {}
    for case, hold in held_cases(unit, cover).items():
        for request in unit.identities.find(incident=IncidentId(case)):
            _later(found, (request.domain, request.period, request.pseudonym), hold)
    for evidence, hold in _held_evidence(unit, cover):
        for author in access_authors(desk, RETENTION, evidence):
            _later(found, (author.domain, author.period, author.pseudonym), hold)
    return found


def reseal(desk: Desk, sealed: SealedIdentity, hold: Hold, about: str) -> SealedIdentity:
    """Return it sealed under the hold's key, as it is when it is so already or opens no more."""
    kind = held_kind(hold.id)
    label = label_of(desk, sealed)
    if label == kind:
        return sealed
    try:
        plain = open_sealed(desk, sealed, about)
    except ImpetusError:
        log.exception("what lies behind a held pseudonym of %s does not open and is kept as it is", sealed.period)
        return sealed
    return replace(sealed, sealed=desk.class_keys.seal(plain, about=about, kind=kind, day=sealed.period))


def open_sealed(desk: Desk, sealed: SealedIdentity, about: str) -> bytes:
    """Return what lies behind a pseudonym, sealed under its day's key or under a hold's."""
    if label_of(desk, sealed):
        return desk.class_keys.open(sealed.sealed, about=about)
    return desk.vault.open(vault_key(desk.vault.day(sealed.period), sealed.domain), sealed.sealed, about=about)


def label_of(desk: Desk, sealed: SealedIdentity) -> str:
    """Return the class of the hold's key it is sealed under, empty while it is its day's."""
    label = desk.class_keys.label(sealed.sealed)
    return label[0] if label is not None and label[0].startswith(HELD) else ""


def _held_evidence(unit: Unit, cover: Cover) -> list[tuple[tuple[EvidenceId, ...], Hold]]:
    """Return the evidence of held alerts, and of the alerts of held incidents."""
    found: list[tuple[tuple[EvidenceId, ...], Hold]] = []
    for alert, hold in cover.alerts:
        with contextlib.suppress(Unknown):
            found.append((unit.alerts.get(AlertId(alert)).evidence, hold))
    for case, hold in cover.incidents:
        after: str | None = None
        while True:
            page = unit.alerts.find(AlertQuery(incident=IncidentId(case), limit=PAGE, after=after))
            found += [(each.evidence, hold) for each in page.items]
            after = page.next
            if after is None:
                break
    return found


def _later(found: dict[Behind, Hold], behind: Behind, hold: Hold) -> None:
    """Keep the hold that ends last."""
    if behind not in found or found[behind].until < hold.until:
        found[behind] = hold
