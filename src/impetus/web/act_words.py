"""What stands in the log as an act, said as people say it: the guard's operations and the desk's own verbs."""

from collections.abc import Mapping

from impetus.web.names import N_

WORDS: Mapping[str, str] = {
    "alerts.read": N_("looking at alerts"),
    "alerts.triage": N_("acting on an alert"),
    "alerts.raise": N_("turning findings into alerts"),
    "incidents.read": N_("looking at incidents"),
    "incidents.write": N_("working on an incident"),
    "decisions.write": N_("recording a decision"),
    "sources.read": N_("looking at sources"),
    "sources.declare": N_("declaring a source"),
    "observations.write": N_("sending readings"),
    "quarantine.read": N_("looking at refused records"),
    "parts.read": N_("looking at the platform's parts"),
    "parts.report": N_("reporting how a part is"),
    "retention.sweep": N_("erasing what has passed its time"),
    "accounts.manage": N_("managing accounts"),
    "tokens.manage": N_("managing tokens"),
    "history.read": N_("looking at measured series"),
    "events.read": N_("following changes"),
    "log.read": N_("looking at the log's health"),
    "log.keep": N_("keeping the log"),
    "accesses.read": N_("looking at who looked"),
    "accesses.export": N_("taking a copy of who looked"),
    "register.read": N_("looking at the register"),
    "register.write": N_("answering an assessment"),
    "register.sign": N_("signing an assessment"),
    "holds.read": N_("looking at holds"),
    "holds.write": N_("placing or lifting a hold"),
    "retention.read": N_("looking at what was erased"),
    "backups.make": N_("making a backup"),
    "media.read": N_("looking at a masked camera"),
    "reveals.read": N_("looking at reveals"),
    "reveals.ask": N_("asking for a reveal"),
    "reveals.approve": N_("answering a request to reveal"),
    "identities.ask": N_("asking whom a pseudonym stands for"),
    "identities.approve": N_("answering a request to re-identify"),
    "stops.read": N_("looking at stops"),
    "stops.make": N_("stopping something"),
    "stops.lift": N_("letting something run again"),
    "actions.propose": N_("proposing an action"),
    "actions.approve": N_("answering a proposed action"),
    "plants.manage": N_("planting a test alert"),
    "figures.read": N_("looking at figures"),
    "alert.acknowledge": N_("took an alert"),
    "alert.assess": N_("judged an alert"),
    "alert.shelve": N_("shelved an alert"),
    "alert.offer": N_("offered an alert"),
    "alert.accept": N_("accepted an alert"),
    "alert.decline": N_("declined an alert"),
    "alert.close": N_("closed an alert"),
    "alert.reopen": N_("reopened an alert"),
    "alert.undo": N_("took an act on an alert back"),
    "incident.open": N_("opened an incident"),
    "incident.join": N_("joined an alert to an incident"),
    "incident.note": N_("noted on an incident"),
    "incident.decide": N_("recorded a decision"),
    "incident.close": N_("closed an incident"),
    "incident.reopen": N_("reopened an incident"),
    "reveal.ask": N_("asked for a reveal"),
    "reveal.approve": N_("approved a reveal"),
    "reveal.decline": N_("declined a reveal"),
    "reveal.open": N_("opened a reveal"),
    "reveal.close": N_("closed a reveal"),
    "reveal.expire": N_("a reveal ran out"),
    "hold.place": N_("placed a hold"),
    "hold.lift": N_("lifted a hold"),
    "register.answer": N_("answered an assessment"),
    "register.state": N_("made a statement"),
    "stop.stop": N_("stopped it"),
    "stop.lift": N_("let it run again"),
    "stop.explain": N_("said why it was stopped"),
}
"""The guard's operations as they are asked for, and the acts of the desk as they are done."""


def act_words(act: str) -> str:
    """Return an act's words, to be translated; one that has none is said by its own name.

    >>> act_words("media.read"), act_words("alert.tickle")
    ('looking at a masked camera', 'alert tickle')
    """
    return WORDS.get(act, act.replace(".", " ").replace("_", " "))
