"""What `impetus serve` and `impetus demo` say and prepare before and while their parts run."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from cli.console import Console
from impetus.cli import demo, serve
from impetus.core.board import PartState, PartStatus
from impetus.core.ids import ToolId
from impetus.core.place import Point
from impetus.desk import sign_in, tokens
from impetus.desk.views import OneTimeSecret
from impetus.run.start import free_port
from impetus.settings import Settings, read_settings
from impetus.testing.passwords import FastPasswords
from impetus.web.app import create_app
from impetus.wiring import open_desk

WEB_UP = PartStatus(part=ToolId("web"), state=PartState.RUNNING)


@pytest.mark.parametrize(
    ("host", "port", "ingest_port", "page", "readings"),
    [
        ("127.0.0.1", 8470, 0, "http://127.0.0.1:8470/", "http://127.0.0.1:8471/"),
        ("127.0.0.1", 8470, 9000, "http://127.0.0.1:8470/", "http://127.0.0.1:9000/"),
        ("::1", 80, 0, "http://[::1]:80/", "http://[::1]:81/"),
        ("localhost", 1, 0, "http://localhost:1/", "http://localhost:2/"),
    ],
)
def test_addresses_can_be_clicked(host: str, port: int, ingest_port: int, page: str, readings: str) -> None:
    """An address of version 6 stands in brackets (RFC 3986, section 3.2.2)."""
    settings = Settings(home=Path("home"), host=host, port=port, ingest_port=ingest_port)
    assert (serve.page_url(settings), serve.ingest_url(settings)) == (page, readings)


def test_the_first_start_shows_a_password_and_the_next_how_to_get_another() -> None:
    """It is stored nowhere, so it cannot be shown again."""
    settings, secret = Settings(home=Path("home")), OneTimeSecret(name="administrator", password="once")
    assert serve._facts(settings, secret)["one-time password"] == "once"
    assert "one-time password" not in serve._facts(settings, None)
    assert "shown this once" in serve._hint(secret)
    assert "account reset" in serve._hint(None)


def test_a_home_gets_one_administrator_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second start makes nobody."""
    monkeypatch.setattr("impetus.adapters.passwords.ArgonPasswords", FastPasswords)
    settings = Settings(home=tmp_path / "home")
    first, second = serve._first_start(settings), serve._first_start(settings)
    assert first is not None
    assert second is None


@pytest.mark.parametrize(
    ("state", "note", "said"),
    [
        (PartState.STARTING, "", "web: starting\n"),
        (PartState.RUNNING, "", "web: running\n"),
        (PartState.RUNNING, "live views: 3", ""),
        (PartState.RESTARTING, "exit code 1: disk", "web: restarting (exit code 1: disk)\n"),
        (PartState.FAILED, "no manifest", "web: failed (no manifest)\n"),
    ],
)
def test_changes_of_a_part_are_said_and_remarks_of_a_healthy_one_are_not(
    state: PartState, note: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The console tells what an administrator would act on."""
    serve.say_row(replace(WEB_UP, state=state, note=note))
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--port", "0"), 78, "1..65535"),
        (("--port", "-5"), 78, "1..65535"),
        (("--host", "0.0.0.0"), 77, "--behind-tls"),  # noqa: S104 - what is refused
        (("--host", "192.0.2.1", "--behind-tls"), 78, "192.0.2.1"),
    ],
)
def test_what_cannot_be_served_makes_nothing(words: tuple[str, ...], code: int, said: str, console: Console) -> None:
    """Refused before a key, a state or an administrator is made."""
    answer = console.at_home("serve", *words)
    assert answer.code == code
    assert said in answer.err
    assert [file.name for file in console.home.iterdir()] == ["impetus.toml"]


@pytest.mark.parametrize("text", ["port = 'many'", "colour = 1", "port = ", "language = 'tlh'", "late_s = -1"])
def test_wrong_settings_are_named_before_anything_starts(text: str, console: Console) -> None:
    """By `serve` and by every command that opens the home."""
    (console.home / "impetus.toml").write_text(text)
    for words in (("serve",), ("account", "list"), ("source", "list")):
        answer = console.at_home(*words)
        assert answer.code == 78
        assert len(answer.err.strip().splitlines()) == 1


def test_the_demonstration_writes_settings_that_are_read(tmp_path: Path) -> None:
    """Simulated, in Oslo's time, on the port asked for, as fast as asked for."""
    settings = demo.prepare(tmp_path / "demo", 9000, 2.5)
    assert (settings.port, settings.timezone, settings.simulated) == (9000, "Europe/Oslo", True)
    assert settings.tool_settings["simulator"] == {"speed": 2.5}
    assert settings == read_settings(tmp_path / "demo")


def test_the_demonstration_brings_its_plan(tmp_path: Path) -> None:
    """A map that can be drawn, in the home like any city's."""
    settings = demo.prepare(tmp_path / "demo", 9000, 1.0)
    plan = json.loads(settings.place_file.read_text())
    assert plan["type"] == "FeatureCollection"
    assert Point(lon=plan["properties"]["centre"][0], lat=plan["properties"]["centre"][1])


def test_a_second_start_writes_its_own_settings_over_the_first(tmp_path: Path) -> None:
    """And leaves the rest of the home as it is."""
    demo.prepare(tmp_path, 9000, 1.0)
    (tmp_path / "simulator.json").write_text("{}")
    assert demo.prepare(tmp_path, 9100, 4.0).port == 9100
    assert (tmp_path / "simulator.json").exists()
    assert tomllib.loads((tmp_path / "impetus.toml").read_text())["tool_settings"]["simulator"]["speed"] == 4.0


def test_each_start_has_a_password_and_a_token_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the start before open nothing any more."""
    monkeypatch.setattr("impetus.adapters.passwords.ArgonPasswords", FastPasswords)
    settings = demo.prepare(tmp_path / "demo", 9000, 1.0)
    old, new = demo.admit(settings), demo.admit(settings)
    desk = open_desk(settings)
    assert not sign_in.sign_in(desk, "operator", new.passwords["operator"], None).must_change
    assert tokens.who(desk, new.token).operations == set(demo.READING)
    for attempt in (
        lambda: sign_in.sign_in(desk, "operator", old.passwords["operator"], None),
        lambda: tokens.who(desk, old.token),
    ):
        with pytest.raises(Exception, match=r"wrong|token"):
            attempt()
    desk.store.close()


class _Bar:
    """A bar that remembers where it was moved to."""

    def __init__(self) -> None:
        self.shares: list[float] = []

    def __call__(self, share: float, _text: str = "") -> None:
        self.shares.append(share)


@pytest.fixture
def herald(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> demo._Herald:
    """Give the demonstration's herald in JSON, on a home of its own."""
    monkeypatch.setattr("impetus.adapters.passwords.ArgonPasswords", FastPasswords)
    return demo._Herald(demo.prepare(tmp_path / "demo", free_port(), 1.0), json_only=True, move=_Bar())


@pytest.mark.parametrize("first", ["page", "credentials"])
def test_the_page_is_announced_once_both_are_there(
    first: str, herald: demo._Herald, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever comes first, and not again at the next change of the row."""
    steps = [lambda: herald.hear(WEB_UP), herald.admit]
    for step in steps if first == "page" else steps[::-1]:
        assert capsys.readouterr().out == ""
        step()
    herald.hear(replace(WEB_UP, note="live views: 1"))
    facts = json.loads(capsys.readouterr().out)
    assert set(facts) == {"url", "user", "password", "token", "ingest_url", "people", "shares"}
    assert facts["people"]["operator"] == facts["password"]
    assert len(facts["shares"]) == 3
    assert set(facts["people"]) == {"operator", "supervisor", "executive", "dpo"}


def test_a_person_gets_the_same_facts_in_a_panel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the words for what to do with them."""
    monkeypatch.setattr("impetus.adapters.passwords.ArgonPasswords", FastPasswords)
    herald = demo._Herald(demo.prepare(tmp_path / "demo", 9000, 1.0), json_only=False, move=_Bar())
    herald.admit()
    herald.hear(WEB_UP)
    said = capsys.readouterr().out
    assert all(
        word in said
        for word in (
            "sign in as",
            "operator",
            "or as supervisor",
            "or as dpo",
            "http://127.0.0.1:9000/",
            "Ctrl-C stops",
        )
    )


@pytest.mark.parametrize(
    ("note", "shares"),
    [("telling the last fortnight: 40%", [0.4]), ("telling the last fortnight: 100%", [1.0]), ("simulated input", [])],
)
def test_the_bar_follows_the_simulators_remark(note: str, shares: list[float], herald: demo._Herald) -> None:
    """And nobody else's: another part's percent is not the past's."""
    herald.hear(PartStatus(part=ToolId("simulator"), state=PartState.RUNNING, note=note))
    herald.hear(PartStatus(part=ToolId("keeper"), state=PartState.RUNNING, note="disk 93%"))
    assert herald._move.shares == shares


def test_a_part_in_trouble_is_said(herald: demo._Herald, capsys: pytest.CaptureFixture[str]) -> None:
    """With why, on standard error; a part that starts or runs is not."""
    herald.hear(PartStatus(part=ToolId("ingest"), state=PartState.STARTING))
    herald.hear(PartStatus(part=ToolId("ingest"), state=PartState.FAILED, note="port taken"))
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "ingest: failed (port taken)\n")


def test_a_home_without_a_state_can_be_opened_and_shut_by_the_web(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `serve` makes is all the app needs."""
    monkeypatch.setattr("impetus.adapters.passwords.ArgonPasswords", FastPasswords)
    settings = Settings(home=tmp_path / "home")
    serve._first_start(settings)
    desk = open_desk(settings)
    assert create_app(desk, settings).routes
    desk.store.close()
