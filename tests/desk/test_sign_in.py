"""Signing in: the door opens to those who know, and tells the others nothing."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from impetus.core.actor import Role, console
from impetus.core.errors import Unauthenticated
from impetus.desk import accounts, alarm_load, sign_in
from impetus.desk.context import Desk
from impetus.desk.views import SignedIn
from impetus.testing.desk import clock_of, memory_desk

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
PASSWORD = "three ferries at dawn"


@pytest.fixture
def desk() -> Desk:
    """Return a desk with the operator ada, who has changed her one-time password."""
    desk = memory_desk(AT)
    first = accounts.add(desk, console(), "ada", Role.OPERATOR, language="nb")
    signed_in = sign_in.sign_in(desk, "ada", first.password)
    accounts.change_password(desk, signed_in.actor, old=first.password, new=PASSWORD)
    return desk


def _refused(desk: Desk, name: str, password: str, totp: str | None = None) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as refusal:
        sign_in.sign_in(desk, name, password, totp)
    return refusal.value


def _enrolled(desk: Desk) -> pyotp.TOTP:
    """Give ada a second factor, and let the next time step come."""
    actor = sign_in.sign_in(desk, "ada", PASSWORD).actor
    enrolment = accounts.enrol_totp(desk, actor)
    totp = pyotp.TOTP(enrolment.secret)
    accounts.confirm_totp(desk, actor, secret=enrolment.secret, code=totp.at(desk.clock.now()))
    clock_of(desk).advance(30)
    return totp


def _sign_in(desk: Desk) -> SignedIn:
    return sign_in.sign_in(desk, "ada", PASSWORD)


def test_name_and_password_open_a_session(desk: Desk) -> None:
    """The session knows the person, the language and its end; the cookie's secret is stored nowhere."""
    signed_in = sign_in.sign_in(desk, " ADA ", PASSWORD)
    assert signed_in.actor.name == "ada"
    assert signed_in.actor.role is Role.OPERATOR
    assert signed_in.language == "nb"
    assert not signed_in.must_change
    assert len(signed_in.secret) == 43
    assert sign_in.who(desk, signed_in.secret) == signed_in.actor
    with desk.store.read() as unit:
        stored = unit.accounts.session(sign_in.hash_of(signed_in.secret))
    assert stored is not None
    assert signed_in.secret not in repr(stored)
    assert signed_in.secret not in repr(signed_in)


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), PASSWORD + " ", "x" * 100_000])
def test_a_wrong_password_is_refused(desk: Desk, password: str) -> None:
    """Anything but the password, however long."""
    assert _refused(desk, "ada", password).rule == "name, password or code"


def test_an_unknown_name_costs_and_says_the_same_as_a_wrong_password(desk: Desk) -> None:
    """One hash and one sentence for unknown names, disabled accounts and wrong passwords."""
    accounts.add(desk, console(), "gone", Role.OPERATOR)
    accounts.disable(desk, console(), "gone")
    answers, costs = [], []
    for name in ("ada", "gone", "nobody", ""):
        before = desk.passwords.hashed  # type: ignore[attr-defined]  # the fake counts
        answers.append(_refused(desk, name, "wrong").problem())
        costs.append(desk.passwords.hashed - before)  # type: ignore[attr-defined]  # as above
    assert answers == [answers[0]] * 4
    assert costs == [1] * 4


def test_an_account_rests_longer_after_each_failure_beyond_the_fifth(desk: Desk) -> None:
    """Five wrong ones, and the right one is refused for 30 s; a sixth, and it is 60 s; then the count begins anew."""
    for _ in range(5):
        _refused(desk, "ada", "wrong")
    _refused(desk, "ada", PASSWORD)
    clock_of(desk).advance(30)
    _refused(desk, "ada", "wrong")
    clock_of(desk).advance(59)
    _refused(desk, "ada", PASSWORD)
    clock_of(desk).advance(1)
    assert _sign_in(desk).actor.name == "ada"
    with desk.store.read() as unit:
        account = unit.accounts.by_name("ada")
    assert account is not None
    assert (account.failures, account.locked_until) == (0, None)


def test_the_rest_has_an_end() -> None:
    """However many failures, a stranger keeps nobody out for more than a quarter of an hour."""
    assert sign_in.rest_after(4) == timedelta(0)
    assert sign_in.rest_after(10_000) == timedelta(minutes=15)


def test_a_session_ends_after_two_idle_hours(desk: Desk) -> None:
    """Used every hour it stays; unused for two it is over."""
    secret = _sign_in(desk).secret
    for _ in range(3):
        clock_of(desk).advance(3_600)
        assert sign_in.who(desk, secret) is not None
    clock_of(desk).advance(7_200)
    assert sign_in.who(desk, secret) is None


def test_a_session_ends_after_twelve_hours_however_busy(desk: Desk) -> None:
    """A shift is over: sign in again."""
    secret = _sign_in(desk).secret
    for _ in range(12 * 4 - 1):
        clock_of(desk).advance(900)
        assert sign_in.who(desk, secret) is not None
    clock_of(desk).advance(900)
    assert sign_in.who(desk, secret) is None


def test_reading_a_page_is_not_a_write_each_time(desk: Desk) -> None:
    """The idle limit moves on in steps of five minutes."""
    secret = _sign_in(desk).secret
    before = sign_in.session(desk, secret)
    clock_of(desk).advance(299)
    assert sign_in.session(desk, secret) == before
    clock_of(desk).advance(1)
    after = sign_in.session(desk, secret)
    assert before is not None
    assert after is not None
    assert after.expires_at - before.expires_at == timedelta(seconds=300)
    assert after.csrf == before.csrf


def test_signing_out_ends_this_session_and_no_other(desk: Desk) -> None:
    """Another browser stays signed in; signing out twice is no error."""
    one, other = _sign_in(desk).secret, _sign_in(desk).secret
    sign_in.sign_out(desk, one)
    sign_in.sign_out(desk, one)
    assert sign_in.who(desk, one) is None
    assert sign_in.who(desk, other) is not None


def test_who_signs_out_gives_the_seat_up_and_another_browser_takes_it_again(desk: Desk) -> None:
    """Alerts are not paced for somebody who left; whoever still works is seen at the next look."""
    one, other = _sign_in(desk), _sign_in(desk)
    assert alarm_load.sit(desk, one.actor) is True
    sign_in.sign_out(desk, one.secret)
    with desk.store.read() as unit:
        assert unit.attention.seats(desk.clock.now() - timedelta(minutes=1)) == ()
    assert alarm_load.sit(desk, other.actor) is True


def test_signing_out_everywhere_ends_all(desk: Desk) -> None:
    """Every browser at once."""
    signed_in = [_sign_in(desk) for _ in range(3)]
    account = signed_in[0].actor.account
    assert account is not None
    assert sign_in.sign_out_everywhere(desk, account) >= 3
    assert not any(sign_in.who(desk, each.secret) for each in signed_in)


def test_a_disabled_account_is_out_at_once(desk: Desk) -> None:
    """The session that was open shows nothing more."""
    secret = _sign_in(desk).secret
    accounts.disable(desk, console(), "ada")
    assert sign_in.session(desk, secret) is None
    accounts.enable(desk, console(), "ada")
    assert _sign_in(desk).actor.name == "ada"


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "imp_" + "A" * 43, "\x00" * 9_999])
def test_a_cookie_that_is_none_of_ours_is_nobody(desk: Desk, cookie: str) -> None:
    """No error, no person."""
    assert sign_in.who(desk, cookie) is None


def test_a_one_time_password_is_good_for_changing_it_and_nothing_else(desk: Desk) -> None:
    """Signed in with it, one is not yet anybody who may act; `session` tells the page to ask for a new one."""
    first = accounts.add(desk, console(), "bo", Role.OPERATOR)
    signed_in = sign_in.sign_in(desk, "bo", first.password)
    assert signed_in.must_change
    assert sign_in.who(desk, signed_in.secret) is None
    session = sign_in.session(desk, signed_in.secret)
    assert session is not None
    assert session.must_change
    renewed = accounts.change_password(desk, session.actor, old=first.password, new=PASSWORD)
    assert sign_in.session(desk, signed_in.secret) is None, "the old session is over"
    assert sign_in.who(desk, renewed.secret) == signed_in.actor


def test_a_second_factor_is_asked_for_and_accepted_once(desk: Desk) -> None:
    """Without a code: told that one is needed. With it: in. With the same again: refused, as RFC 6238 asks."""
    totp = _enrolled(desk)
    assert _refused(desk, "ada", PASSWORD).rule == "second factor"
    code = totp.at(desk.clock.now())
    assert sign_in.sign_in(desk, "ada", PASSWORD, code).has_totp
    assert _refused(desk, "ada", PASSWORD, code).rule == "name, password or code"
    clock_of(desk).advance(30)
    assert sign_in.sign_in(desk, "ada", PASSWORD, totp.at(desk.clock.now())).actor.name == "ada"


def test_a_wrong_password_never_hears_of_a_second_factor(desk: Desk) -> None:
    """Who does not know the password does not learn that a code would be needed."""
    _enrolled(desk)
    assert _refused(desk, "ada", "wrong").rule == "name, password or code"


def test_guessing_codes_makes_the_account_rest(desk: Desk) -> None:
    """Six digits are guessed in a million tries; five are allowed."""
    totp = _enrolled(desk)
    right = totp.at(desk.clock.now())
    for number in range(5):
        wrong = f"{(int(right) + 1 + number) % 1_000_000:06d}"
        _refused(desk, "ada", PASSWORD, wrong)
    assert _refused(desk, "ada", PASSWORD, right).rule == "name, password or code"


def test_asking_for_the_code_is_not_a_failure(desk: Desk) -> None:
    """Ten times name and password without a code leave the account as it was."""
    totp = _enrolled(desk)
    for _ in range(10):
        _refused(desk, "ada", PASSWORD)
    assert sign_in.sign_in(desk, "ada", PASSWORD, totp.at(desk.clock.now())).actor.name == "ada"


def test_a_code_for_somebody_else_does_not_open(desk: Desk) -> None:
    """The secret is sealed to its account: moved to another one it opens nothing."""
    _enrolled(desk)
    first = accounts.add(desk, console(), "eve", Role.OPERATOR)
    with desk.store.write() as unit:
        ada, eve = unit.accounts.by_name("ada"), unit.accounts.by_name("eve")
        assert ada is not None
        assert eve is not None
        unit.accounts.replace(replace(eve, totp_sealed=ada.totp_sealed))
    with pytest.raises(Exception, match="was changed"):
        sign_in.sign_in(desk, "eve", first.password, "123456")


def test_a_secret_is_base_32_of_160_bits(desk: Desk) -> None:
    """What the authenticator is given has the strength RFC 4226 asks for, and names site and person."""
    enrolment = accounts.enrol_totp(desk, _sign_in(desk).actor, site="Oslo")
    assert len(base64.b32decode(enrolment.secret)) == 20
    assert enrolment.uri.startswith("otpauth://totp/Oslo:ada?")
    assert enrolment.secret not in repr(enrolment)
