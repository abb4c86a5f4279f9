"""`sources.toml`, fault by fault: the line, what is wrong, what may stand there, and what would help."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.adapters.feeds.declared import Dropped, Fetched
from impetus.adapters.feeds.sources_file import (
    FORMATS,
    KEYS,
    MOST_BYTES,
    MOST_SOURCES,
    SOURCES_FILE,
    parse_sources,
    read_sources,
)
from impetus.core.errors import Misconfigured

GOOD = """\
# what we read
[[source]]
id = "air"
format = "nilu"
url = "https://air.example/aq/utd?areas=harbour"

[[source]]
id = "trams"
name = "Trams of the harbour"
format = "siri"
url = "http://127.0.0.1:9000/vm"
every_s = 30
headers = { ET-Client-Name = "harbour-impetus" }
token_file = "secret"
box = [10.6, 59.8, 10.9, 60.0]
only = ["HAR:Line:17"]
zone = "Europe/Oslo"
simulated = true
"""


def refused(text: str, home: Path) -> Misconfigured:
    """Return why a text is refused."""
    with pytest.raises(Misconfigured) as said:
        parse_sources(text, home)
    return said.value


def one(home: Path, line: str) -> str:
    """Return a source with this line instead of its own of the same key, or beside them."""
    key = line.partition("=")[0].strip()
    lines = ["[[source]]", 'id = "a"', 'format = "table"', 'folder = "drop"']
    (home / "drop").mkdir(exist_ok=True)
    kept = [each for each in lines if not each.startswith(f"{key} =")]
    return "\n".join([*kept, line])


def test_a_good_file_says_what_is_read_how_and_how_often(tmp_path: Path) -> None:
    """With defaults where nothing is said; the token is sent as a header and shown nowhere."""
    (tmp_path / "secret").write_text("abc\nsecond line\n")
    air, trams = parse_sources(GOOD, tmp_path)
    assert (air.id, air.name, air.every_s, air.freshness_s, air.how.thing) == ("air", "air", 60, 300, "air")
    assert isinstance(trams.origin, Fetched)
    assert trams.origin.headers == {"ET-Client-Name": "harbour-impetus", "Authorization": "Bearer abc"}
    assert "abc" not in repr(trams)
    assert trams.how.box is not None
    assert trams.how.box.holds(10.7, 59.9)
    assert (trams.how.only, trams.how.zone, trams.simulated, trams.freshness_s) == (
        frozenset({"HAR:Line:17"}),
        "Europe/Oslo",
        True,
        300,
    )


def test_a_secret_may_have_a_header_of_its_own(tmp_path: Path) -> None:
    """As OpenAQ wants it."""
    (tmp_path / "secret").write_text("abc")
    text = '[[source]]\nid = "a"\nformat = "openaq"\nurl = "https://a.example/"\ntoken_file = "secret"\ntoken_header = "X-API-Key"\n'
    (source,) = parse_sources(text, tmp_path)
    assert isinstance(source.origin, Fetched)
    assert source.origin.headers == {"X-API-Key": "abc"}


def test_a_folder_is_looked_for_in_the_home(tmp_path: Path) -> None:
    """With a pattern for its files."""
    (source,) = parse_sources(one(tmp_path, 'files = "*.csv"'), tmp_path)
    assert source.origin == Dropped(folder=tmp_path / "drop", pattern="*.csv")


def test_no_file_is_no_source(tmp_path: Path) -> None:
    """An installation reads nothing of others by itself."""
    assert read_sources(tmp_path) == ()
    (tmp_path / SOURCES_FILE).write_text(GOOD.replace('token_file = "secret"\n', ""))
    assert len(read_sources(tmp_path)) == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ('id = "air"', 'id = "Air"', 3, "id is 'Air'"),
        ('id = "air"', "", 2, "id is missing"),
        ('format = "nilu"', 'format = "NILU"', 4, "format is 'NILU'"),
        ('url = "https://air', 'url = "http://air', 5, "url is"),
        ('url = "https://air', 'url = "ftp://air', 5, "url is"),
        ('url = "https://air', 'url = "https://me:secret@air', 5, "url is"),
        ('url = "https://air', 'url = "https://[::air', 5, "url is"),
        ("utd?areas", "utd?a b", 5, "url is"),
        ("every_s = 30", "every_s = 5", 12, "every_s is 5"),
        ("every_s = 30", "every_s = true", 12, "every_s is True"),
        ("every_s = 30", "every_s = 1e999", 12, "every_s is inf"),
        ("every_s = 30", "every = 30", 12, "unknown key every"),
        ("box = [10.6, 59.8, 10.9, 60.0]", "box = [10.9, 59.8, 10.6, 60.0]", 15, "box is"),
        ("box = [10.6, 59.8, 10.9, 60.0]", "box = [10.6, 59.8]", 15, "box is"),
        ("box = [10.6, 59.8, 10.9, 60.0]", 'box = "all"', 15, "box is"),
        ('only = ["HAR:Line:17"]', 'only = "17"', 16, "only is"),
        ('only = ["HAR:Line:17"]', 'only = [" "]', 16, "only is"),
        ('zone = "Europe/Oslo"', 'zone = "Oslo"', 17, "there is no zone"),
        ('zone = "Europe/Oslo"', 'zone = "../etc/passwd"', 17, "there is no zone"),
        ("simulated = true", 'simulated = "yes"', 18, "simulated is"),
        ("{ ET-Client-Name", "{ Authorization", 13, "header 'Authorization'"),
        ("{ ET-Client-Name", "{ Host", 13, "header 'Host'"),
        ('"harbour-impetus"', '"a\\r\\nb: c"', 13, "header 'ET-Client-Name'"),
        ('token_file = "secret"', 'token_file = "nowhere"', 14, "token_file cannot be read"),
        ('id = "trams"', 'id = "air"', 8, "source air is declared twice"),
        ('format = "siri"', 'format = "siri"\nfolder = "x"', 7, "a source has an address or a folder"),
    ],
)
def test_a_wrong_line_is_named_with_what_may_stand_there(
    tmp_path: Path, old: str, new: str, line: int, word: str
) -> None:
    """And the whole file is off: nobody believes in a source that is not read."""
    (tmp_path / "secret").write_text("abc")
    assert old in GOOD
    said = refused(GOOD.replace(old, new, 1), tmp_path)
    assert said.detail.startswith(f"{SOURCES_FILE} line {line}: ")
    assert word in said.detail
    assert said.limit is not None
    assert said.remedy


@pytest.mark.parametrize(
    "line",
    [
        "lowest = 5\nhighest = 4",
        'unit = "m m"',
        'property = "A"',
        'files = "../*"',
        'token_header = "a b"\nfiles = "x"',
        "most_datastreams = 0",
        "missing = [1]",
        "sites = 7",
    ],
)
def test_other_keys_are_checked_too(tmp_path: Path, line: str) -> None:
    """Nothing is passed over."""
    assert refused(one(tmp_path, line), tmp_path).remedy


@pytest.mark.parametrize(
    "text",
    ["source = 7", "[source]\nid = 'a'", "[[feed]]\nid = 'a'", "x = 1", "= 3", "[[source]]\n" * (MOST_SOURCES + 1)],
)
def test_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    """It says what the file may hold."""
    assert SOURCES_FILE in refused(text, tmp_path).detail


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    """Nor one that is no text."""
    (tmp_path / SOURCES_FILE).write_text("#" * (MOST_BYTES + 1))
    with pytest.raises(Misconfigured, match="too large"):
        read_sources(tmp_path)
    (tmp_path / SOURCES_FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Misconfigured, match="cannot be read"):
        read_sources(tmp_path)


def test_a_secret_must_be_one_line_that_a_header_can_hold(tmp_path: Path) -> None:
    """Two lines would be two headers."""
    for raw in (b"", b"a\tb", "å".encode(), b"x" * 5000):
        (tmp_path / "secret").write_bytes(raw)
        assert "token_file" in refused(GOOD, tmp_path).detail


@settings(max_examples=60)
@given(
    st.sampled_from(KEYS),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.lists(st.text(max_size=4), max_size=3),
)
def test_any_value_under_any_key_is_taken_or_refused_by_name(key: str, value: object) -> None:
    """No value ends the part that reads the file."""
    home = Path("nowhere")
    written = "[]" if value is None else json.dumps(value)
    base = {"id": '"a"', "format": '"table"', "folder": '"drop"', key: written}
    text = "[[source]]\n" + "\n".join(f"{name} = {said}" for name, said in base.items())
    found, named = 0, key
    try:
        found = len(parse_sources(text, home))
    except Misconfigured as error:
        named = str(error.value)
    assert found == 1 or named in {key, "", SOURCES_FILE}


def test_the_how_to_names_every_key_and_format() -> None:
    """What may be declared can be found."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "how-to" / "connect-feeds.md").read_text(encoding="utf-8")
    assert not [name for name in (*KEYS, *FORMATS) if f"`{name}`" not in page]
