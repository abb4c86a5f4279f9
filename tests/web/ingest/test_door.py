"""Tokens are looked up once in a few seconds, and guesses cost the store nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from impetus.core.errors import Unauthenticated
from impetus.desk import tokens
from impetus.desk.context import Desk
from impetus.testing.clock import SettableClock
from impetus.web.ingest import door as module
from impetus.web.ingest.door import REMEMBERED, TTL_S, Door
from ingest_samples import ADMINISTRATOR, SQUARE, make_desk


@pytest.fixture
def desk() -> Desk:
    """Return a desk with the source square."""
    return make_desk()


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of tokens that were looked up in the store."""
    asked: list[str] = []
    who: Callable[..., object] = tokens.who

    def noting(desk: Desk, bearer: str) -> object:
        asked.append(bearer)
        return who(desk, bearer)

    monkeypatch.setattr(module.tokens, "who", noting)
    return asked


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Run an asynchronous test."""

    async def whole() -> None:
        await story()

    asyncio.run(whole())


def test_a_token_is_looked_up_once_until_its_time_is_over(desk: Desk, looked_up: list[str]) -> None:
    """A hundred batches, one look into the store."""
    secret = tokens.issue(desk, ADMINISTRATOR, "square", ["observations.write"], SQUARE)[1]

    async def story() -> None:
        door = Door(desk)
        for _ in range(100):
            assert (await door.who(secret)).source == SQUARE
        assert len(looked_up) == 1
        assert isinstance(desk.clock, SettableClock)
        desk.clock.advance(TTL_S)
        await door.who(secret)
        assert len(looked_up) == 2

    run(story)


def test_a_guess_is_remembered_as_one(desk: Desk, looked_up: list[str]) -> None:
    """The same wrong token again does not reach the store."""

    async def story() -> None:
        door = Door(desk)
        for _ in range(50):
            with pytest.raises(Unauthenticated):
                await door.who("imp_wrong")
        assert looked_up == ["imp_wrong"]

    run(story)


def test_guesses_do_not_push_a_known_token_out(desk: Desk, looked_up: list[str]) -> None:
    """They are remembered apart, and bounded."""
    secret = tokens.issue(desk, ADMINISTRATOR, "square", ["observations.write"], SQUARE)[1]

    async def story() -> None:
        door = Door(desk)
        await door.who(secret)
        for number in range(REMEMBERED + 5):
            with pytest.raises(Unauthenticated):
                await door.who(f"imp_{number}")
        await door.who(secret)
        assert looked_up.count(secret) == 1
        assert len(door._unknown) == REMEMBERED

    run(story)


def test_a_revoked_token_stays_out_and_a_new_one_comes_in(desk: Desk) -> None:
    """Revocation is of one token, not of its source."""
    token, secret = tokens.issue(desk, ADMINISTRATOR, "square", ["observations.write"], SQUARE)

    async def story() -> None:
        door = Door(desk)
        with desk.store.write() as unit:
            unit.accounts.revoke_token(token.id, desk.clock.now())
        with pytest.raises(Unauthenticated):
            await door.who(secret)
        other = tokens.issue(desk, ADMINISTRATOR, "square 2", ["observations.write"], SQUARE)[1]
        assert (await door.who(other)).name == "token:square 2"

    run(story)
