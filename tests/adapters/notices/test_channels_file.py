"""`channels.toml`: what is wrong with it is said with its line and a remedy; secrets are sealed or a file of mode 600."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.samples import AT
from impetus.adapters.file_keys import FileKeys
from impetus.adapters.notices.book import FileChannels, Site
from impetus.adapters.notices.channels_text import read_channels
from impetus.adapters.notices.secrets import ChannelSecrets
from impetus.core.errors import Misconfigured
from impetus.testing.chance import SeededChance
from impetus.testing.clock import SettableClock

GOOD = """\
address = "https://impetus.city.example/"

[channels.mail]
kind = "smtp"
host = "mail.city.example"
from = "Impetus <impetus@city.example>"
user = "impetus"
secret_file = "mail-password"

[channels.siem]
kind = "webhook"
url = "https://siem.city.example/hook"
secret = "siem"
exercises = true

[channels.rooms]
kind = "matrix"
server = "https://matrix.city.example"
secret = "rooms"
room = "!square:city.example"

[channels.team]
kind = "mattermost"
server = "https://chat.city.example"
secret = "team"

[channels.browsers]
kind = "web_push"
services = ["https://updates.push.services.mozilla.com", "https://fcm.googleapis.com"]
contact = "mailto:ops@city.example"
"""


def book(home: Path, *, simulated: bool = False) -> FileChannels:
    """Return the book of a home."""
    site = Site(home=home, tenant="oslo", address="http://127.0.0.1:8470", simulated=simulated)
    return FileChannels(site, FileKeys(home / "key", SeededChance()), SettableClock(AT), SeededChance())


def furnish(home: Path) -> None:
    """Give a home the good file and its secrets."""
    (home / "channels.toml").write_text(GOOD)
    secrets = ChannelSecrets(home, FileKeys(home / "key", SeededChance()))
    for name, secret in (("siem", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), ("rooms", "syt"), ("team", "bot")):
        secrets.keep(name, secret)
    (home / "mail-password").write_text("hunter2\n")
    (home / "mail-password").chmod(0o600)


def test_every_kind_of_channel_is_opened_from_one_file(tmp_path: Path) -> None:
    """With where people reach the pages, without the slash at its end."""
    furnish(tmp_path)
    found = book(tmp_path)
    assert {name: way.kind for name, way in found.channels().items()} == {
        "mail": "smtp", "siem": "webhook", "rooms": "matrix", "team": "mattermost", "browsers": "web_push",
    }  # fmt: skip
    assert (found.fault(), found.address()) == ("", "https://impetus.city.example")
    assert [name for name, way in found.channels().items() if way.takes_exercises] == ["siem"]
    assert found.channels()["rooms"].fixed_address == "!square:city.example"


def test_the_push_key_stays_the_same_over_restarts(tmp_path: Path) -> None:
    """Browsers subscribed to it."""
    furnish(tmp_path)
    assert book(tmp_path).push_key() == book(tmp_path).push_key() != ""


def test_no_file_is_no_channel_and_no_fault(tmp_path: Path) -> None:
    """Nothing goes out, and that is no error."""
    assert (dict(book(tmp_path).channels()), book(tmp_path).fault()) == ({}, "")


def test_a_changed_file_is_read_anew_and_a_broken_one_stops_everything(tmp_path: Path) -> None:
    """With the line."""
    furnish(tmp_path)
    found = book(tmp_path)
    assert len(found.channels()) == 5
    (tmp_path / "channels.toml").write_text(GOOD + "\n[channels.fax]\nkind = 'fax'\n")
    assert dict(found.channels()) == {}
    assert "line 33: kind of fax cannot be used" in found.fault()
    (tmp_path / "channels.toml").write_text(GOOD)
    assert len(found.channels()) == 5


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_secret_others_may_read_is_not_used(tmp_path: Path, mode: int) -> None:
    """Its channel is left out; the others work; the secret stands nowhere."""
    furnish(tmp_path)
    (tmp_path / "mail-password").chmod(mode)
    found = book(tmp_path)
    assert "mail" not in found.channels()
    assert len(found.channels()) == 4
    assert "may be read by others" in found.fault()
    assert "hunter2" not in found.fault()
    (tmp_path / "mail-password").chmod(0o600)
    assert "mail" in found.channels()


def test_a_secret_is_sealed_and_bound_to_its_name(tmp_path: Path) -> None:
    """What lies in the folder opens nothing, and not under another name either."""
    furnish(tmp_path)
    sealed = (tmp_path / "secrets" / "team").read_bytes()
    assert b"bot" not in sealed
    (tmp_path / "secrets" / "rooms").write_bytes(sealed)
    assert "stored secret rooms cannot be opened" in book(tmp_path).fault()


@pytest.mark.parametrize("name", ["", "../key", "A", "a" * 40])
def test_a_secret_with_an_odd_name_is_refused(tmp_path: Path, name: str) -> None:
    """It is a file name too."""
    with pytest.raises(Misconfigured):
        ChannelSecrets(tmp_path, FileKeys(tmp_path / "key", SeededChance())).keep(name, "x")


MAIL = '[channels.mail]\nkind = "smtp"\nhost = "mail.city.example"\nfrom = "a@city.example"\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[channels.mail]\nkind = "smtp"\nfrom = "a@b.example"\n', 1, "mail has no host"),
        (MAIL + "port = 70000\n", 5, "port of mail"),
        (MAIL + 'port = "587"\n', 5, "port of mail"),
        (MAIL + "port = true\n", 5, "port of mail"),
        (MAIL + 'security = "none"\n', 5, "security of mail"),
        (MAIL + 'security = "ssl"\n', 5, "security of mail"),
        (MAIL + 'user = "x"\n', 1, "mail has 0 secrets"),
        (MAIL + 'user = "x"\nsecret = "a"\nsecret_file = "b"\n', 1, "mail has 2 secrets"),
        (MAIL + "colour = 1\n", 5, "colour is no setting of smtp"),
        ('\n\n[channels.Mail]\nkind = "smtp"\n', 3, "channels.Mail"),
        ('[channels.w]\nkind = "webhook"\nurl = "http://siem.city.example"\nsecret = "s"\n', 3, "url of w"),
        ('[channels.w]\nkind = "webhook"\nurl = "https://u:p@siem.example"\nsecret = "s"\n', 3, "url of w"),
        ('[channels.w]\nkind = "webhook"\nurl = "https://siem.example"\nsecret = "S S"\n', 4, "secret of w"),
        ('[channels.w]\nkind = "webhook"\nurl = "https://siem.example"\n', 1, "w has 0 secrets"),
        ('[channels.p]\nkind = "web_push"\nservices = []\ncontact = "mailto:a@b.example"\n', 3, "services of p"),
        ('[channels.p]\nkind = "web_push"\nservices = ["https://a.example"]\ncontact = "ops"\n', 4, "contact of p"),
        ('[channels.p]\nkind = "web_push"\nservices = "https://a.example"\ncontact = "mailto:a@b"\n', 3, "services of p"),
        ('[channels.box]\nkind = "mailbox"\n', 1, "mailbox box"),
        ('[channels.x]\nkind = "pigeon"\n', 2, "kind of x"),
        ("[channels.x]\n", 1, "kind of x"),
        ('address = "ftp://x"\n', 1, "address"),
        ("\nother = 1\n", 2, "other is no table"),
        ("[channels\n", 1, "not TOML"),
        ("channels = 3\n", 0, "channels"),
    ],
)  # fmt: skip
def test_a_flaw_is_said_with_its_line_and_no_channel_of_the_file_is_used(text: str, line: int, says: str) -> None:
    """And with a remedy."""
    said = read_channels(text)
    assert said.entries == ()
    assert says in said.flaws[0].says
    assert said.flaws[0].line == line
    assert said.flaws[0].remedy


def test_every_flaw_of_a_file_is_said_at_once_in_the_order_of_the_lines() -> None:
    """Nobody mends a file one flaw a start."""
    said = read_channels('other = 1\n[channels.A]\n[channels.b]\nkind = "fax"\n[channels.c]\nkind = "smtp"\n')
    assert [flaw.line for flaw in said.flaws] == [1, 2, 4, 5, 5]


def test_a_mailbox_is_for_demonstrations_only() -> None:
    """Where all input is simulated it is taken."""
    text = '[channels.box]\nkind = "mailbox"\n'
    assert [entry.name for entry in read_channels(text, simulated=True).entries] == ["box"]


@given(text=st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    """It says what is wrong, or what there is."""
    said = read_channels(text)
    assert not (said.entries and said.flaws)


@given(
    table=st.dictionaries(
        st.sampled_from(["kind", "host", "from", "port", "security", "url", "server", "secret", "services", "contact", "room"]),
        st.sampled_from(['"smtp"', '"webhook"', '"web_push"', '"matrix"', '"https://a.example"', "1", "true", "[]", '["x"]', '""', "1.5"]),
    )
)  # fmt: skip
def test_no_mixture_of_settings_breaks_the_reader(table: dict[str, str]) -> None:
    """Every flaw has a line of the file."""
    lines = ["[channels.x]", *(f"{name} = {value}" for name, value in table.items())]
    said = read_channels("\n".join(lines))
    assert all(1 <= flaw.line <= len(lines) for flaw in said.flaws)
