"""The documentation is under test: it links to what exists, mentions what exists, and its examples run."""

import doctest
import importlib
import re
from dataclasses import fields

import pytest

from impetus.core.board import Rule
from impetus.settings import Settings
from laws.tree import ROOT, SRC, modules

LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)#\s]+)(#[^)]*)?\)")
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: object) -> None:
    """Each relative link of a page names a file that exists."""
    text = page.read_text(encoding="utf-8")
    broken = [
        found["target"]
        for found in LINK.finditer(text)
        if not found["target"].startswith(("http:", "https:", "mailto:", "/"))
        and not (page.parent / found["target"]).exists()
    ]
    assert not broken


def reference() -> str:
    """Return the text of every reference, how-to and explain page."""
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def test_every_setting_is_documented() -> None:
    """Each setting stands in the settings page."""
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    missing = [item.name for item in fields(Settings) if f"`{item.name}`" not in page]
    assert not missing


def test_every_ingest_rule_is_documented() -> None:
    """Each rule of ingest stands in the ingest rules page."""
    page = (ROOT / "docs/reference/ingest-rules.md").read_text(encoding="utf-8")
    missing = [rule for rule in Rule if f"`{rule.value}`" not in page]
    assert not missing


def test_every_error_is_documented() -> None:
    """Each error class of the core stands in the errors page with its status."""
    errors = importlib.import_module("impetus.core.errors")
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    known = [
        name for name, item in vars(errors).items() if isinstance(item, type) and issubclass(item, errors.ImpetusError)
    ]
    missing = [name for name in known if f"`{name}`" not in page]
    assert known
    assert not missing


def test_every_built_in_tool_is_documented() -> None:
    """Each tool folder is named in the documentation."""
    text = reference()
    missing = [
        path.name
        for path in (SRC / "tools").iterdir()
        if path.is_dir() and path.name != "__pycache__" and f"`{path.name}`" not in text
    ]
    assert not missing


def test_decisions_are_numbered_and_short() -> None:
    """Each decision record has a number, a status and fits a page."""
    records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert records
    for number, record in enumerate(records, 1):
        text = record.read_text(encoding="utf-8")
        assert record.name.startswith(f"{number:04d}-"), record.name
        assert "Status:" in text
        assert len(text.splitlines()) <= 70, record.name


def test_examples_in_docstrings_run() -> None:
    """Each doctest of core, ethics, processes and tools gives what it says."""
    attempted = failed = 0
    for module in modules(SRC):
        if ">>> " in module.text and module.path.relative_to(SRC).parts[0] in {"core", "ethics", "processes", "tools"}:
            name = ".".join(module.path.relative_to(SRC.parent).with_suffix("").parts)
            result = doctest.testmod(importlib.import_module(name))
            attempted, failed = attempted + result.attempted, failed + result.failed
    assert attempted > 0
    assert failed == 0
