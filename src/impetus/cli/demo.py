"""`impetus demo`: the whole platform on this machine, with a simulated city square."""

import json
import re
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from impetus.cli.say import progress_bar, say_progress, show_panel
from impetus.cli.serve import ingest_url, page_url
from impetus.core.board import PartState, PartStatus
from impetus.settings import SETTINGS_FILE, Settings, read_settings

if TYPE_CHECKING:
    from impetus.core.actor import Actor
    from impetus.desk.context import Desk

CHANNELS_FILE = "channels.toml"
OPERATOR = "operator"
PEOPLE = ("operator", "supervisor", "executive", "dpo")
"""Who gets an account in the demonstration, each named after their role: enough for every act that takes two; a public
warning and an evidence package take a supervisor and an executive."""
EXERCISE_OFFICER = "dpo"
"""Whose account is named as officer of the exercise, so that signing can be tried on screen."""
TOKEN_NAME = "demo"  # noqa: S105 - the name of a token, not its secret
READING = ["alerts.read", "incidents.read", "sources.read", "parts.read", "history.read", "events.read"]
SITE = "Oslo · City Hall Square"
HOLD_OFF_S = 120.0
"""Seconds after which the detector speaks of the same sensor again; the scenario comes round every half hour."""
TOOLS = ("urban_anomaly", "bacteria", "fusion", "square_posts")
"""What the demonstration switches on: the platform's tools, and its own watch over invented posts."""
KEY_DAYS = 60
"""Days a demonstration has pseudonym keys for; then its custodians make more, as a city's do. House rule."""
SHARE = re.compile(r"(\d+)%")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", rich_help_panel="Run")(demo)


def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65_534, help="Port of the page, 0 for any; readings: one above.")
    ] = 8470,
    home: Annotated[Path, typer.Option(help="Folder for everything the demonstration writes.")] = Path("var/demo"),
    json_only: Annotated[bool, typer.Option("--json", help="Print one line of JSON instead of the panel.")] = False,
    speed: Annotated[float, typer.Option(min=0.1, max=60.0, help="How fast the scenario plays.")] = 1.0,
) -> None:
    """Run the platform on this machine with a simulated city square.

    Asks nothing and needs no network. Prints where the page is and a password made for this start, then serves until it
    is told to stop. Within a minute something happens that an operator must judge.
    """
    from impetus.run.start import check_ports, free_port, supervise  # noqa: PLC0415 - help needs none of it

    settings = prepare(home, port or free_port(), speed)
    check_ports(settings)
    with progress_bar("telling the detector about the last fortnight") as move:
        herald = _Herald(settings, json_only=json_only, move=move)
        threading.Thread(target=herald.admit, name="admission", daemon=True).start()
        supervise(settings, on_row=herald.hear)
    if herald.error:
        raise herald.error


def prepare(home: Path, port: int, speed: float) -> Settings:
    """Write the demonstration's settings and place under home, over those of an earlier start."""
    from impetus.demo.city_systems import make_city  # noqa: PLC0415 - help needs none of it
    from impetus.demo.draw import read_place  # noqa: PLC0415 - help needs none of it
    from impetus.demo.on_call import CHANNELS  # noqa: PLC0415 - help needs none of it
    from impetus.demo.trams import make_trams  # noqa: PLC0415 - help needs none of it
    from impetus.run.start import free_port  # noqa: PLC0415 - help needs none of it
    from impetus.wiring import make_home  # noqa: PLC0415 - help needs none of it

    make_home(home)
    lines = [
        "# Written by `impetus demo` at each start.",
        f"site = {json.dumps(SITE, ensure_ascii=False)}",
        f"port = {port}",
        'timezone = "Europe/Oslo"',
        'language = "en"',
        "simulated = true",
        f"tools = {json.dumps(TOOLS)}",
        "[tool_settings.urban_anomaly]",
        'timezone = "Europe/Oslo"',
        f"hold_off_s = {HOLD_OFF_S}",
        "[tool_settings.simulator]",
        f"speed = {speed}",
    ]
    (home / SETTINGS_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = read_settings(home)
    settings.place_file.write_text(read_place(), encoding="utf-8")
    (home / CHANNELS_FILE).write_text(CHANNELS, encoding="utf-8")
    make_city(home, free_port())
    make_trams(home)
    return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Who was let in by this start: a password by name, and the token for programs.

    `shares` are those of the master key of pseudonyms, at the one start that makes it: they are kept nowhere.
    """

    passwords: Mapping[str, str]
    token: str
    shares: tuple[str, ...] = ()


def admit(settings: Settings) -> Admitted:
    """Give the demonstration's people new passwords and programs a new token; all are stored as hashes only."""
    from impetus.core.actor import console  # noqa: PLC0415 - help needs none of it
    from impetus.demo.on_call import make_duty  # noqa: PLC0415 - help needs none of it
    from impetus.demo.put_aside import plan_demo_works  # noqa: PLC0415 - help needs none of it
    from impetus.desk import tokens  # noqa: PLC0415 - help needs none of it
    from impetus.wiring import open_desk  # noqa: PLC0415 - help needs none of it

    desk, actor = open_desk(settings), console()
    try:
        passwords = {name: _let_in(desk, actor, name) for name in PEOPLE}
        for token in tokens.everything(desk, actor):
            if token.name == TOKEN_NAME and token.revoked_at is None:
                tokens.revoke(desk, actor, token.id)
        _, secret = tokens.issue(desk, actor, TOKEN_NAME, READING)
        shares = _hold_exercise(desk, actor)
        make_duty(desk, actor)
        plan_demo_works(desk, "supervisor")
    finally:
        desk.close()
    return Admitted(passwords=passwords, token=secret, shares=shares)


def _hold_exercise(desk: "Desk", actor: "Actor") -> tuple[str, ...]:
    """Go the way a city goes before a tool may run, as an exercise: register, assessments, statements, signatures, keys.

    Returns the shares of the pseudonyms' master key, when it was made now, for the three invented custodians.
    """
    from impetus.demo.exercise_register import make_exercise  # noqa: PLC0415 - help needs none of it
    from impetus.desk.pseudonym_keys import set_up  # noqa: PLC0415 - help needs none of it

    with desk.store.read() as unit:
        officer = unit.accounts.by_name(EXERCISE_OFFICER)
    shares = () if desk.vault.days() else set_up(desk, actor, days=KEY_DAYS).shares
    make_exercise(desk, actor, [officer] if officer else [])
    return shares


def _let_in(desk: "Desk", actor: "Actor", name: str) -> str:
    """Return a new password of the account named after its role, made when there is none; it need not be changed."""
    from impetus.core.actor import Role  # noqa: PLC0415 - help needs none of it
    from impetus.desk import accounts  # noqa: PLC0415 - help needs none of it

    is_known = any(account.name == name for account in accounts.everyone(desk, actor))
    made = accounts.reset(desk, actor, name) if is_known else accounts.add(desk, actor, name, Role(name))
    with desk.store.write() as unit:
        account = unit.accounts.by_name(name)
        if account:
            unit.accounts.replace(replace(account, must_change=False, disabled_at=None))
    return made.password


class _Herald:
    """Says where the page is as soon as it answers and its operator can sign in, then how far the past has been told.

    Credentials are made beside the start of the page, in a thread, because both take a second or two.
    """

    def __init__(self, settings: Settings, *, json_only: bool, move: Any) -> None:  # noqa: ANN401 - the bar's own function
        self._settings, self._json_only, self._move = settings, json_only, move
        self._lock = threading.Lock()
        self._credentials: Admitted | None = None
        self._is_up = self._is_said = False
        self.error: Exception | None = None

    def admit(self) -> None:
        """Make the credentials; when that fails, stop the start."""
        try:
            credentials = admit(self._settings)
        except Exception as error:  # noqa: BLE001 - kept, and raised where the command can say it
            self.error = error
            signal.raise_signal(signal.SIGTERM)
            return
        with self._lock:
            self._credentials = credentials
            self._announce_once()

    def hear(self, row: PartStatus) -> None:
        """Take in a row of the board that reads differently."""
        if row.part == "web" and row.state is PartState.RUNNING:
            with self._lock:
                self._is_up = True
                self._announce_once()
        share = SHARE.search(row.note) if row.part == "simulator" else None
        if share:
            self._move(int(share[1]) / 100)
        elif row.state not in {PartState.RUNNING, PartState.STARTING}:
            say_progress(f"{row.part}: {row.state.value}{f' ({row.note})' if row.note else ''}")

    def _announce_once(self) -> None:
        if self._is_up and self._credentials and not self._is_said:
            self._is_said = True
            self._announce(self._credentials)

    def _announce(self, credentials: Admitted) -> None:
        facts = {
            "url": page_url(self._settings),
            "user": OPERATOR,
            "password": credentials.passwords[OPERATOR],
            "token": credentials.token,
            "ingest_url": ingest_url(self._settings),
        }
        if self._json_only:
            people = dict(credentials.passwords)
            typer.echo(json.dumps({**facts, "people": people, "shares": list(credentials.shares)}))
            return
        others = {f"or as {name}": password for name, password in credentials.passwords.items() if name != OPERATOR}
        rows = {
            "page": facts["url"],
            "sign in as": facts["user"],
            "password": facts["password"],
            **others,
            "token for programs": facts["token"],
            "readings": facts["ingest_url"],
            "home": str(self._settings.home),
            **{f"exercise custodian {number}": share for number, share in enumerate(credentials.shares, 1)},
        }
        once = " The custodians' shares are shown this once." if credentials.shares else ""
        show_panel(
            "Impetus, with simulated input", rows, hint=f"The passwords are new at each start.{once} Ctrl-C stops."
        )
