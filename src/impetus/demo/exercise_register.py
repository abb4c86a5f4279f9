"""A register of its own for demonstrations, trials and measurements: entries, assessments and signatures of an exercise.

It goes the way a city must go, with the same verbs' parts and real signatures, so that nothing is skipped: only the
officers are invented, and everything says so. A signature of an exercise clears a tool only where the settings say that
it is one (`simulated` or `exercise`), and then readings of simulated sources only (`run/gate.py`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from impetus.core.access import Purpose, Regime
from impetus.core.account import Account
from impetus.core.actor import Actor
from impetus.core.assessment import FilledBy
from impetus.core.errors import Refused
from impetus.core.register import (
    EVERYWHERE,
    Answer,
    Configured,
    Controller,
    Officer,
    SiteEntry,
    SiteRegister,
    Statement,
    ToolPart,
)
from impetus.desk.clearance import clearance
from impetus.desk.context import Desk
from impetus.desk.frameworks import frameworks
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.signing import draft_signing, draft_statement, keep_signing, key_name, named
from impetus.ethics.claims import statement_document
from impetus.ethics.entry import Entry, is_personal
from impetus.ethics.framework import SITE, Scope
from impetus.ethics.register import document_of
from impetus.ethics.site_register import write_site_register
from impetus.ports import Unit

OFFICER = "Exercise officer"
KEY = "exercise.officer"
MARK = "Exercise: "
TERM = timedelta(days=365)
REVIEW = timedelta(days=180)
CONTROLLER = Controller(
    name="Exercise municipality",
    contact="nobody: this is an exercise",
    dpo=OFFICER,
    dpo_contact="nobody: this is an exercise",
)


def make_exercise(desk: Desk, actor: Actor, officers: Sequence[Account] = ()) -> tuple[str, ...]:
    """Clear every tool that is switched on, as an exercise, and return those that were not cleared before.

    `officers` are accounts to be named as officers of the exercise beside the invented one, so that the way to sign can be
    shown on screen. `Refused` where the settings do not say that this is an exercise. Does nothing when all is signed.
    """
    permit(desk, actor, "register.write", on="site:register")
    configured = desk.configuration.read()
    if not configured.is_exercise:
        raise Refused(
            "this installation has real input",
            rule="an exercise's register clears nothing real",
            value=configured.site,
            limit="simulated = true or exercise = true in impetus.toml",
            source="GDPR, article 5(2)",
            remedy="sign for real: docs/how-to/put-a-tool-into-service.md",
        )
    wanted = tuple(tool for tool in configured.switched_on if tool in configured.installed)
    _name_officers(desk, configured, officers, wanted)
    open_tools = tuple(tool for tool in wanted if not clearance(desk, tool).is_cleared)
    if open_tools:
        with desk.store.write() as unit:
            answer_all(desk, unit, open_tools)
            state_all(desk, unit, open_tools, OFFICER, KEY)
            note_done(desk, actor, "register.exercise", "site:register", facts={"tools": ", ".join(open_tools)})
        for tool in open_tools:
            sign_by(desk, actor, tool, OFFICER, KEY)
    return open_tools


def _name_officers(desk: Desk, configured: Configured, accounts: Sequence[Account], tools: Sequence[str]) -> None:
    """Write the register file unless it says all this already; what a person wrote about a tool stays."""
    today = desk.clock.now().date()
    invented = Officer(name=OFFICER, office="invented for an exercise", public_key=_key(desk, KEY), is_exercise=True)
    named = [invented] + [
        Officer(
            name=account.name,
            office=f"{account.role.value}, in an exercise",
            public_key=_key(desk, key_name(account)),
            is_exercise=True,
        )
        for account in accounts
    ]
    names = {officer.name for officer in named}
    others = [officer for officer in configured.register.officers if officer.name not in names]
    said = dict(configured.register.tools)
    for tool in tools:
        if tool not in said or (said[tool].ends or today) < today:
            said[tool] = entry_of_exercise(configured, configured.installed[tool], today)
    controller = configured.register.controller if configured.register.controller.name else CONTROLLER
    wanted = SiteRegister(controller=controller, officers=(*others, *named), tools=said)
    if configured.fault or write_site_register(wanted) != write_site_register(configured.register):
        desk.configuration.write_register(write_site_register(wanted))


def entry_of_exercise(configured: Configured, part: ToolPart, today: date) -> SiteEntry:
    """Return what an exercise says about a tool: what its manifest declares, for a year."""
    bare = SiteEntry()
    manifest = part.manifest
    if manifest is None:
        return bare
    kept = manifest.retention if manifest.retention in configured.days else "observations"
    about = Entry(site=configured.site, part=part, said=bare, controller=CONTROLLER)
    return SiteEntry(
        regime=Regime.GDPR if Regime.GDPR in manifest.declares.acts else Regime.LED,
        legal_basis="none is needed: simulated input is nobody's",
        purpose=next((Purpose(one) for one in manifest.purposes if one in set(Purpose)), None),
        recipients=manifest.declares.recipients,
        retention=kept,
        place_kinds=("simulated place",),
        covers=("square",) if is_personal(about) else (EVERYWHERE,),
        ends=today + TERM,
        review=today + REVIEW,
    )


def answer_all(desk: Desk, unit: Unit, tools: Sequence[str]) -> None:
    """Answer what is open with the question's own example, marked."""
    at = desk.clock.now()
    for about in (SITE, *tools):
        known = {answer.question for answer in unit.register.answers(about)}
        for question in frameworks().questions():
            is_ours = question.filled_by is FilledBy.CITY and (question.scope is Scope.SITE) == (about == SITE)
            if is_ours and question.id not in known:
                text = question.example if question.choices else MARK + question.example
                unit.register.answer(Answer(id=0, tool=about, question=question.id, text=text, who=OFFICER, at=at))


def state_all(desk: Desk, unit: Unit, tools: Sequence[str], who: str, key: str) -> None:
    """State, by this officer's key and marked, every claim that wants a statement and has none that stands."""
    configured = desk.configuration.read()
    officer = named(configured, who)
    for claim in frameworks().claims.values():
        if claim.valid_for is None:
            continue
        for about in (SITE,) if claim.scope is Scope.SITE else tools:
            if not _stands(unit, about, claim.id, desk.clock.now()):
                draft = draft_statement(desk, configured, officer, claim, about, MARK + claim.says)
                signature = desk.signatures.sign(key, statement_document(draft, configured.site))
                unit.register.state(replace(draft, signature=signature))


def _stands(unit: Unit, about: str, claim: str, at: datetime) -> bool:
    standing: list[Statement] = [
        one for one in unit.register.statements(about) if one.about == claim and one.struck_at is None
    ]
    return any(one.expires_at > at for one in standing)


def sign_by(desk: Desk, actor: Actor, tool: str, who: str, key: str) -> None:
    """Sign a tool's entry and assessment by this officer's key."""
    configured = desk.configuration.read()
    draft = draft_signing(desk, configured, named(configured, who), tool, desk.clock.now())
    signature = desk.signatures.sign(key, document_of(draft, configured.site))
    keep_signing(desk, actor, replace(draft, signature=signature))


def _key(desk: Desk, name: str) -> str:
    return desk.signatures.public_key(name).hex()
