"""The part that reads sources: a home with `sources.toml`, a real ingest, files that appear, and a declaration that changes."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feed_samples import sample
from impetus.adapters.feeds.declared import Dropped, FeedDeclared
from impetus.adapters.feeds.options import Reading
from impetus.core.actor import console
from impetus.desk import tokens
from impetus.run import polled
from impetus.run.child import find_role
from impetus.run.heartbeat import Heart
from impetus.run.parts import plan_parts
from impetus.run.polled import Polling, ingest_url, stamp_of
from impetus.run.source_tokens import fresh_token
from impetus.settings import Settings
from ingest_samples import datastreams, make_desk
from ingest_server import RunningIngest, running_ingest
from patience import until

LIMIT_S = 30.0


@pytest.fixture
def ingest() -> Iterator[RunningIngest]:
    """Give an ingest that listens."""
    with running_ingest() as running:
        running.start()
        yield running


def declared(folder: Path, name: str = "air") -> FeedDeclared:
    """Return a source that looks into a folder."""
    origin = Dropped(folder=folder, pattern="*.json")
    return FeedDeclared(id=name, name=name, format="nilu", origin=origin, every_s=60, freshness_s=300, how=Reading())


def put(folder: Path) -> None:
    """Put the recorded sample there, as if long ago."""
    folder.mkdir(exist_ok=True)
    (folder / "a.json").write_bytes(sample("nilu.json"))
    os.utime(folder / "a.json", (1000, 1000))


def test_each_source_is_read_in_its_own_thread_through_the_real_door(ingest: RunningIngest, tmp_path: Path) -> None:
    """One that cannot be read is said first and keeps nobody else waiting."""
    put(tmp_path / "drop")
    settings = Settings(home=tmp_path, ingest_port=ingest.port)
    polling = Polling(ingest.desk, settings, [declared(tmp_path / "nowhere", "lost"), declared(tmp_path / "drop")])
    try:
        until(lambda: polling.sent() == 4, limit_s=LIMIT_S, what="the readings of the good source")
        until(lambda: "no folder" in polling.note(), limit_s=LIMIT_S, what="the trouble of the other")
    finally:
        polling.close()
    assert polling.note().startswith("lost: there is no folder nowhere")
    assert polling.note().endswith("2 sources read, 1 entries left out")
    assert polling.refused() == 0
    assert "air/north-quay/no2" in datastreams(ingest.desk)
    assert not [each for each in threading.enumerate() if each.name == "poll-air"]


def test_a_source_that_cannot_begin_is_said(tmp_path: Path) -> None:
    """A table of sites that is not there."""
    wrong = replace(declared(tmp_path), format="datex2", sites=tmp_path / "sites.xml")
    polling = Polling(make_desk(), Settings(home=tmp_path), [wrong])
    polling.close()
    assert polling.note() == "air: sites of air cannot be read: No such file or directory; 0 sources read"


def test_a_changed_file_begins_anew_and_a_wrong_one_is_read_as_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The board says the line; when it is mended, reading goes on."""
    notes: list[str] = []
    heart = Heart()
    monkeypatch.setattr(heart, "beat", lambda **said: notes.append(str(said["note"])))
    monkeypatch.setattr(polled, "LOOK_S", 0.02)
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\nid = "air"\nformat = "nilu"\nurl = "ftp://x"\n')
    living = threading.Thread(target=polled.run, args=(Settings(home=tmp_path, ingest_port=9), heart))
    living.start()
    try:
        until(lambda: "sources.toml line 4: url is" in "".join(notes[-1:]), limit_s=LIMIT_S, what="the fault")
        file.write_text('[[source]]\nid = "air"\nformat = "nilu"\nfolder = "drop"\n# mended\n')
        until(lambda: "1 sources read" in "".join(notes[-1:]), limit_s=LIMIT_S, what="the mended file")
    finally:
        heart.stopping.set()
        living.join(LIMIT_S)
    assert not living.is_alive()


def test_tokens_of_the_last_start_are_void() -> None:
    """One token a source, and it may do two things."""
    desk = make_desk()
    first = fresh_token(desk, "polled", "air", polled.OPERATIONS)
    second = fresh_token(desk, "polled", "air", polled.OPERATIONS)
    alive = [each for each in tokens.everything(desk, console()) if each.revoked_at is None]
    assert first != second
    assert [(each.source, each.operations) for each in alive] == [("air", frozenset(polled.OPERATIONS))]


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8471"), ("::", "http://127.0.0.1:8471"), ("::1", "http://[::1]:8471")],
)
def test_readings_go_to_this_installation_s_own_door(tmp_path: Path, host: str, url: str) -> None:
    """Wherever it listens."""
    assert ingest_url(Settings(home=tmp_path, host=host)) == url


def test_the_part_is_there_when_something_is_declared(tmp_path: Path) -> None:
    """And its role has a module."""
    assert "polled" not in {part.id for part in plan_parts(Settings(home=tmp_path))}
    assert stamp_of(tmp_path) == ""
    (tmp_path / "sources.toml").write_text("")
    assert stamp_of(tmp_path) != ""
    (part,) = [part for part in plan_parts(Settings(home=tmp_path)) if part.id == "polled"]
    assert find_role(part.role) is polled.run
