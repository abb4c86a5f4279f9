"""What people do with the register: each verb with its refusals, over a desk in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from impetus.core.actor import Actor, Role, console
from impetus.core.errors import Conflict, ImpetusError, Malformed, Refused, Unauthenticated, Unknown
from impetus.core.ids import ToolId
from impetus.core.register import EntryState
from impetus.demo.exercise_register import make_exercise
from impetus.desk import accounts
from impetus.desk.clearance import clearance
from impetus.desk.context import Desk
from impetus.desk.register import (
    answer,
    appoint,
    begin,
    describe,
    document,
    sign,
    sign_outside,
    state_,
    withdraw,
)
from impetus.desk.register_reading import assessment_view, register_rows
from impetus.desk.sign_in import actor_of
from impetus.desk.signing import Proof
from impetus.run.tools import find_tool
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.journal import MemoryJournal
from impetus.testing.register import clear, configuration_of

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOOL = "urban_anomaly"
PASSWORD = "a long enough password"
PROOF = Proof(password=PASSWORD)


@pytest.fixture
def desk() -> Desk:
    """Return an installation with real input whose tool is cleared."""
    made = memory_desk(AT)
    clear(made, find_tool(ToolId(TOOL)), is_real=True)
    return made


def person(desk: Desk, name: str, role: Role, *, must_change: bool = False) -> Actor:
    """Add somebody with a password of their own."""
    accounts.add(desk, console(), name, role)
    with desk.store.write() as unit:
        account = unit.accounts.by_name(name)
        assert account is not None
        made = replace(account, password_hash=desk.passwords.hash(PASSWORD), must_change=must_change)
        unit.accounts.replace(made)
    return actor_of(made)


@pytest.fixture
def kari(desk: Desk) -> Actor:
    """Return a data protection officer who is named in the register."""
    made = person(desk, "kari", Role.DPO)
    appoint(desk, console(), "kari", "Data protection officer")
    return made


def edit(desk: Desk, old: str, new: str) -> None:
    """Change the register file by hand."""
    configuration = configuration_of(desk)
    assert old in configuration.text, configuration.text
    configuration.text = configuration.text.replace(old, new)


def acts(desk: Desk) -> list[str]:
    """Return what the journal says was done."""
    assert isinstance(desk.journal, MemoryJournal)
    return [record.act for record in desk.journal.records if record.outcome == "done"]


def test_an_officer_signs_a_changed_entry_and_the_tool_may_run_again(desk: Desk, kari: Actor) -> None:
    """Stale, signed, running."""
    edit(desk, '["simulated place"]', '["square"]')
    assert clearance(desk, TOOL).state is EntryState.STALE
    made = sign(desk, kari, TOOL, PROOF)
    judgement = clearance(desk, TOOL)
    assert (judgement.state, made.officer, made.is_exercise) == (EntryState.RUNNING, "kari", False)
    assert acts(desk)[-1] == "register.sign"


def test_signing_asks_for_the_officers_own_password(desk: Desk, kari: Actor) -> None:
    """A signed-in browser left alone signs nothing; guesses count at the door."""
    with pytest.raises(Unauthenticated):
        sign(desk, kari, TOOL, Proof(password="not this one"))
    with desk.store.read() as unit:
        account = unit.accounts.by_name("kari")
    assert account is not None
    assert account.failures == 1


def test_signing_asks_for_the_second_factor_of_those_who_have_one(desk: Desk, kari: Actor) -> None:
    """The password alone is not enough then."""
    with desk.store.write() as unit:
        account = unit.accounts.by_name("kari")
        assert account is not None
        secret = "JBSWY3DPEHPK3PXP"
        unit.accounts.replace(replace(account, totp_sealed=desk.keys.seal(secret.encode(), about=f"totp:{account.id}")))
    with pytest.raises(Unauthenticated) as refusal:
        sign(desk, kari, TOOL, PROOF)
    assert refusal.value.rule == "second factor"


def test_signing_leaves_no_session_behind(desk: Desk, kari: Actor) -> None:
    """It proves who it is and opens no door."""
    sign(desk, kari, TOOL, PROOF)
    with desk.store.write() as unit:
        assert unit.accounts.end_sessions(account=kari.account) == 0


def test_a_one_time_password_signs_nothing(desk: Desk) -> None:
    """Whoever handed it out could sign with it."""
    ola = person(desk, "ola", Role.EXECUTIVE, must_change=True)
    appoint(desk, console(), "ola", "Mayor")
    with pytest.raises(Refused, match="one-time password"):
        sign(desk, ola, TOOL, PROOF)


def test_somebody_the_register_does_not_name_signs_nothing(desk: Desk) -> None:
    """Whatever their role."""
    with pytest.raises(Refused, match="not an officer"):
        sign(desk, person(desk, "ola", Role.DPO), TOOL, PROOF)


def test_an_officer_whose_key_in_the_file_is_another_signs_elsewhere(desk: Desk, kari: Actor) -> None:
    """The platform's key for kari is not hers any more."""
    edit(desk, desk.signatures.public_key(f"officer.{kari.account}").hex(), "cd" * 32)
    with pytest.raises(Refused, match="another key"):
        sign(desk, kari, TOOL, PROOF)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR])
def test_other_roles_do_not_sign(desk: Desk, role: Role) -> None:
    """The guard stands before the register."""
    with pytest.raises(Refused):
        sign(desk, person(desk, "ola", role), TOOL, PROOF)


def test_what_is_incomplete_cannot_be_signed(desk: Desk, kari: Actor) -> None:
    """The first thing missing is named, with how to mend it."""
    edit(desk, 'legal_basis = "none is needed: simulated input is nobody\'s"\n', "")
    with pytest.raises(Conflict, match="the legal basis") as refusal:
        sign(desk, kari, TOOL, PROOF)
    assert "impetus register missing" in refusal.value.remedy


def test_a_signature_made_elsewhere_counts_when_its_key_is_the_officers(desk: Desk, kari: Actor) -> None:
    """The key never was on this machine."""
    own = Ed25519PrivateKey.generate()
    public = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    edit(desk, desk.signatures.public_key(f"officer.{kari.account}").hex(), public)
    edit(desk, '["simulated place"]', '["square"]')
    words = document(desk, console(), TOOL, "kari", AT)
    with pytest.raises(Refused, match="does not count"):
        sign_outside(desk, console(), TOOL, "kari", AT, own.sign(words + b" "))
    sign_outside(desk, console(), TOOL, "kari", AT, own.sign(words))
    assert clearance(desk, TOOL).state is EntryState.RUNNING


@pytest.mark.parametrize("shift", [timedelta(days=-8), timedelta(minutes=1)])
def test_a_signature_made_elsewhere_is_neither_old_nor_of_tomorrow(desk: Desk, kari: Actor, shift: timedelta) -> None:
    """Its time is in the document."""
    with pytest.raises(Malformed, match="the signature is of"):
        sign_outside(desk, kari, TOOL, "kari", AT + shift, bytes(64))


def test_a_withdrawn_signature_stops_the_tool_and_stays_in_the_history(desk: Desk, kari: Actor) -> None:
    """With who and why."""
    view = assessment_view(desk, kari, TOOL)
    with desk.store.read() as unit:
        [one] = [each for each in unit.register.signings(TOOL) if not each.is_exercise]
    withdraw(desk, kari, TOOL, one.id, "the square is rebuilt")
    judgement = clearance(desk, TOOL)
    assert judgement.state is EntryState.BLOCKED
    assert "withdrew it" in judgement.missing[-1].what
    assert len(assessment_view(desk, kari, TOOL).signatures) == len(view.signatures)
    with pytest.raises(Unknown):
        withdraw(desk, kari, TOOL, one.id, "again")


def test_an_answer_strikes_the_one_before_through_and_makes_the_signature_stale(desk: Desk, kari: Actor) -> None:
    """Both can be read."""
    answer(desk, kari, TOOL, "rights.harms", "It could frighten somebody.")
    [change] = clearance(desk, TOOL).changes
    assert change.fact == "the answer to rights.harms"
    found = [one for part in assessment_view(desk, kari, TOOL).sections for one in part.questions]
    [seen] = [one for one in found if one.id == "rights.harms"]
    assert (seen.answer, seen.answered_by) == ("It could frighten somebody.", "kari")
    assert [text.startswith("Exercise:") for text in seen.struck] == [True]


def test_an_answer_about_the_site_counts_for_every_tool(desk: Desk, kari: Actor) -> None:
    """It is asked once."""
    given = answer(desk, kari, TOOL, "threat.technical.1", "yes")
    assert given.tool == "site"
    assert clearance(desk, TOOL).state is EntryState.STALE


@pytest.mark.parametrize(
    ("tool", "question", "error"),
    [("no_tool", "rights.harms", Unknown), (TOOL, "no.such", Unknown), (TOOL, "description.what", Malformed)],
)
def test_answers_to_nothing_are_refused(
    desk: Desk, kari: Actor, tool: str, question: str, error: type[ImpetusError]
) -> None:
    """No such tool, no such question, not the city's to answer."""
    with pytest.raises(error):
        answer(desk, kari, tool, question, "words")


def test_an_officer_states_what_no_probe_can_see(desk: Desk, kari: Actor) -> None:
    """Signed, dated, and it expires."""
    made = state_(desk, kari, TOOL, "stop.tested", "Tried on Friday with the shift.", PROOF)
    assert (made.who, made.expires_at - made.at) == ("kari", timedelta(days=365))
    rows = {row.id: row for row in assessment_view(desk, kari, TOOL).frameworks}
    assert "Tried on Friday" in " ".join(claim.because for claim in rows["altai.1"].claims)


def test_what_a_probe_can_see_cannot_be_stated(desk: Desk, kari: Actor) -> None:
    """Nobody types green."""
    with pytest.raises(Refused, match="proved by the running system"):
        state_(desk, kari, TOOL, "encryption.at_rest", "Certainly.", PROOF)


def test_a_needed_statement_that_expired_stops_the_tool(desk: Desk) -> None:
    """Time alone does it."""
    clock_of(desk).set(AT + timedelta(days=365))
    judgement = clearance(desk, TOOL)
    assert judgement.state is EntryState.BLOCKED
    assert {"dpo.advice", "people.informed"} <= {gap.field for gap in judgement.missing}
    assert "expired on 2027-11-22" in judgement.missing[0].what


def test_nobody_appoints_themselves(desk: Desk) -> None:
    """Another person does; a stranger and a nameless office are refused."""
    ola = person(desk, "ola", Role.DPO)
    with pytest.raises(Refused, match="themselves"):
        appoint(desk, ola, "ola", "Data protection officer")
    with pytest.raises(Unknown):
        appoint(desk, ola, "nobody", "Mayor")
    with pytest.raises(Malformed):
        appoint(desk, console(), "ola", " ")


def test_an_officer_appointed_again_gets_the_key_of_the_account(desk: Desk, kari: Actor) -> None:
    """Once in the file, not twice."""
    edit(desk, desk.signatures.public_key(f"officer.{kari.account}").hex(), "cd" * 32)
    appoint(desk, console(), "kari", "Data protection officer")
    assert configuration_of(desk).text.count('name = "kari"') == 1
    sign(desk, kari, TOOL, PROOF)


def test_a_file_to_fill_in_is_written_once(desk: Desk) -> None:
    """What is there is never overwritten."""
    with pytest.raises(Conflict, match="already"):
        begin(desk, console())
    configuration_of(desk).text = ""
    assert f"[tool.{TOOL}]" in begin(desk, console())


def test_the_register_file_can_be_replaced_by_one_that_is_right(desk: Desk, kari: Actor) -> None:
    """One that is wrong is refused and changes nothing."""
    before = configuration_of(desk).text
    with pytest.raises(ImpetusError):
        describe(desk, kari, TOOL, "[controler]")
    assert configuration_of(desk).text == before
    describe(desk, kari, TOOL, before + "\n# read again\n")
    assert configuration_of(desk).text.endswith("# read again\n")


def test_a_register_that_cannot_be_read_stops_everything_and_says_so(desk: Desk, kari: Actor) -> None:
    """The board does not crash; it says it."""
    configuration_of(desk).text += "\n[controler]\n"
    assert clearance(desk, TOOL).state is EntryState.BLOCKED
    assert "controler" in clearance(desk, TOOL).why()
    with pytest.raises(Conflict):
        sign(desk, kari, TOOL, PROOF)


def test_rows_show_who_needs_somebody_first(desk: Desk, kari: Actor) -> None:
    """Signed by whom, kept how long, by what right."""
    [row] = register_rows(desk, kari)
    assert (row.state, row.signed_by, row.kept, row.purpose) == (
        EntryState.RUNNING,
        "test.officer",
        "30 d, observations",
        "public_safety",
    )
    edit(desk, 'covers = ["*"]', 'covers = ["harbour"]')
    [row] = register_rows(desk, kari)
    assert row.state is EntryState.STALE
    assert row.stale_because == ("place changed: * → harbour",)


def test_an_exercise_is_refused_where_input_is_real(desk: Desk) -> None:
    """No flag of a command clears a real tool."""
    with pytest.raises(Refused, match="real input"):
        make_exercise(desk, console())


def test_an_exercise_that_is_held_already_is_held_once() -> None:
    """The second start signs nothing again."""
    desk = memory_desk(AT)
    clear(desk, find_tool(ToolId(TOOL)), find_tool(ToolId("fusion")))
    with desk.store.read() as unit:
        before = unit.register.version()
    assert make_exercise(desk, console()) == ()
    with desk.store.read() as unit:
        assert unit.register.version() == before


def test_an_exercise_signs_again_what_changed() -> None:
    """And only that."""
    desk = memory_desk(AT)
    clear(desk, find_tool(ToolId(TOOL)), find_tool(ToolId("fusion")))
    configuration = configuration_of(desk)
    configuration.facts = replace(configuration.facts, days={**configuration.facts.days, "observations": 60})
    assert make_exercise(desk, console()) == (TOOL,)
    assert clearance(desk, TOOL).state is EntryState.EXERCISE


@pytest.mark.parametrize(
    "verb",
    [
        lambda desk, actor: answer(desk, actor, TOOL, "rights.harms", "none"),
        lambda desk, actor: state_(desk, actor, TOOL, "stop.tested", "done", PROOF),
        lambda desk, actor: appoint(desk, actor, "kari", "Mayor"),
        lambda desk, actor: describe(desk, actor, TOOL, ""),
        begin,
        lambda desk, actor: withdraw(desk, actor, TOOL, 1, "why"),
        lambda desk, actor: sign_outside(desk, actor, TOOL, "kari", AT, bytes(64)),
    ],
)
def test_an_operator_changes_nothing_in_the_register(desk: Desk, verb: Callable[[Desk, Actor], object]) -> None:
    """Every verb asks the guard first, and the refusal is in the log."""
    with pytest.raises(Refused):
        verb(desk, Actor(name="ola", role=Role.OPERATOR))
