"""Backups: whole and consistent beside writers, checked offline, restored or refused for a reason that helps."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.samples import an_alert
from full_disk import full_disk
from impetus.adapters.backup import make
from impetus.adapters.backup.files import Stored, pack, unpack
from impetus.adapters.backup.make import check_backup
from impetus.adapters.backup.manifest import read_manifest
from impetus.adapters.backup.restore import restore_backup
from impetus.adapters.backup.state import decode_rows, encode_rows
from impetus.adapters.key_safe import sync_safe
from impetus.adapters.remains import FileRemains, read_backups
from impetus.core.actor import Actor, Role, console
from impetus.core.alert import AlertState
from impetus.core.errors import Conflict, Malformed, Misconfigured, NotNow, OurFault, Refused
from impetus.core.ids import AlertId, DatastreamId, Offset
from impetus.core.observation import batch_of, to_us
from impetus.desk import backups
from impetus.desk.context import Desk
from impetus.ports import AlertQuery
from impetus.settings import Settings, keep_of
from impetus.testing.clock import SettableClock
from impetus.wiring import open_backups, open_desk

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def nobody(_share: float, _text: str) -> None:
    """Show no progress."""


class Town:
    """An installation with a little of everything, and its backup, key safe and places for new homes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = Settings(home=root / "home", site="Town")
        self.clock = SettableClock(AT)
        self.desk = open_desk(self.settings, self.clock)
        (root / "home" / "impetus.toml").write_text('site = "Town"\n')
        (root / "home" / "place.geojson").write_text("{}")
        with self.desk.store.write() as unit:
            for number in range(3):
                unit.alerts.add(an_alert())
                changed = AT - number * DAY
                alert = replace(an_alert(), state=AlertState.CLOSED, changed_at=changed)
                unit.alerts.add(alert)
        self.desk.blobs.put("picture", b"evidence")
        batch = batch_of([1, 1], [to_us(AT), to_us(AT - DAY)], [1.0, 2.0])
        self.desk.history.append(batch, "observations", through=Offset(1))
        self.desk.history.flush()
        self.place, self.safe = root / "backup", root / "safe"

    def back_up(self, place: Path | None = None) -> Path:
        """Make a backup and bring the key safe up to date."""
        made = backups.make(
            self.desk,
            console(),
            open_backups(self.settings, self.desk),
            place or self.place,
            keep_of(self.settings),
            nobody,
        )
        sync_safe(self.settings.home, self.safe, self.clock.now())
        return made.place

    def restored(self, name: str = "new") -> Desk:
        """Restore into a new home and open it."""
        restore_backup(self.place, self.safe, self.root / name, nobody)
        return open_desk(Settings(home=self.root / name), self.clock)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give an installation that is open, as a running one is."""
    town = Town(tmp_path)
    yield town
    town.desk.close()


def alerts_of(desk: Desk) -> list[object]:
    """Return every alert."""
    with desk.store.read() as unit:
        return list(unit.alerts.find(AlertQuery(limit=200)).items)


def test_what_comes_back_is_what_was_there(town: Town) -> None:
    """Alerts, open counts, loads, evidence, readings, settings and place."""
    town.back_up()
    desk = town.restored()
    assert alerts_of(desk) == alerts_of(town.desk)
    with desk.store.read() as new, town.desk.store.read() as old:
        assert new.alerts.count_open() == old.alerts.count_open()
        span = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
        assert new.alerts.raised_between(*span) == old.alerts.raised_between(*span) == 6
    assert desk.blobs.get("picture") == b"evidence"
    assert desk.history.read([DatastreamId(1)], AT - 2 * DAY, AT + DAY).result.tolist() == [2.0, 1.0]
    assert (town.root / "new" / "place.geojson").read_text() == "{}"
    with desk.store.write() as unit:
        assert unit.alerts.add(an_alert()).id == 7
    desk.close()


def test_each_piece_lies_under_the_key_of_what_it_holds(town: Town) -> None:
    """Alerts by the day they were closed, an open one and the rest by the day of the backup; readings by their day."""
    town.back_up()
    found = {(piece.kind, piece.day.isoformat()) for piece in read_manifest(town.place).pieces}
    assert {("alerts", "2026-03-08"), ("alerts", "2026-03-09"), ("alerts", "2026-03-10")} <= found
    assert {("history-observations", "2026-03-09"), ("history-observations", "2026-03-10")} <= found
    assert {("evidence", "2026-03-10"), ("state", "2026-03-10")} <= found


def test_nothing_lies_open_in_a_backup_and_no_key_lies_in_it(town: Town) -> None:
    """Neither a headline nor a key's bytes, in any file of it."""
    town.back_up()
    content = b"".join(path.read_bytes() for path in town.place.rglob("*") if path.is_file())
    headline = alerts_of(town.desk)[0].headline.template.encode()  # type: ignore[attr-defined]  # an alert
    assert headline not in content
    for key in [town.settings.home / "key", *(town.settings.home / "class-keys").iterdir()]:
        assert key.read_bytes().strip() not in content


def test_a_safe_that_was_never_brought_up_to_date_opens_nothing(town: Town) -> None:
    """The key of its backup is not in it: said before a home is made."""
    town.safe.mkdir()
    sync_safe(town.settings.home, town.safe, AT)
    for key in (town.safe / "class-keys").iterdir():
        key.unlink()
    town.place = town.back_up()
    for key in (town.safe / "class-keys").iterdir():
        key.unlink()
    with pytest.raises(Refused, match="no key for anything"):
        restore_backup(town.place, town.safe, town.root / "new", nobody)
    assert not (town.root / "new").exists()


def test_what_was_erased_between_stays_erased(town: Town) -> None:
    """The key of a day is destroyed, here and in the safe: its alerts do not come back, all others do."""
    town.back_up()
    town.desk.class_keys.destroy([("alerts", (AT - 2 * DAY).date())])
    assert [safe.behind for safe in town.desk.class_keys.safes()] == [1]
    synced = sync_safe(town.settings.home, town.safe, AT)
    assert (synced.destroyed, [safe.behind for safe in town.desk.class_keys.safes()]) == (1, [0])
    assert check_backup(town.place, [town.safe], nobody).unreadable == {"alerts": 1}
    restored = restore_backup(town.place, town.safe, town.root / "new", nobody)
    assert restored.unreadable == {"alerts": 1}
    desk = open_desk(Settings(home=town.root / "new"), town.clock)
    assert len(alerts_of(desk)) == 5
    desk.close()


def test_a_backup_beside_writers_is_of_one_moment(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added while it is being made is not in it, in any table."""
    genuine = make.encode_rows

    def busy(rows: object) -> bytes:
        with town.desk.store.write() as unit:
            unit.alerts.add(an_alert())
        return genuine(rows)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(make, "encode_rows", busy)
    town.back_up()
    monkeypatch.undo()
    assert len(alerts_of(town.desk)) > 6
    desk = town.restored()
    assert len(alerts_of(desk)) == 6
    desk.close()


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda piece: piece.unlink(), "is missing"),
        (lambda piece: piece.write_bytes(piece.read_bytes()[:-1]), "was cut or replaced"),
        (lambda piece: piece.write_bytes(bytes([piece.read_bytes()[0] ^ 1]) + piece.read_bytes()[1:]), "was changed"),
    ],
)
def test_a_damaged_piece_is_named_and_nothing_is_restored(town: Town, harm: object, why: str) -> None:
    """Missing, cut, or changed by one bit."""
    town.back_up()
    harm(town.place / "pieces" / "000001")  # type: ignore[operator]  # a function of the table
    [trouble] = check_backup(town.place, [], nobody).troubles
    assert why in trouble
    with pytest.raises(Malformed, match="is damaged"):
        restore_backup(town.place, town.safe, town.root / "new", nobody)
    assert not (town.root / "new").exists()


def test_a_piece_nobody_wrote_is_named(town: Town) -> None:
    """Something was put there."""
    town.back_up()
    (town.place / "pieces" / "extra").write_bytes(b"")
    assert check_backup(town.place, [], nobody).troubles == ("pieces/extra is not in the manifest",)


def test_a_changed_manifest_is_noticed(town: Town) -> None:
    """Each value of it is signed."""
    town.back_up()
    document = json.loads((town.place / "manifest.json").read_text())
    document["manifest"]["site"] = "Elsewhere"
    (town.place / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(Malformed, match="was changed"):
        check_backup(town.place, [], nobody)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"manifest": {"format": "x"}, "signature": "00"}'])
def test_what_is_no_manifest_is_no_backup(town: Town, content: str) -> None:
    """Whatever lies there."""
    town.back_up()
    (town.place / "manifest.json").write_text(content)
    with pytest.raises(Malformed, match="is no backup"):
        check_backup(town.place, [], nobody)


def test_a_folder_in_use_is_refused(town: Town) -> None:
    """For a backup as for a home; and a backup inside the installation."""
    town.back_up()
    with pytest.raises(Conflict, match="holds something already"):
        town.back_up()
    with pytest.raises(Conflict, match="is not empty"):
        restore_backup(town.place, town.safe, town.settings.home, nobody)
    with pytest.raises(Refused, match="inside the installation"):
        town.back_up(town.settings.home / "backup")


def test_an_unfinished_backup_says_so_and_is_in_the_way(town: Town) -> None:
    """Until somebody removes it, or retention does."""
    (town.place / "pieces").mkdir(parents=True)
    (town.place / "unfinished").write_bytes(b"")
    with pytest.raises(Malformed, match="never finished"):
        check_backup(town.place, [], nobody)
    with pytest.raises(Conflict, match="never finished"):
        town.back_up()


def test_the_safe_of_another_installation_opens_nothing(town: Town, tmp_path: Path) -> None:
    """Neither does a folder that is no safe; and a safe is not brought up to date with another's keys."""
    town.back_up()
    other = Town(tmp_path / "other")
    other.back_up()
    other.desk.close()
    with pytest.raises(Refused, match="keys of this safe"):
        restore_backup(town.place, other.safe, town.root / "new", nobody)
    with pytest.raises(Malformed, match="is no key safe"):
        restore_backup(town.place, town.place, town.root / "new", nobody)
    with pytest.raises(Refused, match="another installation"):
        sync_safe(town.settings.home, other.safe, AT)


def test_a_backup_of_a_newer_program_is_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the remedy."""
    monkeypatch.setattr(make, "HEAD", "9999")
    town.back_up()
    monkeypatch.undo()
    with pytest.raises(Misconfigured, match="newer program"):
        restore_backup(town.place, town.safe, town.root / "new", nobody)


def test_a_restore_that_was_interrupted_is_begun_again(town: Town) -> None:
    """What it left beside the new home is removed first."""
    town.back_up()
    half = town.root / "new.restoring"
    half.mkdir()
    (half / "key").write_text("half")
    town.restored().close()
    assert not half.exists()


def test_backups_are_remembered_and_removed_by_age(town: Town) -> None:
    """One that lies there goes; one that was taken away is forgotten only when it comes back."""
    town.back_up()
    gone = town.back_up(town.root / "second")
    shutil.rmtree(gone)
    remains = FileRemains(town.settings.home)
    assert remains.sweep({"backups": AT - DAY}) == {"backups": 0}
    assert remains.sweep({"backups": AT + DAY}) == {"backups": 1}
    assert not town.place.exists()
    assert list(read_backups(town.settings.home)) == [str(gone.resolve())]


def test_only_who_runs_the_machine_makes_backups(town: Town) -> None:
    """An operator's wish is refused; nothing is written."""
    with pytest.raises(Refused):
        backups.make(
            town.desk,
            Actor(name="ada", role=Role.OPERATOR),
            open_backups(town.settings, town.desk),
            town.place,
            keep_of(town.settings),
            nobody,
        )
    assert not town.place.exists()


def test_rows_and_files_survive_packing() -> None:
    """Bytes, nothing, numbers and odd text; a file in two parts; a path that leads out is refused."""
    rows = [("t", {"a": b"\x00\xff", "b": None, "c": 1.5, "d": "å\n"}), ("u", {"id": 2**62})]
    assert list(decode_rows(encode_rows(rows))) == rows
    parts = [Stored(path="a/b", offset=at, size=6, modified_ns=5, content=b"abc") for at in (0, 3)]
    assert list(unpack(pack(parts))) == parts
    for path in ("/etc/passwd", "../x", "a/../../x"):
        with pytest.raises(OurFault, match="in no home"):
            list(unpack(pack([replace(parts[0], path=path)])))


def test_an_alert_id_that_was_erased_is_not_given_again_after_a_restore(town: Town) -> None:
    """Also when nothing with so high a number came back: a note that says "alert 7" never comes to mean another one."""
    with town.desk.store.write() as unit:
        last = unit.alerts.add(replace(an_alert(), state=AlertState.CLOSED, changed_at=AT - 30 * DAY))
        assert [alert.id for alert in unit.alerts.erase_closed(AT - 20 * DAY)] == [last.id]
    town.back_up()
    desk = town.restored()
    with desk.store.write() as unit:
        assert unit.alerts.add(an_alert()).id == AlertId(last.id + 1)
    desk.close()


def test_a_full_disk_leaves_a_backup_unfinished_and_says_so(town: Town) -> None:
    """Nothing that looks like a backup is left; with room again, in another folder, it is made."""
    town.desk.blobs.put("large", os.urandom(3_000_000))
    with full_disk(room_bytes=2_000_000), pytest.raises(NotNow, match="no room"):
        town.back_up()
    with pytest.raises(Malformed, match="never finished"):
        check_backup(town.place, [], nobody)
    assert check_backup(town.back_up(town.root / "second"), [], nobody).troubles == ()
