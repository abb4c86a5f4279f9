"""People at the door and programs with tokens, for stories: sign in, be turned away, act on a session."""

from datetime import timedelta

import pyotp

from impetus.core.actor import Actor, Role, console
from impetus.core.ids import SourceId
from impetus.desk import accounts, sign_in, tokens
from impetus.desk.views import SignedIn
from stories.story import Act, Expected, Story

PASSWORD = "three ferries at dawn"
BOSS = console()


class Visitor:
    """Somebody with an account and a password of their own, and the browser they use."""

    def __init__(self, story: Story, name: str, role: Role = Role.OPERATOR) -> None:
        once = accounts.add(story.desk, BOSS, name, role).password
        signed_in = sign_in.sign_in(story.desk, name, once)
        changed = accounts.change_password(story.desk, signed_in.actor, old=once, new=PASSWORD)
        sign_in.sign_out(story.desk, changed.secret)
        self.story = story
        self.name = name
        self.password = PASSWORD
        self.actor = changed.actor
        self.secret = ""
        self.seen: SignedIn | None = None
        self.factor: pyotp.TOTP | None = None

    def signs_in(self, password: str | None = None, *, code: str | None = None) -> Act:
        """Come to the door with their own password, or another."""

        def come(story: Story) -> None:
            self.seen = sign_in.sign_in(story.desk, self.name, password or self.password, code)
            self.secret = self.seen.secret

        return Act(says=f"{self.name} signs in{' with another password' if password else ''}", does=come)

    def shows_a_code(self) -> Act:
        """Come to the door with the code their authenticator shows now."""

        def come(story: Story) -> None:
            assert self.factor is not None
            self.signs_in(code=self.factor.at(story.desk.clock.now())).does(story)

        return Act(says=f"{self.name} signs in with a code", does=come)

    def enrols(self) -> Act:
        """Enrol a second factor and confirm its first code."""

        def enrol(story: Story) -> None:
            enrolment = accounts.enrol_totp(story.desk, self.actor)
            self.factor = pyotp.TOTP(enrolment.secret)
            code = self.factor.at(story.desk.clock.now())
            accounts.confirm_totp(story.desk, self.actor, secret=enrolment.secret, code=code)

        return Act(says=f"{self.name} enrols a second factor", does=enrol)

    def changes_password(self, new: str, old: str | None = None) -> Act:
        """Change their password in their browser."""

        def change(story: Story) -> None:
            self.seen = accounts.change_password(story.desk, self.actor, old=old or self.password, new=new)
            self.secret, self.password = self.seen.secret, new

        return Act(says=f"{self.name} changes the password", does=change)

    def signs_out(self) -> Act:
        """Leave."""
        return Act(says=f"{self.name} signs out", does=lambda story: sign_in.sign_out(story.desk, self.secret))

    def chooses(self, language: str) -> Act:
        """Choose a language."""
        return Act(
            says=f"{self.name} chooses {language}",
            does=lambda story: accounts.set_language(story.desk, self.actor, language),
        )

    def is_in(self) -> Expected:
        """Expect their browser to be theirs."""
        return Expected(says=f"{self.name} is in", fails=lambda _: "" if self._who() == self.actor else "is out")

    def is_out(self) -> Expected:
        """Expect their browser to be nobody's."""
        return Expected(
            says=f"{self.name} is out",
            fails=lambda _: "" if self._who() is None else "is in",
            after_refusal=True,
        )

    def _who(self) -> Actor | None:
        return sign_in.who(self.story.desk, self.secret)


class Program:
    """A program with a service token."""

    def __init__(self, name: str = "wall") -> None:
        self.name = name
        self.secret = ""
        self.number = 0

    def is_given(self, *operations: str, hours: float | None = None, source: str | None = None) -> Act:
        """Let the administrator issue its token, for some hours or until it is revoked."""

        def issue(story: Story) -> None:
            ends = None if hours is None else story.desk.clock.now() + timedelta(hours=hours)
            bound = None if source is None else SourceId(source)
            token, self.secret = tokens.issue(story.desk, BOSS, self.name, operations, bound, expires_at=ends)
            self.number = token.id

        return Act(says=f"{self.name} is given a token for {', '.join(operations) or 'nothing'}", does=issue)

    def is_revoked(self) -> Act:
        """Let the administrator revoke it."""
        return Act(
            says=f"the token of {self.name} is revoked",
            does=lambda story: tokens.revoke(story.desk, BOSS, self.number),
        )

    def comes(self, secret: str | None = None) -> Act:
        """Come with its token, or with what it takes for one."""
        return Act(
            says=f"{self.name} comes with its token",
            does=lambda story: tokens.who(story.desk, self.secret if secret is None else secret),
        )

    def actor(self, story: Story) -> Actor:
        """Return who it is to the desk."""
        return tokens.who(story.desk, self.secret)
