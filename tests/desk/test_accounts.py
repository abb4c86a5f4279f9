"""Accounts: nobody is let in by default, and nobody keeps a password that is guessed first."""

import re
from datetime import UTC, datetime

import pytest

from impetus.core.actor import Actor, Role, console, platform
from impetus.core.errors import Conflict, Malformed, Refused, Unauthenticated, Unknown
from impetus.core.log_record import Outcome
from impetus.desk import accounts, sign_in
from impetus.desk.context import Desk
from impetus.desk.passwords import COMMONEST, MIN_PASSWORD
from impetus.testing.desk import memory_desk
from impetus.testing.journal import MemoryJournal

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
PASSWORD = "three ferries at dawn"


@pytest.fixture
def desk() -> Desk:
    """Return a desk nobody has started yet."""
    return memory_desk(AT)


def _settled(desk: Desk, name: str, role: Role = Role.OPERATOR) -> Actor:
    """Return somebody with an account and a password of their own."""
    first = accounts.add(desk, console(), name, role)
    signed_in = sign_in.sign_in(desk, name, first.password)
    return accounts.change_password(desk, signed_in.actor, old=first.password, new=PASSWORD).actor


def test_the_first_start_makes_one_administrator_and_the_second_none(desk: Desk) -> None:
    """A one-time password of 160 bits that can be read aloud; afterwards the door is shut."""
    first = accounts.first_start(desk)
    assert first is not None
    assert first.name == "admin"
    assert re.fullmatch(r"([a-z2-7]{4}-){7}[a-z2-7]{4}", first.password)
    assert first.password not in repr(first)
    assert accounts.first_start(desk) is None
    signed_in = sign_in.sign_in(desk, "admin", first.password)
    assert signed_in.actor.role is Role.ADMINISTRATOR
    assert signed_in.must_change


def test_every_one_time_password_is_another(desk: Desk) -> None:
    """There is no default: two accounts, two passwords."""
    names = [f"person{number}" for number in range(20)]
    assert len({accounts.add(desk, console(), name, Role.OPERATOR).password for name in names}) == 20


@pytest.mark.parametrize("actor", [platform("demo"), Actor(name="sol", role=Role.SUPERVISOR)])
def test_only_an_administrator_adds_accounts(desk: Desk, actor: Actor) -> None:
    """Neither the platform itself nor a supervisor lets people in."""
    with pytest.raises(Refused, match=r"may not accounts\.manage"):
        accounts.add(desk, actor, "mallory", Role.ADMINISTRATOR)


@pytest.mark.parametrize("name", ["", "a", "platform:fusion", "a b", "é", "x" * 33, "../etc", "a\nb", "-a"])
def test_names_that_cannot_be_said_or_written_are_refused(desk: Desk, name: str) -> None:
    """Names go into logs and are said aloud; none can pose as the platform."""
    with pytest.raises(Malformed, match="account name"):
        accounts.add(desk, console(), name, Role.OPERATOR)


@pytest.mark.parametrize("role", [Role.SERVICE, Role.PLATFORM])
def test_nobody_becomes_a_service_or_the_platform(desk: Desk, role: Role) -> None:
    """These roles are not for people."""
    with pytest.raises(Malformed, match="role is"):
        accounts.add(desk, console(), "ada", role)


def test_a_name_is_given_once(desk: Desk) -> None:
    """In whatever case it is written."""
    accounts.add(desk, console(), "ada", Role.OPERATOR)
    with pytest.raises(Conflict):
        accounts.add(desk, console(), "ADA", Role.OPERATOR)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * (MIN_PASSWORD - 1),
        "x" * 201,
        "ada has a boat",
        "my name is ADA!",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "PasswordPassword",
        "123456789012",
    ],
)
def test_passwords_that_are_guessed_first_are_refused(desk: Desk, password: str) -> None:
    """Too short, too long, with the name in it, common, or one letter over and over: never echoed in the answer."""
    first = accounts.add(desk, console(), "ada", Role.OPERATOR)
    actor = sign_in.sign_in(desk, "ada", first.password).actor
    with pytest.raises(Malformed) as refusal:
        accounts.change_password(desk, actor, old=first.password, new=password)
    assert refusal.value.limit
    assert password not in str(refusal.value.problem())


def test_the_list_of_commonest_passwords_holds_only_what_the_length_lets_pass() -> None:
    """A shorter one would be refused by its length already."""
    assert all(len(password) >= MIN_PASSWORD for password in COMMONEST)
    assert all(password == password.casefold() for password in COMMONEST)


def test_changing_a_password_takes_the_old_one_and_ends_other_sessions(desk: Desk) -> None:
    """A stolen open browser changes nothing, and is out once the password is changed."""
    actor = _settled(desk, "ada")
    stolen = sign_in.sign_in(desk, "ada", PASSWORD).secret
    with pytest.raises(Unauthenticated):
        accounts.change_password(desk, actor, old="not the old one", new="four gulls on a pole")
    with pytest.raises(Malformed, match="is the old one"):
        accounts.change_password(desk, actor, old=PASSWORD, new=PASSWORD)
    renewed = accounts.change_password(desk, actor, old=PASSWORD, new="four gulls on a pole")
    assert sign_in.who(desk, stolen) is None
    assert sign_in.who(desk, renewed.secret) == actor
    assert sign_in.sign_in(desk, "ada", "four gulls on a pole").actor == actor


def test_wrong_old_passwords_count_like_wrong_guesses_at_the_door(desk: Desk) -> None:
    """A stolen browser is no better place to guess from."""
    actor = _settled(desk, "ada")
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            accounts.change_password(desk, actor, old="wrong", new="four gulls on a pole")
    with pytest.raises(Unauthenticated):
        sign_in.sign_in(desk, "ada", PASSWORD)


def test_changing_a_password_works_with_a_second_factor(desk: Desk) -> None:
    """The session has passed it already; the factor stays."""
    actor = _settled(desk, "ada")
    _enrol(desk, actor)
    assert accounts.change_password(desk, actor, old=PASSWORD, new="four gulls on a pole").has_totp


def _enrol(desk: Desk, actor: Actor) -> str:
    import pyotp

    secret = accounts.enrol_totp(desk, actor).secret
    accounts.confirm_totp(desk, actor, secret=secret, code=pyotp.TOTP(secret).at(desk.clock.now()))
    return secret


def test_a_second_factor_counts_only_after_its_first_code(desk: Desk) -> None:
    """A wrong code or a broken secret enrols nothing."""
    actor = _settled(desk, "ada")
    secret = accounts.enrol_totp(desk, actor).secret
    with pytest.raises(Malformed):
        accounts.confirm_totp(desk, actor, secret=secret, code="no code")
    with pytest.raises(Malformed):
        accounts.confirm_totp(desk, actor, secret="not base 32!", code="123456")
    assert not sign_in.sign_in(desk, "ada", PASSWORD).has_totp


def test_a_second_factor_is_not_replaced_from_an_open_browser(desk: Desk) -> None:
    """Only an administrator's reset takes it away."""
    actor = _settled(desk, "ada")
    secret = _enrol(desk, actor)
    with pytest.raises(Conflict):
        accounts.enrol_totp(desk, actor)
    with pytest.raises(Conflict):
        _confirm_again(desk, actor, secret)


def _confirm_again(desk: Desk, actor: Actor, secret: str) -> None:
    import pyotp

    accounts.confirm_totp(desk, actor, secret=secret, code=pyotp.TOTP(secret).at(desk.clock.now()))


def test_the_secret_of_a_second_factor_is_not_stored_in_clear(desk: Desk) -> None:
    """What is stored is sealed."""
    secret = _enrol(desk, _settled(desk, "ada"))
    stored = next(iter(accounts.everyone(desk, console())))
    assert stored.totp_sealed is not None
    assert secret.encode() not in stored.totp_sealed


def test_a_reset_gives_a_new_one_time_password_and_takes_the_rest_away(desk: Desk) -> None:
    """Lost password, lost telephone, resting account: one act of an administrator mends all three."""
    actor = _settled(desk, "ada")
    _enrol(desk, actor)
    open_session = accounts.change_password(desk, actor, old=PASSWORD, new="four gulls on a pole").secret
    for _ in range(6):
        with pytest.raises(Unauthenticated):
            sign_in.sign_in(desk, "ada", "wrong")
    fresh = accounts.reset(desk, console(), "Ada")
    assert sign_in.session(desk, open_session) is None
    signed_in = sign_in.sign_in(desk, "ada", fresh.password)
    assert signed_in.must_change
    assert not signed_in.has_totp


def test_an_administrator_always_remains(desk: Desk) -> None:
    """One cannot disable oneself; a stranger cannot be disabled."""
    boss = _settled(desk, "boss", Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="your own account"):
        accounts.disable(desk, boss, "boss")
    with pytest.raises(Unknown):
        accounts.disable(desk, boss, "nobody")


def test_each_change_of_an_account_is_told_with_who_made_it(desk: Desk) -> None:
    """Added, reset, disabled, enabled: four changes, no secret in them."""
    secrets = [accounts.add(desk, console(), "ada", Role.OPERATOR).password]
    secrets.append(accounts.reset(desk, console(), "ada").password)
    accounts.disable(desk, console(), "ada")
    accounts.enable(desk, console(), "ada")
    with desk.store.read() as unit:
        told = unit.outbox.after(0)
    assert [change.facts["what"] for change in told] == ["add", "reset", "disable", "enable"]
    assert {change.facts["who"] for change in told} == {"console"}
    assert not any(secret in repr(told) for secret in secrets)


def test_a_person_chooses_their_language_from_those_there_are(desk: Desk) -> None:
    """Norwegian is there, Klingon is not; a token has no language."""
    actor = _settled(desk, "ada")
    accounts.set_language(desk, actor, "nb")
    assert sign_in.sign_in(desk, "ada", PASSWORD).language == "nb"
    with pytest.raises(Malformed):
        accounts.set_language(desk, actor, "tlh")
    with pytest.raises(Unauthenticated):
        accounts.set_language(desk, console(), "nb")


def test_looking_after_ones_own_account_passes_the_guard_and_is_for_people() -> None:
    """Password, second factor and language; a token, the console and the platform have no account to look after."""
    desk = memory_desk(AT)
    token = Actor(name="wall", role=Role.SERVICE, operations=frozenset({"alerts.read"}))
    acts = (
        lambda who: accounts.set_language(desk, who, "nb"),
        lambda who: accounts.change_password(desk, who, old="a", new="three ferries at dawn"),
        lambda who: accounts.enrol_totp(desk, who),
        lambda who: accounts.confirm_totp(desk, who, secret="A" * 32, code="123456"),
    )
    for act in acts:
        for who in (token, platform("keeper")):
            with pytest.raises(Refused):
                act(who)
    assert isinstance(desk.journal, MemoryJournal)
    assert {each.act for each in desk.journal.records if each.outcome is Outcome.REFUSED} == {"account.own"}
