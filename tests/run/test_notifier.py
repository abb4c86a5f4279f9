"""The part Notifier over a real home: messages arrive by the file's channels, each by its own worker, and a hanging one holds up nobody."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest

from impetus.core.actor import Role, console
from impetus.core.ids import NoticeId
from impetus.core.notice import Notice, Outgoing
from impetus.desk import accounts, contacts, notices
from impetus.desk.context import Desk
from impetus.desk.notice_reading import notices_view
from impetus.desk.sign_in import actor_of
from impetus.ports.notices import Sent
from impetus.run.heartbeat import Heart
from impetus.run.notifier import Notifier
from impetus.settings import Settings
from impetus.testing.channels import MemoryChannels, RecordingChannel
from impetus.wiring import open_desk
from patience import until

LONG_S = 30.0
BOX = '[channels.mailbox]\nkind = "mailbox"\n'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return the desk of a demonstration's home with a mailbox, and one operator."""
    (tmp_path / "channels.toml").write_text(BOX)
    opened = open_desk(Settings(home=tmp_path, simulated=True))
    accounts.add(opened, console(), "ada", Role.OPERATOR)
    yield opened
    opened.close()


class Serving:
    """A notifier in a thread of its own, as the child process runs it."""

    def __init__(self, desk: Desk) -> None:
        self.heart = Heart()
        self.notifier = Notifier(desk, self.heart)
        self._thread = threading.Thread(target=self.notifier.run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.heart.stopping.set()
        self._thread.join(LONG_S)


def ask(desk: Desk, key: str) -> NoticeId:
    """Let ada be told something simulated."""
    with desk.store.read() as unit:
        account = unit.accounts.by_name("ada")
    assert account is not None
    with desk.store.write() as unit:
        return notices.send_notice(
            desk, unit, actor_of(account), Notice(to=("ada",), title="Test", key=key, simulated=True)
        )


def reach(desk: Desk, *channels: str) -> None:
    """Let ada be reached by channels, in this order."""
    with desk.store.read() as unit:
        account = unit.accounts.by_name("ada")
    assert account is not None
    for place, channel in enumerate(channels):
        contacts.put_contact(desk, actor_of(account), channel, "ada's telephone", place=place)


def test_a_notice_reaches_the_mailbox_of_the_home_and_says_so(desk: Desk) -> None:
    """From the file to the letter with its links, by the part as it runs."""
    reach(desk, "mailbox")
    with Serving(desk):
        ask(desk, "one")
        until(lambda: bool(desk.channels.letters()), limit_s=LONG_S, what="a letter")
    (letter,) = desk.channels.letters()
    assert letter.headline == "[EXERCISE] notice 1: Test"
    assert letter.answer_link.startswith("http://127.0.0.1:8470/answer/")
    notices.acknowledge_by_token(desk, letter.answer_link.rpartition("/")[2])
    assert notices_view(desk, console())[0].has == ("ada",)


class Hanging(RecordingChannel):
    """A channel whose server takes the connection and says nothing until it is let go."""

    gate = threading.Event()

    def send(self, message: Outgoing, address: str) -> Sent:
        """Wait."""
        self.gate.wait(LONG_S)
        return super().send(message, address)


def test_a_channel_that_hangs_holds_up_nobody_but_itself(desk: Desk) -> None:
    """A second person, reached by another channel, is told while the first message still hangs."""
    slow, quick = Hanging(), RecordingChannel()
    house = replace(desk, channels=MemoryChannels(ways={"slow": slow, "quick": quick}))
    accounts.add(house, console(), "ben", Role.OPERATOR)
    with house.store.read() as unit:
        ben = unit.accounts.by_name("ben")
    assert ben is not None
    reach(house, "slow")
    contacts.put_contact(house, actor_of(ben), "quick", "ben's telephone")
    with Serving(house):
        ask(house, "hangs")
        with house.store.write() as unit:
            notices.send_notice(house, unit, actor_of(ben), Notice(to=("ben",), title="Test", simulated=True))
        until(lambda: bool(quick.sent), limit_s=LONG_S, what="the other person's message")
        assert slow.sent == []
        slow.gate.set()
        until(lambda: bool(slow.sent), limit_s=LONG_S, what="the message that hung")


def test_a_channel_added_to_the_file_gets_its_worker_and_one_removed_loses_it(desk: Desk, tmp_path: Path) -> None:
    """Without a restart."""
    reach(desk, "mailbox")
    with Serving(desk) as serving:
        workers = serving.notifier._workers
        until(lambda: "mailbox" in serving.notifier._workers, limit_s=LONG_S, what="its worker")
        (tmp_path / "channels.toml").write_text("")
        until(lambda: not serving.notifier._workers, limit_s=LONG_S, what="no worker")
        assert workers is not None
