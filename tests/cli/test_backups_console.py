"""Backups, keys and retention at the console: what is said, and what is refused in one line."""

from pathlib import Path

from cli.console import Console


def prepared(console: Console, tmp_path: Path) -> tuple[str, str]:
    """Make a person, a backup and a key safe; return where the two lie."""
    backup, safe = str(tmp_path / "backup"), str(tmp_path / "safe")
    assert console.at_home("account", "add", "Kari").code == 0
    made = console.at_home("backup", backup, "--json")
    assert made.code == 0
    assert made.facts["pieces"] >= 2
    assert console.at_home("backup", "keys", safe, "--json").facts["keys"] == made.facts["keys"]
    return backup, safe


def test_a_backup_is_made_checked_and_restored(console: Console, tmp_path: Path) -> None:
    """Four commands: backup, keys, verify, restore; the person is there again."""
    backup, safe = prepared(console, tmp_path)
    checked = console.type("verify", backup, "--keys", safe, "--json")
    assert (checked.facts["site"], checked.facts["pieces_erased"]) == ("Trial", 0)
    home = str(tmp_path / "new")
    restored = console.type("restore", backup, "--keys", safe, "--home", home, "--json")
    assert restored.facts["pieces_erased_before"] == 0
    assert [row["name"] for row in console.type("account", "list", "--home", home, "--json").facts] == ["Kari"]
    [run] = console.type("retention", "runs", "--home", home, "--json").facts
    assert run["ended"] != "at work", "retention ran before anything is served"


def test_the_panel_says_what_to_do_next(console: Console, tmp_path: Path) -> None:
    """A backup without its keys is worth nothing."""
    said = console.at_home("backup", str(tmp_path / "backup"))
    assert "Backup made" in said.out
    assert "impetus backup keys" in said.out
    assert "100%" in said.err


def test_a_damaged_backup_is_refused_in_one_line(console: Console, tmp_path: Path) -> None:
    """By both commands, with the piece and the remedy; no home is made."""
    backup, safe = prepared(console, tmp_path)
    piece = Path(backup) / "pieces" / "000000"
    piece.write_bytes(piece.read_bytes()[:-1])
    checked = console.type("verify", backup)
    assert checked.code == 65
    assert "pieces/000000 has" in checked.err
    assert "take another copy of it" in checked.err
    home = tmp_path / "new"
    assert console.type("restore", backup, "--keys", safe, "--home", str(home)).code == 65
    assert not home.exists()


def test_a_home_in_use_and_a_wrong_safe_are_refused(console: Console, tmp_path: Path) -> None:
    """Nothing is overwritten, and what is no safe is said to be none."""
    backup, safe = prepared(console, tmp_path)
    assert "is not empty" in console.type("restore", backup, "--keys", safe, "--home", str(console.home)).err
    said = console.type("restore", backup, "--keys", backup, "--home", str(tmp_path / "new"))
    assert "is no key safe" in said.err
    assert "holds something already" in console.at_home("backup", backup).err


def test_a_backup_of_nothing_is_refused(console: Console, tmp_path: Path) -> None:
    """A folder that is no installation."""
    said = console.type("backup", str(tmp_path / "b"), "--home", str(tmp_path / "nowhere"))
    assert "there is no installation" in said.err


def test_classes_are_listed_with_their_reasons(console: Console) -> None:
    """Each with its start, period and action; the settings of the home count."""
    with (console.home / "impetus.toml").open("a") as settings:
        settings.write("alerts_days = 7\n")
    rows = {row["what"]: row for row in console.at_home("retention", "classes", "--json").facts}
    assert rows["alerts"]["kept"] == "7 days"
    assert rows["alerts"]["then"] == "erase, keep monthly counts"
    assert rows["sessions"]["kept"] == "at once"
    assert all(row["because"] for row in rows.values())
    assert console.at_home("retention", "holds", "--json").facts == []


def test_the_proof_is_made_stored_and_said(console: Console) -> None:
    """A small one: none found, all held ones found."""
    facts = console.at_home("retention", "prove", "--marks", "60", "--json").facts
    assert facts["planted"] >= 60
    assert (facts["found"], facts["held"] - facts["held_found"]) == (0, 0)
