"""Handing a warning to the gateway of its own status, on two people's decision, and looking after what nobody released.

What is handed over is checked once more against the hash of what two people agreed to; the identifier was given with the
draft, so that handing it over twice is one message.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from impetus.core.action import LIVE, Action
from impetus.core.authorised import Authorised
from impetus.core.errors import ImpetusError, Malformed, NotNow, Refused
from impetus.core.warning import Message, PublicWarning, Status, WarningEvent, WarningState
from impetus.desk.context import Desk
from impetus.desk.effect_step import refuse_when_stopped
from impetus.desk.permit import permit
from impetus.desk.warning_step import WARNINGS, check_status, message_of, move_warning
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.ports.effects import Outcome
from impetus.processes import cap

ASKABLE = (WarningState.DRAFT, WarningState.PROPOSED, WarningState.FAILED, WarningState.UNKNOWN)
"""States in which people may be asked to release it, or are."""


class WarningEffector:
    """Fulfils `impetus.ports.effects.Effector`: hands a released warning to the gateway of its own status."""

    is_repeatable = True

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def check(
        self, target: str, parameters: Mapping[str, str], *, at: datetime, is_simulated: bool
    ) -> Mapping[str, str]:
        """Return the parameters with status and hash of the warning that is meant; refuses what may not be released."""
        with self._desk.store.read() as unit:
            warning = unit.warnings.get(_number(target))
            message = message_of(unit, warning, at)
        if warning.state not in ASKABLE:
            raise Malformed(
                f"warning {warning.id} is {warning.state}",
                value=warning.state,
                limit=", ".join(ASKABLE),
                remedy="open its page and look at how it stands",
            )
        check_status(self._desk, warning.status, is_simulated=is_simulated)
        found = cap.faults(message, at)
        if found:
            raise Malformed(found[0], value=len(found), limit="no fault", remedy="mend the draft")
        missing = self._desk.outside.gateways.ready(message)
        if missing:
            raise Malformed(missing, value=warning.status, limit="a gateway", remedy="declare it in effectors.toml")
        return {
            **parameters,
            "status": warning.status.value,
            "type": warning.type.value,
            "digest": cap.digest_of(message),
        }

    def reaches_simulated(self, action: Action) -> bool:
        """Say whether the message is for nobody out there."""
        return action.parameters.get("status") in {Status.EXERCISE.value, Status.TEST.value}

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Hand it over, once; the gateway knows the identifier, so a repetition is the same message."""
        desk, action = self._desk, authorised.what
        warning, message = self._begin(action)
        if message is None:
            is_out = warning.state is WarningState.RELEASED
            return Outcome(succeeded=is_out, receipt=warning.receipt, is_known=is_out)
        try:
            refuse_when_stopped(desk, f"releasing warning {warning.id}")
            outcome = desk.outside.gateways.hand_over(authorised, message)
        except NotNow:
            raise
        except ImpetusError as error:
            outcome = Outcome(succeeded=False, receipt=error.detail)
        self._record(warning.id, outcome)
        return outcome

    def _begin(self, action: Action) -> tuple[PublicWarning, Message | None]:
        """Write down that it is being handed over, and when; no message when it is out already."""
        desk, at = self._desk, self._desk.clock.now()
        with desk.store.write() as unit:
            warning = unit.warnings.get(_number(action.target))
            if warning.state not in (WarningState.PROPOSED, WarningState.SENDING):
                return warning, None
            sent = warning.sent_at or at
            message = message_of(unit, warning, sent)
            if cap.digest_of(message) != action.parameters["digest"] or warning.action != action.id:
                raise Refused(
                    f"warning {warning.id} is not what was agreed to",
                    rule="what is released is what two people agreed to",
                    value=warning.id,
                    source="AI Act, article 14(4)(d)",
                    remedy="propose it anew",
                )
            if warning.content.expires <= at:
                raise Refused(
                    f"warning {warning.id} has expired", rule="what is over is not released",
                    value=warning.content.expires.isoformat(), remedy="draft it anew",
                )  # fmt: skip
            sending = move_warning(desk, unit, replace(warning, sent_at=sent), WarningEvent.SEND, WARNINGS)
            return sending, message

    def _record(self, warning_id: int, outcome: Outcome) -> None:
        event = WarningEvent.RELEASE if outcome.succeeded else WarningEvent.FAIL
        if not outcome.succeeded and not outcome.is_known:
            event = WarningEvent.LOSE
        with self._desk.store.write() as unit:
            warning = replace(unit.warnings.get(warning_id), receipt=outcome.receipt[:500])
            if event is WarningEvent.FAIL:
                warning = replace(warning, sent_at=None)
            move_warning(self._desk, unit, warning, event, WARNINGS)


def tend_warnings(desk: Desk) -> int:
    """Bring warnings to where their proposals are: back to a draft when nobody released them. Return how many moved."""
    permit(desk, WARNINGS, Operation.EFFECTS_REVERT)
    with desk.store.read() as unit:
        open_ = [each for each in unit.warnings.all() if each.state in (WarningState.PROPOSED, WarningState.SENDING)]
        due = [(each, event) for each in open_ if (event := _due(unit, each, desk.clock.now())) is not None]
    for warning, event in due:
        with desk.store.write() as unit:
            now = unit.warnings.get(warning.id)
            if now.version == warning.version:
                move_warning(desk, unit, now, event, WARNINGS)
    return len(due)


def _due(unit: Unit, warning: PublicWarning, at: datetime) -> WarningEvent | None:
    """Return what must happen to a warning whose proposal is over; None while it lives."""
    if warning.action is None:
        return WarningEvent.RETURN if at - warning.changed_at > timedelta(seconds=60) else None
    if unit.actions.get(warning.action).state in LIVE:
        return None
    return WarningEvent.RETURN if warning.state is WarningState.PROPOSED else WarningEvent.LOSE


def _number(target: str) -> int:
    word, _, number = target.partition(":")
    if word == "warning" and number.isdecimal() and len(number) < len(str(2**63)):
        return int(number)
    raise Malformed(
        f"{target[:60]!r} is no warning that was drafted",
        value=target[:60],
        limit="warning:NUMBER",
        remedy="draft it on the page Warnings, and ask to release it there",
    )
