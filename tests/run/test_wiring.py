"""The wiring: what a home is made of, who may read it, and what a process loads."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from impetus.core.errors import Misconfigured
from impetus.core.ids import Offset
from impetus.settings import Settings, override, read_settings, settings_from
from impetus.wiring import make_home, open_bus, open_clock, open_codec, open_desk, open_state

DECLARED = """
[[device]]
id = "sign-e1"
name = "Sign at E1"
kind = "sign"
longest_minutes = 60
[device.mqtt]
broker = "mqtt://impetus:secret@127.0.0.1:1883"
topic = "city/sign-e1"
[[device]]
id = "edge"
name = "Firewall"
kind = "firewall"
longest_minutes = 60
[device.http]
url = "https://firewall.city.example/blocks/{key}"
"""


def test_a_home_is_its_owners_alone(tmp_path: Path) -> None:
    """Folder 0700, key 0600: whoever can read the home can read everything."""
    home = tmp_path / "a" / "home"
    desk = open_desk(Settings(home=home))
    desk.keys.seal(b"x", about="y")
    desk.store.close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600


def test_making_a_home_again_changes_nothing(tmp_path: Path) -> None:
    """Neither its contents nor who may read it."""
    home = tmp_path / "home"
    home.mkdir(mode=0o750)
    (home / "impetus.toml").write_text("port = 9000\n")
    make_home(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o750
    assert read_settings(home).port == 9000


def test_what_one_process_seals_the_next_opens(tmp_path: Path) -> None:
    """The key is made once and kept in the home."""
    one, other = (open_desk(Settings(home=tmp_path)) for _ in range(2))
    one.blobs.put("evidence-1", b"seen")
    assert other.blobs.get("evidence-1") == b"seen"
    for desk in (one, other):
        desk.store.close()


def test_two_homes_do_not_share_a_key(tmp_path: Path) -> None:
    """A stolen backup of one opens nothing of the other."""
    one, other = (open_desk(Settings(home=tmp_path / name)) for name in ("one", "other"))
    sealed = one.keys.seal(b"secret", about="x")
    with pytest.raises(Exception, match="x"):
        other.keys.open(sealed, about="x")
    for desk in (one, other):
        desk.store.close()


def test_messages_go_from_one_opening_to_the_next(tmp_path: Path) -> None:
    """The bus lies in the home, within the bound of the settings."""
    settings = Settings(home=tmp_path, bus_limit_mib=16)
    open_state(settings).close()
    open_bus(settings, open_clock()).publish("findings", [b"one"])
    again = open_bus(settings, open_clock())
    assert [message.body for message in again.read("findings", Offset(0))] == [b"one"]
    assert again.status("findings").limit_bytes == 16 * 1024 * 1024


def test_the_state_alone_makes_the_home(tmp_path: Path) -> None:
    """The supervisor opens it before anybody else does."""
    open_state(Settings(home=tmp_path / "home")).close()
    assert (tmp_path / "home" / "state.sqlite3").is_file()


def test_opening_what_the_supervisor_needs_loads_neither_columns_nor_ciphers() -> None:
    """Everything depends on its being there soon."""
    program = (
        "import sys; from impetus.wiring import open_clock, open_codec; open_clock(); open_codec(); "
        "print([name for name in ('pyarrow', 'cryptography', 'sqlalchemy', 'fastapi') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_opening_a_desk_loads_no_client_of_the_world_outside(tmp_path: Path) -> None:
    """Each process with a desk would pay for it, with 13 MiB and a tenth of a second; what is declared is known all the same."""
    (tmp_path / "effectors.toml").write_text(DECLARED)
    program = f"""
import sys
from pathlib import Path
from impetus.settings import Settings
from impetus.wiring import open_desk
desk = open_desk(Settings(home=Path({str(tmp_path)!r})))
outside = [name for name in ("httpx", "aiomqtt", "paho", "lxml", "cryptography.x509") if name in sys.modules]
print(outside, [device.id for device in desk.outside.city.devices()], desk.outside.city.fault())
desk.outside.city.link("edge")
print([name for name in ("httpx", "aiomqtt", "lxml") if name in sys.modules])
desk.outside.city.link("sign-e1")
print([name for name in ("httpx", "aiomqtt", "lxml") if name in sys.modules])
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["[] ['edge', 'sign-e1'] ", "['httpx']", "['httpx', 'aiomqtt']"]


def test_a_codec_and_a_clock_need_no_home() -> None:
    """They are the machine's and the format's."""
    assert open_clock().now().tzinfo is not None
    assert open_clock().monotonic_s() <= open_clock().monotonic_s()
    assert open_codec() is not None


@pytest.mark.parametrize("port", [1, 8470, 65_535])
def test_a_port_of_the_command_line_stands_instead(port: int, tmp_path: Path) -> None:
    """As does a host; what is not said stays as it was set."""
    settings = override(Settings(home=tmp_path, port=9000), port, None)
    assert (settings.port, settings.host) == (port, "127.0.0.1")
    assert override(settings, None, "::1") == override(Settings(home=tmp_path, port=port), None, "::1")


@pytest.mark.parametrize("port", [0, -1, 65_536, 10**20])
def test_a_port_that_is_none_is_refused(port: int, tmp_path: Path) -> None:
    """With the range, from the command line as from the file."""
    with pytest.raises(Misconfigured) as said:
        override(Settings(home=tmp_path), port, None)
    with pytest.raises(Misconfigured) as read:
        settings_from({"port": port}, tmp_path)
    assert said.value.limit == read.value.limit == "1..65535"
