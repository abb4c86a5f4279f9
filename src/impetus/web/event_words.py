"""Words for events of an incident's timeline and of an alert's history by their names, and for roles.

A mapping and no macro: a macro that chooses among so many words has all of them translated for each line it writes. A law
walks the desk for the names it writes and fails when one has no words here.
"""

from collections.abc import Mapping

from impetus.web.names import N_

INCIDENT: Mapping[str, str] = {
    "open": N_("Opened"),
    "join": N_("Alert joined"),
    "leave": N_("Alert taken out"),
    "note": N_("Note"),
    "decide": N_("Decided"),
    "offer": N_("Offered"),
    "accept": N_("Accepted"),
    "decline": N_("Declined"),
    "close": N_("Closed"),
    "reopen": N_("Reopened"),
    "reveal.ask": N_("Asked to lift a mask"),
    "reveal.approve": N_("Approved lifting a mask"),
    "reveal.decline": N_("Declined to lift a mask"),
    "reveal.open": N_("Lifted a mask"),
    "reveal.close": N_("Masked again"),
    "reveal.expire": N_("The lifted mask is back"),
    "identity.ask": N_("Asked who is behind a pseudonym"),
    "identity.approve": N_("Approved a look behind a pseudonym"),
    "identity.decline": N_("Declined a look behind a pseudonym"),
    "identity.show": N_("Looked behind a pseudonym, once"),
    "identity.expire": N_("A request for a name is over"),
    "playbook.start": N_("Playbook started"),
    "playbook.finish": N_("Step done"),
    "playbook.skip": N_("Step skipped"),
    "playbook.late": N_("Step late"),
    "playbook.propose": N_("Step proposed an action"),
    "playbook.perform": N_("Step performed"),
    "playbook.return": N_("Step came back"),
    "playbook.see": N_("Skipped step seen"),
    "playbook.stop": N_("Playbook stopped"),
    "playbook.take": N_("Took the steps"),
    "methane.begin": N_("METHANE begun"),
    "methane.complete": N_("METHANE complete"),
    "methane.declare": N_("Major incident declared or stood down"),
    "methane.differ": N_("Two people wrote the same part of METHANE"),
    "methane.settle": N_("A part of METHANE settled"),
    "methane.send": N_("METHANE sent"),
    "objective.set": N_("Objective set"),
    "objective.change": N_("Objective changed"),
    "sector.set": N_("Sector set"),
    "sector.give_up": N_("Sector given up"),
    "link.merge": N_("Incidents merged"),
    "link.split": N_("Incident split"),
    "link.link": N_("Linked"),
    "link.unlink": N_("Link taken away"),
    "link.undo": N_("Merge or split undone"),
    "share.share": N_("Shared with an agency"),
    "share.package": N_("Package for an agency proposed"),
    "share.ask": N_("An agency was asked"),
    "share.task": N_("What an agency was asked moved on"),
    "share.receive": N_("Received from an agency"),
    "share.line": N_("Line of another agency"),
    "share.end": N_("Sharing ended"),
    "notice.ask": N_("People asked"),
    "notice.nobody": N_("Nobody to ask"),
    "notice.hurry": N_("Asked again, more urgently"),
    "notice.fail": N_("A notice was not delivered"),
    "notice.acknowledge": N_("Somebody has it"),
    "notice.end": N_("Asking ended"),
    "effect.send": N_("Being set in the city"),
    "effect.confirm": N_("Shown in the city, confirmed"),
    "effect.lose": N_("Nobody knows whether it is shown"),
    "effect.refuse": N_("The device did not take it"),
    "effect.revert": N_("Being taken back"),
    "effect.confirm_revert": N_("Taken back, confirmed"),
    "effect.replace": N_("The device shows something else"),
    "effect.overdue": N_("Should be gone, not confirmed gone"),
    "warning.draft": N_("Warning drafted"),
    "warning.change": N_("Warning changed"),
    "warning.propose": N_("Warning proposed for release"),
    "warning.return": N_("Warning not released"),
    "warning.send": N_("Warning being handed over"),
    "warning.release": N_("Warning handed to the gateway"),
    "warning.lose": N_("Nobody knows whether the gateway has the warning"),
    "warning.fail": N_("The gateway did not take the warning"),
    "warning.discard": N_("Warning put away"),
    "sample.ask": N_("Second sample asked for"),
    "sample.take": N_("Sample taken and sealed"),
    "sample.hand_on": N_("Sample handed on"),
    "sample.receive": N_("Laboratory has the sample"),
    "sample.report": N_("Laboratory reported"),
    "sample.tell": N_("Public health called"),
    "sample.call_off": N_("Sample called off"),
    "sample.lose": N_("Sample lost"),
}
"""Of the timeline; one that stands in no list is a tool's or another agency's and is shown by its own name."""

ALERT: Mapping[str, str] = {
    "raise": N_("Raised"),
    "join_finding": N_("Another finding joined it"),
    "repeat": N_("Seen again"),
    "worsen": N_("Got worse"),
    "acknowledge": N_("Acknowledged"),
    "undo": N_("Taken back"),
    "assess": N_("Assessed"),
    "shelve": N_("Shelved"),
    "wake": N_("Came back from the shelf"),
    "offer": N_("Offered"),
    "accept": N_("Accepted"),
    "decline": N_("Declined"),
    "join": N_("Joined"),
    "leave": N_("Left its incident"),
    "close": N_("Closed"),
    "reopen": N_("Reopened"),
    "move": N_("Moved to another incident"),
    "link": N_("Linked"),
    "unlink": N_("Link taken away"),
    "plant": N_("It was a planted test: an old alert told again. Nothing happened"),
}
"""Of an alert's history, where the line says no more than the event does."""

ROLES: Mapping[str, str] = {
    "operator": N_("Operator"),
    "supervisor": N_("Supervisor"),
    "analyst": N_("Analyst"),
    "it_security": N_("IT security"),
    "planner": N_("Planner"),
    "executive": N_("Executive"),
    "dpo": N_("Data protection officer"),
    "auditor": N_("Auditor"),
    "integrator": N_("Integrator"),
    "administrator": N_("Administrator"),
    "service": N_("Service"),
    "platform": N_("Platform"),
    "nobody": N_("Nobody by name"),
}


def incident_words(event: str) -> str:
    """Return the words of an event of a timeline, to be translated; its own name when it has none."""
    return INCIDENT.get(event, event.capitalize())


def alert_words(event: str) -> str:
    """Return the words of an event of an alert's history, to be translated; its own name when it has none."""
    return ALERT.get(event, event.capitalize())


def role_words(role: str) -> str:
    """Return a role's name, to be translated; a name that is no role stands for itself."""
    return ROLES.get(role, role)
