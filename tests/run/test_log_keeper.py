"""The part Log: its clockwork, what it says on the board, and that killing it loses nothing and doubles nothing."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desk.log_samples import a_desk, drain, entries_of, head_of, indexed, judged, report, subjects, writer_of
from ethics.log_samples import a_record
from impetus.core.actor import Actor, Role
from impetus.core.errors import Misconfigured, NotNow
from impetus.core.finding import Finding, Severity
from impetus.core.ids import Offset
from impetus.desk.context import FINDINGS, LOG, Desk
from impetus.desk.log_notes import read_trouble, read_verified, read_witnesses
from impetus.desk.verify_log import ask_verify
from impetus.ethics.log.entry import read_entry
from impetus.ethics.log.rebuild import CHECKPOINT
from impetus.run.heartbeat import Heart
from impetus.run.log_keeper import BEAT_S, CHORES_S, DAILY_S, SEAL_S, TRIM_S, LogKeeper
from impetus.run.parts import plan_parts
from impetus.settings import Settings, settings_from
from impetus.testing.desk import clock_of
from patience import until
from run.log_program import open_files

PROGRAM = Path(__file__).with_name("log_program.py")
SEED = 7


class Beats(Heart):
    """A heart that keeps what it was given to say and never makes anybody wait."""

    def __init__(self) -> None:
        super().__init__()
        self.beats: list[tuple[float, int, int, str]] = []
        self.stopping = _Never()

    def beat(self, rate_per_s: float = 0.0, lag: int = 0, dropped: int = 0, note: str = "") -> None:
        """Keep a beat."""
        self.beats.append((rate_per_s, lag, dropped, note))


class _Never(threading.Event):
    """A stop that does not come by waiting for it."""

    def wait(self, timeout: float | None = None) -> bool:
        """Return at once, however long somebody would wait."""
        del timeout
        return self.is_set()


@pytest.fixture
def desk() -> Desk:
    """Give a desk whose records travel over its bus."""
    return a_desk()


@pytest.fixture
def heart() -> Beats:
    """Give a heart that beats into a list."""
    return Beats()


@pytest.fixture
def keeper(desk: Desk, heart: Beats, tmp_path: Path) -> LogKeeper:
    """Give the part at its first start."""
    return LogKeeper(desk, Settings(home=tmp_path), heart)


def pass_time(desk: Desk, keeper: LogKeeper, seconds: float) -> None:
    """Let time pass and the part take a turn."""
    clock_of(desk).advance(seconds)
    keeper.turn()


def told(desk: Desk) -> list[Finding]:
    """Return the findings published so far."""
    return [desk.codec.decode_finding(message.body)[0] for message in desk.bus.read(FINDINGS, Offset(0))]


def test_a_checkpoint_at_most_every_ten_seconds_while_entries_arrive(desk: Desk, keeper: LogKeeper) -> None:
    """The first at once, the next ten seconds later, none when nothing came."""
    report(desk, 0, 3)
    keeper.turn()
    assert head_of(desk).size == 3
    report(desk, 3, 2)
    pass_time(desk, keeper, SEAL_S - 1)
    assert head_of(desk).size == 3
    assert keeper.writer.size == 5
    pass_time(desk, keeper, 1)
    assert head_of(desk).size == 5
    content = desk.log_files.read(CHECKPOINT)
    pass_time(desk, keeper, 60)
    assert desk.log_files.read(CHECKPOINT) == content


def test_the_last_thing_it_does_is_to_sign(desk: Desk, keeper: LogKeeper, heart: Beats) -> None:
    """When it is told to stop, everything on the bus is taken and signed first, its own permission to keep the log too."""
    report(desk, 0, 3)
    keeper.turn()
    report(desk, 3, 4)
    heart.stopping.set()
    keeper.run()
    records = indexed(desk)
    assert head_of(desk).size == len(records) == 8
    assert (records[-1].act, records[-1].role) == ("log.keep", "platform")


def test_raw_records_leave_the_bus(desk: Desk, keeper: LogKeeper) -> None:
    """They hold names: ten minutes after they became entries they are gone, however little is said."""
    report(desk, 0, 5)
    keeper.turn()
    assert desk.bus.status(LOG).last > 0
    pass_time(desk, keeper, TRIM_S)
    assert desk.bus.status(LOG).last == 0
    report(desk, 5, 1)
    pass_time(desk, keeper, SEAL_S)
    assert len(subjects(indexed(desk))) == 6


def test_raw_records_that_are_no_entries_yet_stay(
    desk: Desk, keeper: LogKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trimming never takes what the log has not signed."""
    report(desk, 0, 5)
    keeper.attempt("records", keeper.writer.take)
    clock_of(desk).advance(TRIM_S)
    keeper.attempt("bus", keeper._trim)
    assert desk.bus.status(LOG).first == 1


def test_entries_are_removed_when_their_time_is_over(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """After `log_days` whole bundles go, and the checkpoint says so; the rest stays provable."""
    keeper = LogKeeper(desk, Settings(home=tmp_path, log_days=365), heart)
    report(desk, 0, 600)
    keeper.turn()
    for days in (300, 60):
        pass_time(desk, keeper, days * 86_400)
        assert head_of(desk).minimum == 0
    pass_time(desk, keeper, 10 * 86_400)
    pass_time(desk, keeper, CHORES_S)
    assert head_of(desk).minimum == 512
    assert judged(desk).is_sound


def test_nothing_is_removed_while_the_log_is_verified(desk: Desk, keeper: LogKeeper) -> None:
    """A verification must not find a hole that opens under it."""
    report(desk, 0, 600)
    keeper.turn()
    keeper._verifying.set()
    pass_time(desk, keeper, 4000 * 86_400)
    assert head_of(desk).minimum == 0
    keeper._verifying.clear()
    pass_time(desk, keeper, CHORES_S)
    assert head_of(desk).minimum == 512


def test_the_beat_says_how_fast_how_far_behind_and_what_was_unreadable(
    desk: Desk, keeper: LogKeeper, heart: Beats
) -> None:
    """Records a second, messages behind, and what could not be read."""
    report(desk, 0, 10)
    desk.bus.publish(LOG, [b"rubbish"])
    keeper.turn()
    report(desk, 10, 7)
    clock_of(desk).advance(BEAT_S)
    keeper.beat(desk.clock.monotonic_s())
    rate_per_s, lag, dropped, note = heart.beats[-1]
    assert (rate_per_s, lag, dropped, note) == (11.0, 7, 1, "")


def test_a_full_disk_is_said_on_the_board_until_it_is_over(
    desk: Desk, heart: Beats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost meanwhile; the trouble goes when writing works again."""
    files = _Full(desk.log_files)
    keeper = LogKeeper(replace(desk, log_files=files), Settings(home=tmp_path), heart)
    files.is_full = True
    report(desk, 0, 4)
    pass_time(desk, keeper, BEAT_S)
    pass_time(desk, keeper, BEAT_S)
    assert "no room" in heart.beats[-1][3]
    assert desk.log_files.read(CHECKPOINT) is None
    files.is_full = False
    pass_time(desk, keeper, SEAL_S)
    pass_time(desk, keeper, BEAT_S)
    assert heart.beats[-1][3] == ""
    assert head_of(desk).size == 4


class _Full:
    """Files on a disk that can be full."""

    def __init__(self, inner: object) -> None:
        self._inner, self.is_full = inner, False

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def write(self, files: dict[str, bytes]) -> None:
        """Write when there is room."""
        if self.is_full:
            raise NotNow("no room to write", retry_after_s=1.0)
        self._inner.write(files)


def test_a_damaged_log_is_a_severe_finding_and_signs_nothing(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """Told once; on the board and in the health until the log is whole again; records wait on the bus."""
    writer = writer_of(desk)
    report(desk, 0, 4)
    drain(writer)
    writer.seal()
    good = dict(desk.log_files.files)
    desk.log_files.files["tile/0/000.p/4"] = bytes(128)
    keeper = LogKeeper(desk, Settings(home=tmp_path), heart)
    report(desk, 4, 2)
    for _ in range(3):
        pass_time(desk, keeper, BEAT_S)
    (finding,) = told(desk)
    assert finding.severity is Severity.SEVERE
    assert "damaged" in heart.beats[-1][3]
    assert "damaged" in read_trouble(desk.log_files)
    assert desk.log_files.read(CHECKPOINT) == good[CHECKPOINT]
    desk.log_files.files |= good
    pass_time(desk, keeper, SEAL_S)
    assert read_trouble(desk.log_files) == ""
    assert subjects(indexed(desk)) == [f"camera:{number}" for number in range(6)]


def test_verification_finds_what_was_changed_behind_its_back(desk: Desk, keeper: LogKeeper) -> None:
    """A severe finding, and a note for the page."""
    report(desk, 0, 300)
    keeper.turn()
    keeper.verify()
    assert told(desk) == []
    assert read_verified(desk.log_files).trouble == ""
    files = desk.log_files.files
    files["tile/entries/000"] = files["tile/entries/000"].replace(b"operator", b"0perator", 1)
    keeper.verify()
    assert "entry 0" in read_verified(desk.log_files).trouble
    assert [finding.severity for finding in told(desk)] == [Severity.SEVERE]


def test_a_person_who_asks_is_not_made_to_wait_a_day(desk: Desk, keeper: LogKeeper) -> None:
    """Due at once when asked for, and not any more when done; without anybody asking it is due once a day."""
    report(desk, 0, 30)
    keeper.turn()
    pass_time(desk, keeper, SEAL_S)
    keeper.verify()
    assert not keeper.is_verification_due()
    pass_time(desk, keeper, DAILY_S)
    ask_verify(desk, Actor(name="dag", role=Role.DPO))
    assert keeper.is_verification_due()
    pass_time(desk, keeper, 1)
    keeper.verify()
    assert not keeper.is_verification_due()
    pass_time(desk, keeper, 86_400)
    assert keeper.is_verification_due()
    assert not keeper.is_verification_due()


def test_witnesses_of_the_settings_are_shown_checkpoints(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """Under the log's name, and how they stand is kept for the page."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    keeper = LogKeeper(desk, Settings(home=tmp_path, log_witnesses=(f"file:{folder}",)), heart)
    report(desk, 0, 3)
    keeper.turn()
    keeper.witnesses.show()
    kept = folder / f"impetus-{desk.tenant}.checkpoint"
    assert kept.read_bytes() == desk.log_files.read(CHECKPOINT)
    assert [seen.size for seen in read_witnesses(desk.log_files)] == [3]


def test_a_witness_nobody_understands_stops_the_part_with_the_remedy(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """A mistake in the settings is said, not passed over."""
    with pytest.raises(Misconfigured, match="is no witness"):
        LogKeeper(desk, Settings(home=tmp_path, log_witnesses=("carrier pigeon",)), heart)


def test_the_log_is_a_part_of_its_own() -> None:
    """With a row on the board, started before those who send."""
    ids = [part.id for part in plan_parts(Settings(home=Path("home"), tools=()))]
    assert ids.index("log") < ids.index("ingest")


def test_settings_of_the_log_have_their_ranges(tmp_path: Path) -> None:
    """Six months at least for the openings, as the AI Act asks of logs; a year at least for the log."""
    chosen = settings_from({"access_days": 180, "log_days": 365, "log_witnesses": ["file:/mnt/w"]}, tmp_path)
    assert (chosen.access_days, chosen.log_days, chosen.log_witnesses) == (180, 365, ("file:/mnt/w",))
    for wrong in ({"access_days": 179}, {"log_days": 364}, {"log_witnesses": [7]}):
        with pytest.raises(Misconfigured):
            settings_from(wrong, tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Give a home of real files."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def check_nothing_is_lost_or_doubled(home: Path, kills: int) -> None:
    """Kill the writer at so many random moments under load; at last every record is in index and log once, in order."""
    chance, desk, sent = random.Random(SEED), open_files(home), 0  # noqa: S311 - the same luck each time
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(kills):
        with subprocess.Popen(
            [sys.executable, str(PROGRAM), str(home)], stdout=subprocess.PIPE, env=environment
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            for _ in range(chance.randrange(1, 30)):
                batch = chance.randrange(1, 120)
                desk.journal.write(
                    [a_record(number, subject=f"alert:{number}") for number in range(sent, sent + batch)]
                )
                sent += batch
            threading.Event().wait(chance.random() * 0.2)
            writer.send_signal(signal.SIGKILL)
    last = writer_of(desk)
    drain(last)
    last.seal()
    expected = [f"alert:{number}" for number in range(sent)]
    assert [record.subject for record in indexed(desk) if record.subject.startswith("alert:")] == expected
    said = [read_entry(entry).get("subject", "") for entry in entries_of(desk)]
    assert [subject for subject in said if subject.startswith("alert:")] == expected
    assert judged(desk).is_sound
    desk.store.close()


def test_a_writer_killed_twice_loses_and_doubles_nothing(home: Path) -> None:
    """The real files and a real SIGKILL."""
    check_nothing_is_lost_or_doubled(home, 2)


@pytest.mark.slow
def test_a_writer_killed_at_forty_moments_loses_and_doubles_nothing(home: Path) -> None:
    """As above, often enough to hit every step of the writing."""
    check_nothing_is_lost_or_doubled(home, 40)


def size_of(desk: Desk) -> int:
    """Return how many entries are signed, 0 before the first checkpoint."""
    return head_of(desk).size if desk.log_files.read(CHECKPOINT) else 0


@pytest.mark.slow
def test_the_part_itself_is_killed_and_goes_on(home: Path) -> None:
    """The real process: killed once with records on their way, it signs them all when it is back."""
    desk = open_files(home)
    desk.journal.write([a_record(number) for number in range(20)])
    command = [sys.executable, "-m", "impetus.run.child", "log", "--home", str(home)]
    for round_ in range(2):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as part:
            signed = 20 + 20 * round_
            until(lambda least=signed: size_of(desk) >= least, limit_s=120, what="a checkpoint")
            desk.journal.write([a_record(number) for number in range(20 + 20 * round_, 40 + 20 * round_)])
            part.send_signal(signal.SIGKILL if round_ == 0 else signal.SIGTERM)
    assert len(subjects(indexed(desk))) == 60
    assert head_of(desk).size >= 60
    desk.store.close()
