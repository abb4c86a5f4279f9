"""Everything the desk can be asked to do, each in one sentence."""

from collections.abc import Mapping
from enum import StrEnum


class Operation(StrEnum):
    """Everything the desk can be asked to do."""

    ALERTS_READ = "alerts.read"
    ALERTS_TRIAGE = "alerts.triage"
    ALERTS_RAISE = "alerts.raise"
    INCIDENTS_READ = "incidents.read"
    INCIDENTS_WRITE = "incidents.write"
    DECISIONS_WRITE = "decisions.write"
    SOURCES_READ = "sources.read"
    SOURCES_DECLARE = "sources.declare"
    OBSERVATIONS_WRITE = "observations.write"
    QUARANTINE_READ = "quarantine.read"
    PARTS_READ = "parts.read"
    PARTS_REPORT = "parts.report"
    RETENTION_SWEEP = "retention.sweep"
    ACCOUNTS_MANAGE = "accounts.manage"
    ACCOUNT_OWN = "account.own"
    TOKENS_MANAGE = "tokens.manage"
    HISTORY_READ = "history.read"
    SENSORS_READ = "sensors.read"
    EVENTS_READ = "events.read"
    LOG_READ = "log.read"
    LOG_KEEP = "log.keep"
    ACCESSES_READ = "accesses.read"
    REGISTER_READ = "register.read"
    REGISTER_WRITE = "register.write"
    REGISTER_SIGN = "register.sign"
    HOLDS_READ = "holds.read"
    HOLDS_WRITE = "holds.write"
    RETENTION_READ = "retention.read"
    BACKUPS_MAKE = "backups.make"
    MEDIA_READ = "media.read"
    REVEALS_READ = "reveals.read"
    REVEALS_ASK = "reveals.ask"
    REVEALS_APPROVE = "reveals.approve"
    IDENTITIES_ASK = "identities.ask"
    IDENTITIES_APPROVE = "identities.approve"
    STOPS_READ = "stops.read"
    STOPS_MAKE = "stops.make"
    STOPS_LIFT = "stops.lift"
    ACTIONS_PROPOSE = "actions.propose"
    ACTIONS_APPROVE = "actions.approve"
    PLANTS_MANAGE = "plants.manage"
    FIGURES_READ = "figures.read"
    PLAYBOOKS_READ = "playbooks.read"
    PLAYBOOKS_WRITE = "playbooks.write"
    RUNS_WORK = "runs.work"
    RUNS_LEAD = "runs.lead"
    LOAD_READ = "load.read"
    LOAD_MANAGE = "load.manage"
    CALLS_READ = "calls.read"
    CALLS_MANAGE = "calls.manage"
    CALLS_ANSWER = "calls.answer"
    NOTICES_SEND = "notices.send"
    SHIFTS_READ = "shifts.read"
    SHIFTS_WRITE = "shifts.write"
    SHARES_WRITE = "shares.write"
    SHARES_WORK = "shares.work"
    WARNINGS_READ = "warnings.read"
    WARNINGS_DRAFT = "warnings.draft"
    EFFECTS_READ = "effects.read"
    EFFECTS_REVERT = "effects.revert"
    FEEDS_READ_IN = "feeds.read_in"
    SAMPLES_READ = "samples.read"
    SAMPLES_WORK = "samples.work"


_O = Operation

OPERATIONS: Mapping[Operation, str] = {
    _O.ALERTS_READ: "See alerts, their histories, findings and evidence.",
    _O.ALERTS_TRIAGE: "Acknowledge, assess, shelve, hand on, close and reopen alerts.",
    _O.ALERTS_RAISE: "Turn findings into alerts and bring shelved alerts back.",
    _O.INCIDENTS_READ: "See incidents, their timelines and decisions.",
    _O.INCIDENTS_WRITE: "Open, note on, hand on, close and reopen incidents, and join alerts to them.",
    _O.DECISIONS_WRITE: "Record a decision, or correct one.",
    _O.SOURCES_READ: "See sources, their datastreams and how their readings fared.",
    _O.SOURCES_DECLARE: "Declare a source and its datastreams.",
    _O.OBSERVATIONS_WRITE: "Send readings.",
    _O.QUARANTINE_READ: "See refused records.",
    _O.PARTS_READ: "See the state of the platform's own parts.",
    _O.PARTS_REPORT: "Report the state of the platform's own parts.",
    _O.RETENTION_SWEEP: "Erase what has passed its retention.",
    _O.ACCOUNTS_MANAGE: "Add and disable accounts, and give a new one-time password.",
    _O.ACCOUNT_OWN: "Change one's own password, second factor and language.",
    _O.TOKENS_MANAGE: "Issue and revoke service tokens.",
    _O.HISTORY_READ: "See measured series.",
    _O.SENSORS_READ: "See how every sensor stands: what is expected of it, how surprising it is, and its faults.",
    _O.EVENTS_READ: "Be told of changes as they happen.",
    _O.LOG_READ: "See the log's health, its checkpoints and its proofs.",
    _O.LOG_KEEP: "Bring records into the log and prune it after the legal retention.",
    _O.ACCESSES_READ: "See who looked at what, why, and who got a copy.",
    _O.REGISTER_READ: "See the register: what runs, by what right, and what is missing.",
    _O.REGISTER_WRITE: "Answer the city's part of an assessment and write register entries.",
    _O.REGISTER_SIGN: "Sign a register entry and its assessment.",
    _O.HOLDS_READ: "See what is held back from erasure, by whom and until when.",
    _O.HOLDS_WRITE: "Hold something back from erasure until a date, and lift a hold.",
    _O.RETENTION_READ: "See retention classes, what is due and what was erased.",
    _O.BACKUPS_MAKE: "Make and verify backups.",
    _O.MEDIA_READ: "Look at a camera with people masked.",
    _O.REVEALS_READ: "See which reveals were asked for, are open, or are over.",
    _O.REVEALS_ASK: "Ask that something masked be revealed, and open what was approved.",
    _O.REVEALS_APPROVE: "Approve or decline a reveal that somebody else asked for.",
    _O.IDENTITIES_ASK: "Ask whom a pseudonym stands for, and read the answer once.",
    _O.IDENTITIES_APPROVE: "Approve or decline a re-identification that somebody else asked for.",
    _O.STOPS_READ: "See what is stopped, by whom and why.",
    _O.STOPS_MAKE: "Stop a tool, a camera, a source, the site, or all.",
    _O.STOPS_LIFT: "Let run again what was stopped.",
    _O.ACTIONS_PROPOSE: "Propose an action and its reason.",
    _O.ACTIONS_APPROVE: "Say yes or no to a proposed action; where its class asks for two, they are two different people.",
    _O.PLANTS_MANAGE: "Plant test alerts and see whether they were found.",
    _O.FIGURES_READ: "See figures on decisions and work, never of one person.",
    _O.PLAYBOOKS_READ: "See incident types and playbooks, and how a run stands.",
    _O.PLAYBOOKS_WRITE: "Change incident types and playbooks.",
    _O.RUNS_WORK: "Start a playbook in an incident, and do or skip its steps.",
    _O.RUNS_LEAD: "See skipped and late steps of others, and take over a late one.",
    _O.LOAD_READ: "See how many alerts a seat was shown.",
    _O.LOAD_MANAGE: "Announce planned works, hold alerts back during them, and make exceptions that end.",
    _O.CALLS_READ: "See who is on call, and what was sent to whom.",
    _O.CALLS_MANAGE: "Change rotations, overrides, escalations and channels.",
    _O.CALLS_ANSWER: "Say that one has taken what was sent to oneself.",
    _O.NOTICES_SEND: "Send what people are to be told.",
    _O.SHIFTS_READ: "See hand-overs and the shift log.",
    _O.SHIFTS_WRITE: "Write the shift log, hand over and take over.",
    _O.SHARES_WRITE: "Share an incident with another agency, and end that.",
    _O.SHARES_WORK: "Work on tasks in an incident shared between agencies.",
    _O.WARNINGS_READ: "See public warnings, drafted and sent.",
    _O.WARNINGS_DRAFT: "Draft, change and cancel a public warning; releasing one takes two people.",
    _O.EFFECTS_READ: "See what was set in the city, and until when.",
    _O.EFFECTS_REVERT: "Take back what was set in the city.",
    _O.FEEDS_READ_IN: "Read warnings of other authorities in.",
    _O.SAMPLES_READ: "See samples taken by hand, who has had them, and what the laboratory found.",
    _O.SAMPLES_WORK: "Ask for a sample by hand, write down who has it and what was found, and tell public health.",
}
