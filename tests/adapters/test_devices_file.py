"""`effectors.toml`: what is declared is what is meant, and each mistake is refused with its line and a remedy."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.adapters.cap.codec import XmlCap
from impetus.adapters.effectors.city import DeclaredCity
from impetus.adapters.effectors.declared import HttpLine, MqttLine
from impetus.adapters.effectors.devices_file import EFFECTORS_FILE, parse_effectors, read_effectors
from impetus.core.effect import DeviceKind
from impetus.core.errors import Misconfigured, Unknown
from impetus.core.warning import Status

GOOD = """\
# A sign and a firewall.
[[device]]
id = "sign-e1"
name = "Sign at E1"
kind = "sign"
point = [10.7331, 59.9121]
longest_minutes = 120
most_words = 60
simulated = true
[device.mqtt]
broker = "mqtt://impetus:hush9@127.0.0.1:1884"
topic = "city/sign-e1"

[[device]]
id = "edge"
name = "Edge firewall"
kind = "firewall"
longest_minutes = 60
repeatable = true
[device.http]
url = "https://firewall.example/api/blocks/{key}"

[warnings]
sender = "control-room@city.example"

[[gateway]]
status = "Exercise"
folder = "warnings/exercise"

[[feed]]
id = "met"
name = "Weather service"
url = "https://met.example/cap.atom"
every_s = 60
"""


def test_a_good_file_declares_devices_gateways_and_feeds(tmp_path: Path) -> None:
    """Every part comes out as it was written."""
    declared = parse_effectors(GOOD, tmp_path)
    sign, firewall = declared.devices
    assert (sign.device.kind, sign.device.most_words, sign.device.simulated) == (DeviceKind.SIGN, 60, True)
    assert isinstance(sign.line, MqttLine)
    assert (sign.line.topic, sign.line.broker.port) == ("city/sign-e1", 1884)
    assert isinstance(firewall.line, HttpLine)
    assert declared.gateways[0].status is Status.EXERCISE
    assert declared.gateways[0].folder == tmp_path / "warnings/exercise"
    assert (declared.feeds[0].id, declared.feeds[0].every_s) == ("met", 60)


def test_no_file_declares_nothing(tmp_path: Path) -> None:
    """An installation without city systems is no mistake."""
    assert read_effectors(tmp_path).devices == ()


def test_secrets_are_shown_nowhere(tmp_path: Path) -> None:
    """Neither the address for people nor what a debugger prints holds a password."""
    declared = parse_effectors(GOOD, tmp_path)
    assert "hush9" not in repr(declared)
    assert "hush9" not in declared.devices[0].device.address


WRONG = [
    ('kind = "sign"', 'kind = "laser"', 5, "laser"),
    ("longest_minutes = 120", "longest_minutes = 241", 7, "longest_minutes"),
    ("longest_minutes = 120", "longest_minutes = nan", 7, "longest_minutes"),
    ("longest_minutes = 120", "", 2, "longest_minutes"),
    ("point = [10.7331, 59.9121]", "point = [10.7331, 99.0]", 6, "globe"),
    ("point = [10.7331, 59.9121]", "point = [10.7331]", 6, "point"),
    ("simulated = true", 'simulated = "yes"', 9, "simulated"),
    ('id = "sign-e1"', 'id = "Sign E1"', 3, "Sign E1"),
    ('id = "edge"', 'id = "sign-e1"', 15, "twice"),
    ("most_words = 60", "colour = 60", 8, "colour"),
    ('topic = "city/sign-e1"', 'topic = "city/#"', 12, "city/#"),
    ("@127.0.0.1:1884", "@city.example:1884", 11, "in clear"),
    ("mqtt://impetus:hush9@", "mqtt://", 11, "no user"),
    ("https://firewall.example", "http://firewall.example", 21, "http://"),
    ("https://firewall.example", "https://me:pw@firewall.example", 21, "https"),
    ('url = "https://firewall', 'method = "POST"\nurl = "https://firewall', 21, "method"),
    ('status = "Exercise"', 'status = "Draft"', 27, "Draft"),
    ('folder = "warnings/exercise"', "", 26, "nowhere"),
    ('sender = "control-room@city.example"', 'sender = "control room"', 24, "sender"),
    ("every_s = 60", "every_s = 1", 34, "every_s"),
    ('url = "https://met.example/cap.atom"', 'url = "ftp://met.example"', 33, "ftp"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "word"), WRONG, ids=[f"{n}-{w[3]}" for n, w in enumerate(WRONG)])
def test_each_mistake_is_refused_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, word: str) -> None:
    """The line, what is wrong with it, and what would help."""
    assert right in GOOD
    with pytest.raises(Misconfigured, match=rf"line {line}: .*") as refused:
        parse_effectors(GOOD.replace(right, wrong, 1), tmp_path)
    assert word in refused.value.detail
    assert refused.value.remedy


def test_a_device_has_exactly_one_line(tmp_path: Path) -> None:
    """Two lines could be set and cleared apart."""
    both = GOOD.replace(
        '\n[[device]]\nid = "edge"', '[device.http]\nurl = "https://a.example"\n[[device]]\nid = "edge"'
    )
    for text in (both, GOOD.replace("[device.mqtt]", "[device.other]")):
        with pytest.raises(Misconfigured):
            parse_effectors(text, tmp_path)


def test_what_is_no_toml_is_refused(tmp_path: Path) -> None:
    """With the parser's own place."""
    with pytest.raises(Misconfigured, match="not TOML"):
        parse_effectors("[[device]\nid=", tmp_path)


def outcome_of(text: str) -> str:
    """Say what became of a text: nothing else may."""
    try:
        parse_effectors(text, Path("/nowhere"))
    except Misconfigured as refused:
        is_clear = refused.detail.startswith(EFFECTORS_FILE) and refused.remedy
        return "refused" if is_clear else "refused without a word"
    return "declared"


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300) | st.sampled_from(GOOD.splitlines()).map(lambda line: line * 3))
def test_no_text_does_anything_but_declare_or_be_refused(text: str) -> None:
    """Fuzzed: nothing else comes out."""
    assert outcome_of(text) in {"declared", "refused"}


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, len(GOOD)), extra=st.sampled_from(["", "x = 1", "[[device]]", "= ", '"""']))
def test_no_half_of_a_file_does_anything_but_declare_or_be_refused(cut: int, extra: str) -> None:
    """A file that is being written while it is read."""
    assert outcome_of(GOOD[:cut] + extra + GOOD[cut:]) in {"declared", "refused"}


def test_a_wrong_file_declares_nothing_and_says_why_until_it_is_mended(tmp_path: Path) -> None:
    """One wrong line switches all off; the mended file counts without a restart."""
    city = DeclaredCity(tmp_path, XmlCap())
    assert (city.devices(), city.fault()) == ((), "")
    (tmp_path / EFFECTORS_FILE).write_text(GOOD.replace('kind = "sign"', 'kind = "laser"'))
    assert (city.devices(), "line 5" in city.fault()) == ((), True)
    with pytest.raises(Unknown):
        city.link("sign-e1")
    (tmp_path / EFFECTORS_FILE).write_text(GOOD)
    assert [device.id for device in city.devices()] == ["edge", "sign-e1"]
    assert city.fault() == ""
    assert city.link("sign-e1").is_repeatable


def test_a_token_is_read_from_its_file(tmp_path: Path) -> None:
    """And a file that is not there is refused with its line."""
    text = GOOD.replace('/{key}"\n', '/{key}"\ntoken_file = "token"\n', 1)
    with pytest.raises(Misconfigured, match="line 22"):
        parse_effectors(text, tmp_path)
    (tmp_path / "token").write_text("abc\n")
    line = parse_effectors(text, tmp_path).devices[1].line
    assert isinstance(line, HttpLine)
    assert line.token == "abc"
