"""What `impetus demo` writes into its folder, and whom it lets in."""

from pathlib import Path

import pytest

from impetus.cli.demo import READING, admit, prepare
from impetus.core.actor import Role
from impetus.core.errors import Refused, Unauthenticated
from impetus.desk import tokens
from impetus.desk.context import Desk
from impetus.desk.sign_in import sign_in
from impetus.ethics.guard import permit
from impetus.settings import Settings
from impetus.wiring import open_desk


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Prepare a demonstration's home."""
    return prepare(tmp_path / "demo", 8470, 2.0)


def _desk(settings: Settings) -> Desk:
    return open_desk(settings)


def test_the_home_says_that_its_input_is_simulated(settings: Settings) -> None:
    """Site, zone, speed and the label every page shows."""
    assert settings.simulated
    assert (settings.site, settings.timezone) == ("Oslo · City Hall Square", "Europe/Oslo")
    assert settings.tool_settings["simulator"]["speed"] == 2.0
    assert settings.place_file.stat().st_size > 100_000
    assert settings.home.stat().st_mode & 0o077 == 0


def test_the_operator_can_work_at_once(settings: Settings) -> None:
    """No forced change: the password was made for this start."""
    admitted = admit(settings)
    desk = _desk(settings)
    signed_in = sign_in(desk, "operator", admitted.passwords["operator"])
    assert not signed_in.must_change
    permit(signed_in.actor, "alerts.triage")
    desk.store.close()


def test_four_people_are_let_in_so_that_two_can_decide(settings: Settings) -> None:
    """Operator, supervisor, executive and data protection officer, each with their own role and password."""
    admitted = admit(settings)
    desk = _desk(settings)
    roles = {name: sign_in(desk, name, password).actor.role for name, password in admitted.passwords.items()}
    assert roles == {
        "operator": Role.OPERATOR,
        "supervisor": Role.SUPERVISOR,
        "executive": Role.EXECUTIVE,
        "dpo": Role.DPO,
    }
    assert len(set(admitted.passwords.values())) == 4
    desk.store.close()


def test_each_start_makes_new_credentials_and_the_old_ones_stop_working(settings: Settings) -> None:
    """Nothing that was printed once stays good."""
    before, after = admit(settings), admit(settings)
    desk = _desk(settings)
    for name, password in before.passwords.items():
        assert after.passwords[name] != password
        with pytest.raises(Unauthenticated):
            sign_in(desk, name, password)
    with pytest.raises(Unauthenticated):
        tokens.who(desk, before.token)
    assert tokens.who(desk, after.token).operations == frozenset(READING)
    desk.store.close()


def test_the_token_reads_and_does_nothing_else(settings: Settings) -> None:
    """A script may look; judging is a person's."""
    desk = _desk(settings)
    actor = tokens.who(desk, admit(settings).token)
    permit(actor, "alerts.read")
    for operation in ("alerts.triage", "observations.write", "accounts.manage"):
        with pytest.raises(Refused):
            permit(actor, operation)
    desk.store.close()


def test_preparing_again_keeps_what_happened_and_takes_the_new_port(settings: Settings) -> None:
    """A second start continues."""
    admit(settings)
    again = prepare(settings.home, 8600, 1.0)
    assert again.port == 8600
    desk = _desk(again)
    with desk.store.read() as unit:
        assert sorted(account.name for account in unit.accounts.all()) == ["dpo", "executive", "operator", "supervisor"]
    desk.store.close()
