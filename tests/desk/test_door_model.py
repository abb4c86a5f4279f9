"""The door against a plain model: right and wrong tries at any times, and what must come of each."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desk.samples import AT
from impetus.core.actor import Role, console
from impetus.core.errors import Unauthenticated
from impetus.desk import accounts, sign_in
from impetus.desk.sign_in import (
    FIRST_REST,
    FREE_FAILURES,
    IDLE_FOR,
    LONGEST_REST,
    SESSION_FOR,
    TOUCH_EVERY,
    rest_after,
)
from impetus.testing.desk import clock_of, memory_desk

PASSWORD = "three ferries at dawn"
SPANS_S = st.sampled_from([0, 1, 29, 30, 31, 60, 119, 120, 600, 900, 901, 3_600, 7_199, 7_200, 40_000])


class TheDoor(RuleBasedStateMachine):
    """One account, its owner and a stranger; the model knows failures, the end of the rest, and the open session."""

    @initialize()
    def begin(self) -> None:
        """Let ada have an account with her own password."""
        self.desk = memory_desk(AT)
        once = accounts.add(self.desk, console(), "ada", Role.OPERATOR).password
        actor = sign_in.sign_in(self.desk, "ada", once).actor
        self.secret = accounts.change_password(self.desk, actor, old=once, new=PASSWORD).secret
        self.failures, self.rests_until = 0, AT
        self.came, self.used = AT, AT

    @rule(seconds=SPANS_S)
    def time_passes(self, seconds: int) -> None:
        """Let some time pass."""
        clock_of(self.desk).advance(seconds)

    @rule(is_right=st.booleans())
    def try_to_come_in(self, is_right: bool) -> None:  # noqa: FBT001 - a case
        """Somebody tries; let in exactly when the password is right and the account does not rest."""
        at = self.desk.clock.now()
        is_resting = at < self.rests_until
        try:
            signed_in = sign_in.sign_in(self.desk, "ada", PASSWORD if is_right else "not this one either")
        except Unauthenticated:
            assert is_resting or not is_right
            if not is_resting:
                self.failures += 1
                self.rests_until = at + rest_after(self.failures)
        else:
            assert is_right
            assert not is_resting
            self.failures, self.secret, self.came, self.used = 0, signed_in.secret, at, at

    @rule()
    def use_the_browser(self) -> None:
        """Ada looks at a page: she is in exactly while her session lasts, and using it prolongs it."""
        at = self.desk.clock.now()
        is_in = sign_in.who(self.desk, self.secret) is not None
        idle, whole = at - self.used, at - self.came
        if idle < IDLE_FOR - TOUCH_EVERY and whole < SESSION_FOR:
            assert is_in
        if idle >= IDLE_FOR or whole >= SESSION_FOR:
            assert not is_in
        if is_in:
            self.used = at

    @rule()
    def sign_out(self) -> None:
        """Ada leaves; her browser is nobody's then."""
        sign_in.sign_out(self.desk, self.secret)
        assert sign_in.who(self.desk, self.secret) is None
        self.came = AT - SESSION_FOR

    @rule()
    def reset(self) -> None:
        """Let an administrator help out: what was counted is forgotten, and every browser is out."""
        once = accounts.reset(self.desk, console(), "ada").password
        assert sign_in.who(self.desk, self.secret) is None
        actor = sign_in.sign_in(self.desk, "ada", once).actor
        self.secret = accounts.change_password(self.desk, actor, old=once, new=PASSWORD).secret
        self.failures, self.came, self.used = 0, self.desk.clock.now(), self.desk.clock.now()
        self.rests_until = self.desk.clock.now()

    @invariant()
    def the_account_says_what_the_model_says(self) -> None:
        """Failures in a row, and never a rest longer than the longest."""
        with self.desk.store.read() as unit:
            account = unit.accounts.by_name("ada")
        assert account is not None
        assert account.failures == self.failures
        left = (account.locked_until or AT) - self.desk.clock.now()
        assert left <= LONGEST_REST


class TheDoorForLong(TheDoor):
    """The same for longer."""


TheDoor.TestCase.settings = settings(max_examples=12, stateful_step_count=30, deadline=None)
TheDoorForLong.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestTheDoor = TheDoor.TestCase
TestTheDoorForLong = pytest.mark.slow(TheDoorForLong.TestCase)


@given(failures=st.integers(0, 10_000))
def test_a_rest_grows_with_failures_within_its_bounds(failures: int) -> None:
    """None for the free ones, then at least the first rest, never more than the longest, never less than before."""
    rest, next_rest = rest_after(failures), rest_after(failures + 1)
    assert rest == timedelta(0) if failures < FREE_FAILURES else FIRST_REST <= rest <= LONGEST_REST
    assert rest <= next_rest <= max(2 * rest, FIRST_REST)


def test_a_day_of_guessing_is_a_hundred_guesses() -> None:
    """What the rest is for: whoever guesses without a pause gets no more than about four tries an hour."""
    guesses, at = 0, timedelta(0)
    while at < timedelta(days=1):
        guesses += 1
        at += rest_after(guesses)
    assert guesses < 110
