"""Planting marks in what persons asked for and agreed to: reveals, requests for names, proposals, planted tests."""

from datetime import timedelta

from impetus.core.action import Action, ActionEntry, ActionKind, ActionState
from impetus.core.alert import Verdict
from impetus.core.identity import IdentityRequest, IdentityState, SealedIdentity
from impetus.core.ids import AccountId, ActionId, AlertId, IncidentId
from impetus.core.plant import Plant
from impetus.core.reveal import Reveal, RevealState
from impetus.run.planting_ground import Field


def plant_reveal(ground: Field, *, held: bool) -> None:
    """Plant marks in a reveal that is over."""
    del held
    at, text = ground.at, ground.text(held=False)
    reveal = Reveal(
        id=0,
        version=0,
        state=RevealState.CLOSED,
        subject="camera:square/c1",
        incident=IncidentId(1),
        asked_by=text(),
        asked_account=AccountId(1),
        asked_at=at,
        why=text(),
        minutes=5,
        good_until=at,
        recipient=text(),
        approved_by=text(),
        ended_at=at,
        ended_by=text(),
        ended_why=text(),
    )
    with ground.desk.store.write() as unit:
        unit.reveals.add(reveal)


def plant_identity(ground: Field, *, held: bool) -> None:
    """Plant marks in a pseudonym, what lies sealed behind it, and a request to look that is over."""
    del held
    at, text = ground.at, ground.text(held=False)
    pseudonym = text()
    request = IdentityRequest(
        id=0,
        version=0,
        state=IdentityState.SPENT,
        domain="plates",
        period=at.date(),
        pseudonym=pseudonym,
        incident=IncidentId(1),
        asked_by=text(),
        asked_account=AccountId(1),
        asked_at=at,
        why=text(),
        good_until=at,
        approved_by=text(),
        ended_at=at,
        ended_by=text(),
        ended_why=text(),
    )
    sealed = SealedIdentity(
        domain="plates", period=at.date(), pseudonym=pseudonym, kind="plate", sealed=text().encode(), stored_at=at
    )
    with ground.desk.store.write() as unit:
        unit.identities.keep(sealed)
        unit.identities.add(request)


def plant_action(ground: Field, *, held: bool) -> None:
    """Plant marks in a proposal that was withdrawn, its history, and a planted test that was disclosed."""
    del held
    at, text = ground.at, ground.text(held=False)
    action = Action(
        id=ActionId(0),
        version=0,
        revision=0,
        state=ActionState.WITHDRAWN,
        kind=ActionKind.NOTE,
        target=text(),
        incident=None,
        why=text(),
        proposed_by=text(),
        proposer=AccountId(1),
        at=at,
        expires=at + timedelta(hours=1),
        changed_at=at,
        parameters={"text": text()},
    )
    plant = Plant(
        id=0,
        source=AlertId(1),
        expected=Verdict.BENIGN,
        due=at,
        planned_by=text(),
        planned_at=at,
        why=text(),
        disclosed_at=at,
    )
    with ground.desk.store.write() as unit:
        stored = unit.actions.add(action)
        unit.actions.record(
            ActionEntry(id=0, action=stored.id, at=at, event="note", who=text(), role="operator", text=text())
        )
        unit.plants.add(plant)
