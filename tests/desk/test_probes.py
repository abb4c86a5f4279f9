"""What the running system answers when a claim asks it: each probe on a good system, and on one that is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from impetus.core.actor import Role, console
from impetus.core.assessment import Light, Probed
from impetus.core.ids import ToolId
from impetus.desk import accounts
from impetus.desk.context import Desk
from impetus.desk.frameworks import frameworks
from impetus.desk.probes import UNUSED_AFTER, probes_of
from impetus.desk.register_reading import assessment_view
from impetus.run.tools import find_tool
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.keys import PlainKeys
from impetus.testing.register import clear, configuration_of

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOOL = "urban_anomaly"


@pytest.fixture
def desk() -> Desk:
    """Return an exercise with one tool."""
    made = memory_desk(AT)
    clear(made, find_tool(ToolId(TOOL)))
    configuration = configuration_of(made)
    configuration.facts = replace(configuration.facts, listens="127.0.0.1")
    return made


def ask(desk: Desk, name: str) -> Probed:
    """Ask one probe."""
    return probes_of(desk, desk.configuration.read(), TOOL)[name]()


@pytest.mark.parametrize(
    "name",
    [
        "retention.observations",
        "retention.alerts",
        "retention.evidence",
        "input.undeclared_refused",
        "identity.absent",
        "guard.denies_by_default",
        "guard.platform_does_not_judge",
        "roles.alerts",
        "roles.stops",
        "encryption.at_rest",
        "home.private",
        "log.healthy",
        "network.private",
        "queues.bounded",
        "register.complete",
        "register.gate",
    ],
)
def test_a_sound_installation_holds(desk: Desk, name: str) -> None:
    """With a value that a person reads, and the time of the look."""
    probed = ask(desk, name)
    assert probed.holds, probed.value
    assert probed.value
    assert probed.at == AT


def test_every_probe_a_claim_names_exists_and_none_is_left_over(desk: Desk) -> None:
    """A claim without its probe would be red for ever."""
    named = {claim.probe for claim in frameworks().claims.values() if claim.probe}
    assert named == set(probes_of(desk, desk.configuration.read(), TOOL))


def test_the_days_shown_are_those_configured(desk: Desk) -> None:
    """Change them, and the claim changes."""
    configuration = configuration_of(desk)
    configuration.facts = replace(configuration.facts, days={"observations": 7})
    assert ask(desk, "retention.observations").value == "7 days"
    assert not ask(desk, "retention.alerts").holds


def test_keys_that_hide_nothing_are_found_out(desk: Desk) -> None:
    """What is sealed must not be readable."""

    class Glass(PlainKeys):
        def seal(self, plain: bytes, *, about: str) -> bytes:
            return super().seal(plain[::-1], about=about)

        def open(self, sealed: bytes, *, about: str) -> bytes:
            return super().open(sealed, about=about)[::-1]

    probed = ask(replace(desk, keys=Glass()), "encryption.at_rest")
    assert (probed.holds, probed.value) == (False, "what is sealed can be read")


def test_keys_that_notice_nothing_are_found_out(desk: Desk) -> None:
    """A changed byte must not open."""

    class Careless(PlainKeys):
        def open(self, sealed: bytes, *, about: str) -> bytes:
            del about
            return sealed[32:][::-1]

    probed = ask(replace(desk, keys=Careless()), "encryption.at_rest")
    assert (probed.holds, probed.value) == (False, "a changed byte was not noticed")


def test_an_address_beyond_this_machine_is_not_private(desk: Desk) -> None:
    """Nobody here can see what stands in front."""
    configuration = configuration_of(desk)
    configuration.facts = replace(configuration.facts, listens="10.0.0.7")
    assert not ask(desk, "network.private").holds


def test_a_tool_without_an_entry_makes_the_register_incomplete(desk: Desk) -> None:
    """It is named."""
    configuration = configuration_of(desk)
    configuration.facts = replace(configuration.facts, switched_on=(TOOL, "workload"))
    assert ask(desk, "register.complete").value == "without an entry: workload"


def test_accounts_are_counted_with_those_never_used(desk: Desk) -> None:
    """Two weeks a one-time password may lie."""
    accounts.add(desk, console(), "kari", Role.DPO)
    assert ask(desk, "accounts.named").holds
    clock_of(desk).set(AT + UNUSED_AFTER + timedelta(seconds=1))
    assert ask(desk, "accounts.named").value == "1 accounts, 1 never used"
    assert not ask(desk, "accounts.named").holds


def test_a_second_factor_is_asked_of_those_who_may_do_much(desk: Desk) -> None:
    """An operator without one does not count; a data protection officer does."""
    accounts.add(desk, console(), "ola", Role.OPERATOR)
    accounts.add(desk, console(), "kari", Role.DPO)
    assert (ask(desk, "accounts.second_factor").value, ask(desk, "accounts.second_factor").holds) == ("0 of 1", False)
    with desk.store.write() as unit:
        account = unit.accounts.by_name("kari")
        assert account is not None
        unit.accounts.replace(replace(account, totp_sealed=b"sealed"))
    assert ask(desk, "accounts.second_factor").holds


def test_quick_hashes_of_passwords_are_found_out(desk: Desk) -> None:
    """Those of tests are quick, and so they are red here."""
    accounts.add(desk, console(), "kari", Role.DPO)
    assert not ask(desk, "passwords.slow").holds
    with desk.store.write() as unit:
        account = unit.accounts.by_name("kari")
        assert account is not None
        unit.accounts.replace(replace(account, password_hash="$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"))
    assert ask(desk, "passwords.slow").value == "argon2id"


def test_a_claim_follows_the_system_from_one_look_to_the_next(desk: Desk) -> None:
    """The page shows what is so now."""

    def light() -> Light:
        rows = assessment_view(desk, console(), TOOL).frameworks
        return next(claim for row in rows for claim in row.claims if claim.id == "retention.observations").light

    before = light()
    configuration = configuration_of(desk)
    configuration.facts = replace(configuration.facts, days={"alerts": 1})
    assert (before, light()) == (Light.GREEN, Light.RED)
