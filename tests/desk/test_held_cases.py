"""What a hold keeps of a case: its reveals, requests for names, proposals, and who was behind its pseudonyms."""

from datetime import timedelta

import pytest

from desk.media_room import DAY, WHY, Room
from desk.samples import AT, fuse, seen
from impetus.core.action import Action, ActionKind, ActionState
from impetus.core.actor import platform
from impetus.core.errors import Unknown
from impetus.core.evidence import Author, Evidence, EvidenceRecord, TextEvidence
from impetus.core.ids import AccountId, ActionId, AlertId, EvidenceId, FindingKey, IncidentId
from impetus.core.text import Phrase
from impetus.desk import holds, identities, incidents, reveals
from impetus.desk.gate_watch import ACTIONS_KEPT, sweep_gates
from impetus.desk.identities import Behind
from impetus.desk.join_findings import MEDIA_TYPE, store_evidence
from impetus.desk.sweep import Keep, SweepReport, sweep
from impetus.ethics.pseudonym import IdentityKind

KEEP = Keep(
    observations=timedelta(days=30),
    alerts=timedelta(days=100),
    evidence=timedelta(days=90),
    quarantine=timedelta(days=14),
    incidents=timedelta(days=120),
)
KEEPER = platform("keeper")
HANDLE = "@kari.example"


class Case(Room):
    """A room with an incident that has a reveal, a request for a name, a proposal, and a second case without a hold."""

    def __init__(self) -> None:
        """Let two people be behind pseudonyms: one asked about in the incident, one the author of evidence alone."""
        super().__init__()
        self.asked()
        reveals.close(self.desk, self.who("kari"), 1)
        self.named = self.hide(HANDLE)
        self.stranger = self.hide("@ola.example")
        behind = Behind(domain="posts", period=DAY, pseudonym=self.named)
        identities.ask(self.desk, self.who("per"), behind, self.incident, why=WHY)
        identities.decline(self.desk, self.who("sol"), 1, why="no")
        self.proposal = self.propose()

    def hide(self, handle: str) -> str:
        """Put somebody behind a pseudonym."""
        at = self.clock.now()
        return identities.pseudonymise(self.desk, platform("x"), "posts", IdentityKind.HANDLE, handle, at=at)

    def propose(self) -> ActionId:
        """Store a proposal of the incident that was withdrawn."""
        action = Action(
            id=ActionId(0),
            version=0,
            revision=0,
            state=ActionState.WITHDRAWN,
            kind=ActionKind.NOTE,
            target="x",
            incident=IncidentId(self.incident),
            why="y",
            proposed_by="kari",
            proposer=AccountId(1),
            at=AT,
            expires=AT + timedelta(hours=1),
            changed_at=AT,
            parameters={"text": "z"},
        )
        with self.desk.store.write() as unit:
            return unit.actions.add(action).id

    def write(self, pseudonym: str) -> None:
        """Let the alert's evidence be a text by this author."""
        author = Author(domain="posts", period=DAY, pseudonym=pseudonym, kind="handle")
        title = Phrase(template="post")
        text = TextEvidence(title=title, text="meet at nine", at=AT, author=author)
        with self.desk.store.read() as unit:
            alert = unit.alerts.get(AlertId(1))
        evidence = Evidence(finding=FindingKey("gun"), summary=title, texts=(text,))
        size = store_evidence(self.desk, evidence)
        record = EvidenceRecord(
            id=EvidenceId(alert.evidence[0]),
            finding=FindingKey("gun"),
            media_type=MEDIA_TYPE,
            bytes_=size,
            stored_at=AT,
        )
        with self.desk.store.write() as unit:
            unit.evidence.add(record)

    def hold(self, subject: str, days: int = 1000) -> int:
        """Place a hold, and return its number."""
        return holds.place(self.desk, self.who("dag"), subject, self.clock.now() + timedelta(days=days), "a claim").id

    def swept(self, **span: float) -> SweepReport:
        """Let time pass and sweep until nothing is due."""
        self.later(**span)
        while not (report := sweep(self.desk, KEEPER, KEEP)).is_complete:
            pass
        return report

    def is_kept(self, pseudonym: str) -> bool:
        """Say whether something still lies behind a pseudonym."""
        with self.desk.store.read() as unit:
            return bool(unit.identities.behind([("posts", DAY, pseudonym)]))

    def rows(self) -> tuple[int, int, int]:
        """Return how many reveals, requests and proposals there are."""
        with self.desk.store.read() as unit:
            return len(unit.reveals.find()), len(unit.identities.find()), len(unit.actions.find())


def test_without_a_hold_all_of_it_goes_when_its_time_is_over() -> None:
    """First who was behind, with the key of the day; then reveals and requests; then the proposal."""
    case = Case()
    case.swept(days=92)
    assert not case.is_kept(case.named)
    assert case.desk.vault.days() == ()
    case.swept(days=30)
    assert case.rows() == (0, 0, 1)
    case.swept(days=ACTIONS_KEPT.days)
    assert case.rows() == (0, 0, 0)


def test_a_hold_on_the_incident_keeps_its_papers_and_is_counted() -> None:
    """Reveal, request and proposal stay, and the run says that they are held."""
    case = Case()
    case.hold(f"incident:{case.incident}")
    assert case.swept(days=125).held > 0
    assert case.rows() == (1, 1, 1)
    report = case.swept(days=ACTIONS_KEPT.days)
    assert case.rows() == (1, 1, 1)
    assert report.pieces["reveals"].held == 2
    assert report.pieces["actions"].held == 1
    sweep_gates(case.desk, KEEPER)
    assert case.rows() == (1, 1, 1)


def test_a_hold_on_an_alert_keeps_the_papers_of_its_incident() -> None:
    """What was decided about the alert was decided there."""
    case = Case()
    case.hold("alert:1")
    case.swept(days=125)
    assert case.rows() == (1, 1, 1)
    assert case.is_kept(case.named)


def test_who_a_held_case_asked_about_can_still_be_shown_after_the_days_key_is_gone() -> None:
    """Sealed again under the hold's key; everybody else of that day is gone with its key, unreadable in every copy."""
    case = Case()
    number = case.hold(f"incident:{case.incident}")
    report = case.swept(days=92)
    assert case.desk.vault.days() == ()
    assert (case.is_kept(case.named), case.is_kept(case.stranger)) == (True, False)
    assert report.pieces["identities"].held == 1
    assert (f"held-{number}", DAY) in case.desk.class_keys.days()
    behind = Behind(domain="posts", period=DAY, pseudonym=case.named)
    asked = identities.ask(case.desk, case.who("per"), behind, case.incident, why=WHY)
    identities.approve(case.desk, case.who("sol"), asked.id)
    assert identities.show(case.desk, case.who("per"), asked.id).value == HANDLE.lstrip("@")


def test_the_author_of_held_evidence_is_kept_though_nobody_asked() -> None:
    """A claim about what was written needs to know of whom."""
    case = Case()
    case.write(case.stranger)
    case.hold("alert:1")
    case.swept(days=92)
    assert case.is_kept(case.stranger)


def test_when_the_hold_ends_the_next_run_erases_all_of_it_and_the_holds_key() -> None:
    """Nothing outlives its last reason."""
    case = Case()
    number = case.hold(f"incident:{case.incident}", days=200)
    case.swept(days=125)
    assert case.is_kept(case.named)
    report = case.swept(days=80)
    assert not case.is_kept(case.named)
    assert report.gone("identities") == 1
    assert case.rows()[:2] == (0, 0)
    assert (f"held-{number}", DAY) not in case.desk.class_keys.days()


def test_of_two_holds_the_one_that_ends_last_seals() -> None:
    """Extending moves what is kept to the new hold's key, and the old one's goes."""
    case = Case()
    first = case.hold(f"incident:{case.incident}", days=200)
    case.swept(days=92)
    second = case.hold(f"incident:{case.incident}", days=1000)
    case.swept(days=1)
    kinds = {kind for kind, _ in case.desk.class_keys.days()}
    assert f"held-{second}" in kinds
    case.swept(days=200)
    assert case.is_kept(case.named)
    assert f"held-{first}" not in {kind for kind, _ in case.desk.class_keys.days()}


def test_a_run_repeated_seals_nothing_anew() -> None:
    """What is under the hold's key is left as it is, byte for byte."""
    case = Case()
    case.hold(f"incident:{case.incident}")
    case.swept(days=92)
    with case.desk.store.read() as unit:
        before = unit.identities.sealed("posts", DAY, case.named).sealed
    case.swept(days=1)
    with case.desk.store.read() as unit:
        assert unit.identities.sealed("posts", DAY, case.named).sealed == before


def test_an_identity_whose_key_was_gone_before_the_hold_stays_unreadable_and_stops_nobody() -> None:
    """The run goes on; what cannot be opened is not lost from the table, and not shown."""
    case = Case()
    case.desk.vault.erase_before(DAY + timedelta(days=1))
    case.hold(f"incident:{case.incident}")
    assert case.swept(days=92).is_complete
    assert case.is_kept(case.named)
    behind = Behind(domain="posts", period=DAY, pseudonym=case.named)
    asked = identities.ask(case.desk, case.who("per"), behind, case.incident, why=WHY)
    identities.approve(case.desk, case.who("sol"), asked.id)
    with pytest.raises(Unknown):
        identities.show(case.desk, case.who("per"), asked.id)


def test_another_incidents_papers_are_not_kept_by_it() -> None:
    """A hold covers what it names."""
    case = Case()
    fuse(case.desk, seen("crowd", subject="zone:north"))
    other = incidents.open_incident(case.desk, case.who("kari"), "Another", [AlertId(2)]).id
    case.hold(f"incident:{other}")
    case.swept(days=125)
    assert case.rows()[:2] == (0, 0)
