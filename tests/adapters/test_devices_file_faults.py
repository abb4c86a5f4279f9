"""`effectors.toml`, fault by fault: the line, what is wrong, what may stand there, and what would help."""

from pathlib import Path

import pytest

from impetus.adapters.broker import read_broker
from impetus.adapters.effectors.declared import HttpLine
from impetus.adapters.effectors.devices_file import (
    EFFECTORS_FILE,
    LONGEST_MINUTES,
    MOST_BYTES,
    MOST_DEVICES,
    MOST_FEEDS,
    is_here,
    parse_effectors,
    read_effectors,
)
from impetus.core.errors import Misconfigured
from impetus.core.warning import Status

SIGN = """\
[[device]]
id = "sign-e1"
name = "Sign at E1"
kind = "sign"
longest_minutes = 60
[device.mqtt]
broker = "mqtt://impetus:secret@127.0.0.1:1883"
topic = "city/sign-e1"
"""
GATEWAY = '[[gateway]]\nstatus = "Exercise"\nfolder = "out"\n'
FEED = '[[feed]]\nid = "met"\nname = "Weather"\nurl = "https://met.example/a"\n'


def refused(text: str, home: Path) -> Misconfigured:
    """Return why a text is refused."""
    with pytest.raises(Misconfigured) as said:
        parse_effectors(text, home)
    return said.value


@pytest.mark.parametrize(
    ("key", "value", "line", "word"),
    [
        ("id", '""', 2, "id is ''"),
        ("id", "7", 2, "id is '7'"),
        ("id", '"-x"', 2, "id is '-x'"),
        ("id", f'"{"x" * 64}"', 2, "id is"),
        ("id", '"å"', 2, "id is 'å'"),
        ("name", '""', 3, "name is ''"),
        ("name", '"  "', 3, "name is"),
        ("name", f'"{"x" * 201}"', 3, "name is"),
        ("name", '"a\\nb"', 3, "name is"),
        ("name", "true", 3, "name is 'True'"),
        ("kind", '"Sign"', 4, "kind is 'Sign'"),
        ("kind", "[]", 4, "kind is '[]'"),
        ("longest_minutes", "0", 5, "longest_minutes is 0"),
        ("longest_minutes", "0.99", 5, "longest_minutes is 0.99"),
        ("longest_minutes", f"{LONGEST_MINUTES + 1}", 5, f"longest_minutes is {LONGEST_MINUTES + 1}"),
        ("longest_minutes", "inf", 5, "longest_minutes is inf"),
        ("longest_minutes", "true", 5, "longest_minutes is True"),
        ("longest_minutes", '"60"', 5, "longest_minutes is 60"),
        ("most_words", "0", 6, "most_words is 0"),
        ("most_words", "501", 6, "most_words is 501"),
        ("commands", '"open"', 6, "commands is 'open'"),
        ("commands", "[1]", 6, "commands is '[1]'"),
        ("commands", '["open", " "]', 6, "commands is"),
        ("commands", "[" + '"x", ' * 51 + "]", 6, "commands is"),
        ("point", "[10.7, 59.9, 1]", 6, "point is [10.7"),
        ("point", '["10.7", "59.9"]', 6, "point is"),
        ("point", "[true, false]", 6, "point is [True"),
        ("point", "10.7", 6, "point is 10.7"),
        ("point", "[181, 59.9]", 6, "globe"),
        ("simulated", "1", 6, "simulated is '1'"),
        ("repeatable", '"no"', 6, "repeatable is 'no'"),
        ("colour", '"red"', 6, "unknown key colour"),
        ("password", '"x"', 6, "unknown key password"),
    ],
)
def test_each_value_of_a_device_that_cannot_be_is_refused_in_its_line(
    tmp_path: Path, key: str, value: str, line: int, word: str
) -> None:
    """Key by key: empty, too long, out of range, of another kind, or not known at all."""
    lines = SIGN.splitlines()
    place = next((number for number, text in enumerate(lines) if text.startswith(f"{key} =")), None)
    if place is None:
        lines.insert(5, f"{key} = {value}")
    else:
        lines[place] = f"{key} = {value}"
    fault = refused("\n".join(lines), tmp_path)
    assert fault.detail.startswith(f"{EFFECTORS_FILE} line {line}: ")
    assert word in fault.detail
    assert fault.remedy
    assert fault.limit is not None


@pytest.mark.parametrize("minutes", ["1", "1.5", f"{LONGEST_MINUTES}"])
def test_the_bounds_themselves_are_declared(tmp_path: Path, minutes: str) -> None:
    """A minute, half of one more, four hours."""
    (device,) = parse_effectors(SIGN.replace("longest_minutes = 60", f"longest_minutes = {minutes}"), tmp_path).devices
    assert device.device.longest.total_seconds() == float(minutes) * 60
    assert (device.device.most_words, device.device.is_repeatable, device.device.simulated) == (120, True, False)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (SIGN.replace("[device.mqtt]", "[device.http]"), 7, "unknown key broker"),
        (SIGN.replace('topic = "city/sign-e1"', ""), 6, "topic is"),
        (SIGN.replace('topic = "city/sign-e1"', 'topic = "city/+/set"'), 8, "topic is 'city/+/set'"),
        (SIGN.replace('topic = "city/sign-e1"', 'topic = "/city"'), 8, "topic is '/city'"),
        (SIGN.replace('topic = "city/sign-e1"', f'topic = "{"a/" * 11}a"'), 8, "topic is"),
        (SIGN.replace("mqtt://impetus", "http://impetus"), 7, "cannot be read"),
        (SIGN.replace(":1883", ":99999"), 7, "cannot be read"),
        (SIGN.replace(":1883", ":1883?keepalive=1"), 7, "cannot be read"),
        (SIGN.replace("impetus:secret@", ""), 7, "no user"),
        (SIGN.replace("127.0.0.1", "broker.city.example"), 7, "another machine"),
        (SIGN.replace("127.0.0.1", "10.0.0.1"), 7, "another machine"),
        (SIGN.replace("[device.mqtt]", "mqtt = 1\n[device.other]"), 1, "unknown key other"),
        (SIGN.partition("[device.mqtt]")[0], 1, "a device has one line"),
        (SIGN.partition("[device.mqtt]")[0] + "mqtt = 7\n", 1, "device.mqtt is no table"),
        (SIGN.partition("[device.mqtt]")[0] + "http = []\n", 1, "device.http is no table"),
        (SIGN.replace("[[device]]", "[device]"), 1, "[[device]]"),
        ("device = 3\n", 1, "[[device]]"),
        ("[[devices]]\n", 1, "unknown key devices"),
        ("warnings = 1\n", 1, "no table"),
        ("[warnings]\nsender = 7\n", 2, "sender is"),
        ("[warnings]\nsender = 'a'\n", 2, "sender is 'a'"),
        ("[warnings]\nsender = 'a,b@c'\n", 2, "sender is 'a,b@c'"),
        ("[warnings]\nfrom = 'me'\n", 2, "unknown key from"),
        (GATEWAY.replace("Exercise", "System"), 2, "status is 'System'"),
        (GATEWAY + GATEWAY, 4, "gateway Exercise is declared twice"),
        (GATEWAY.replace('folder = "out"', 'url = "http://gateway.example"'), 3, "http://gateway.example"),
        (GATEWAY.replace('folder = "out"', 'url = "https://"'), 3, "https://"),
        (GATEWAY.replace('folder = "out"', 'url = "https://a b.example/"'), 3, "url is"),
        (GATEWAY.replace('folder = "out"', 'url = "https://a.example/\u00e5"'), 3, "url is"),
        (GATEWAY.replace('folder = "out"', 'url = "https://a_b!.example/"'), 3, "url is"),
        (GATEWAY.replace('folder = "out"', 'url = "https://a.example:99999/"'), 3, "url cannot be read"),
        (GATEWAY.replace('folder = "out"', 'url = "https://[::1/"'), 3, "url cannot be read"),
        (GATEWAY.replace('folder = "out"', 'token_file = "t"'), 1, "nowhere"),
        (GATEWAY + 'token_file = "nothing"\n', 4, "token_file cannot be read"),
        (FEED.replace('name = "Weather"', ""), 1, "name is"),
        (FEED.replace("https://met", "http://met"), 4, "url is"),
        (FEED + "every_s = 29\n", 5, "every_s is 29"),
        (FEED + "every_s = 86401\n", 5, "every_s is 86401"),
        (FEED + 'certificates = "x"\n', 5, "certificates is"),
        (FEED + "certificates = [" + '"x",' * 11 + "]\n", 5, "certificates is"),
        (FEED + FEED, 6, "feed met is declared twice"),
        (FEED + "simulated = 0\n", 5, "simulated is '0'"),
    ],
)
def test_each_fault_elsewhere_is_refused_in_its_line(tmp_path: Path, text: str, line: int, word: str) -> None:
    """Lines to devices, who we are, where warnings go, which feeds are read."""
    fault = refused(text, tmp_path)
    assert fault.detail.startswith(f"{EFFECTORS_FILE} line {line}: "), fault.detail
    assert word in fault.detail
    assert fault.remedy


def test_the_second_of_two_devices_is_named_by_its_own_line(tmp_path: Path) -> None:
    """Comments, blank lines and an equals sign in a text do not shift it."""
    second = SIGN.replace("sign-e1", "sign-e2").replace('kind = "sign"', 'kind = "laser"  # = not known')
    text = f"# a = b\n\n{SIGN}\n# [[device]]\n{second}"
    assert (
        f"line {text.splitlines().index(next(x for x in text.splitlines() if 'laser' in x)) + 1}:"
        in refused(text, tmp_path).detail
    )


def test_more_than_can_be_looked_after_is_refused(tmp_path: Path) -> None:
    """500 devices, 50 feeds, a gateway for each status."""
    devices = "".join(SIGN.replace("sign-e1", f"sign-{number}") for number in range(MOST_DEVICES + 1))
    assert f"{MOST_DEVICES + 1} tables device" in refused(devices, tmp_path).detail
    feeds = "".join(FEED.replace("met", f"met{number}") for number in range(MOST_FEEDS + 1))
    assert f"{MOST_FEEDS + 1} tables feed" in refused(feeds, tmp_path).detail
    assert "4 tables gateway" in refused(GATEWAY * 4, tmp_path).detail


@pytest.mark.parametrize("body", [b"\xff\xfe", b"# " + b"x" * MOST_BYTES])
def test_a_file_that_is_no_text_or_too_large_is_refused_unread(tmp_path: Path, body: bytes) -> None:
    """With its name."""
    (tmp_path / EFFECTORS_FILE).write_bytes(body)
    with pytest.raises(Misconfigured, match=EFFECTORS_FILE):
        read_effectors(tmp_path)


def test_files_named_are_looked_for_under_the_home(tmp_path: Path) -> None:
    """Folder, certificates, token; a token's second line is nobody's."""
    (tmp_path / "token").write_text("abc \nsecond\n")
    text = (
        GATEWAY
        + 'url = "https://gateway.example/{identifier}"\ntoken_file = "token"\ncafile = "ca.pem"\n'
        + FEED
        + 'certificates = ["met.pem"]\nsimulated = true\n'
    )
    declared = parse_effectors(text, tmp_path)
    (gateway,), (feed,) = declared.gateways, declared.feeds
    assert (gateway.status, gateway.folder, gateway.token) == (Status.EXERCISE, tmp_path / "out", "abc")
    assert gateway.cafile == str(tmp_path / "ca.pem")
    assert (feed.certificates, feed.simulated, feed.every_s) == ((str(tmp_path / "met.pem"),), True, 300)
    assert "abc" not in repr(declared)


@pytest.mark.parametrize("broker", ["mqtts://u:p@broker.example", "mqtt://u:p@localhost:1883", "mqtt://u:p@[::1]:1883"])
def test_a_line_in_clear_stays_on_this_machine_and_one_over_tls_goes_anywhere(tmp_path: Path, broker: str) -> None:
    """The address for people says neither user's password nor more than where it goes."""
    (one,) = parse_effectors(SIGN.replace("mqtt://impetus:secret@127.0.0.1:1883", broker), tmp_path).devices
    assert ":p@" not in one.device.address
    assert one.device.address.endswith("/city/sign-e1")
    assert not isinstance(one.line, HttpLine)


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.1", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("", False),
    ],
)
def test_only_this_machine_is_here(host: str, *, is_ours: bool) -> None:
    """A name that begins like it is another's."""
    assert is_here(host) is is_ours


def test_a_password_in_a_file_of_the_home_is_the_brokers(tmp_path: Path) -> None:
    """`{home}` stands for the home, so that a file can be moved with it."""
    (tmp_path / "broker.password").write_text("hush\n")
    text = SIGN.replace("impetus:secret@127.0.0.1:1883", "impetus@127.0.0.1:1883?password_file={home}/broker.password")
    (device,) = parse_effectors(text, tmp_path).devices
    assert not isinstance(device.line, HttpLine)
    assert device.line.broker.password == "hush"
    assert device.line.broker.port == read_broker("mqtt://u@h").port
