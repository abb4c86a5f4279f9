"""`impetus source check`: what `sources.toml` declares, or which line is wrong; and every example of the how-tos."""

import json
import re
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from impetus.adapters.feeds.sources_file import parse_sources
from impetus.cli import source
from impetus.core.errors import Misconfigured

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
PAGES = sorted(page.name for page in HOW_TO.glob("connect-*.md") if "[[source]]" in page.read_text(encoding="utf-8"))


def check(home: Path, *arguments: str) -> str:
    """Run the command on a home and return what it says."""
    app = Typer()
    source.register(app)
    result = CliRunner().invoke(app, ["source", "check", "--home", str(home), *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_what_is_declared_is_shown(tmp_path: Path) -> None:
    """From where and how often; a home without the file declares nothing."""
    assert json.loads(check(tmp_path, "--json")) == []
    (tmp_path / "sources.toml").write_text('[[source]]\nid = "a"\nformat = "table"\nfolder = "drop"\nfiles = "*.csv"\n')
    (fact,) = json.loads(check(tmp_path, "--json"))
    assert fact == {"id": "a", "format": "table", "from": f"{tmp_path / 'drop'}/*.csv", "every_s": 60.0}
    assert "table" in check(tmp_path)


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    """And a table of sites that is not there."""
    (tmp_path / "sources.toml").write_text('[[source]]\nid = "a"\nformat = "csv"\nfolder = "drop"\n')
    with pytest.raises(Misconfigured, match="line 3: format is 'csv'"):
        check(tmp_path)
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nid = "a"\nformat = "datex2"\nfolder = "drop"\nsites = "s.xml"\n'
    )
    with pytest.raises(Misconfigured, match="sites of a cannot be read"):
        check(tmp_path)


@pytest.mark.parametrize("name", PAGES)
def test_the_examples_of_the_how_tos_are_taken(name: str, tmp_path: Path) -> None:
    """Each as it stands, with the secrets it names."""
    (tmp_path / "secrets").mkdir()
    for secret in ("openaq", "datex"):
        (tmp_path / "secrets" / secret).write_text("abc")
    text = (HOW_TO / name).read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        assert parse_sources(example, tmp_path)


def test_every_format_has_a_page_that_shows_it() -> None:
    """The five pages are there and are found from the first."""
    assert {
        "connect-feeds.md",
        "connect-public-transport.md",
        "connect-road-traffic.md",
        "connect-air-quality.md",
        "connect-files.md",
    } <= set(PAGES)
    overview = (HOW_TO / "connect-feeds.md").read_text(encoding="utf-8")
    assert not [page for page in PAGES if page != "connect-feeds.md" and f"({page})" not in overview]
