"""The package a template yields: every name in its place, and nothing written where it should not be."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from impetus.core.errors import Conflict, Malformed
from impetus.core.manifest import TOOL_ID, read_manifest
from impetus.run.new_tool import TEMPLATE, write_new_tool
from impetus.testing.tool_checks import FILES


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project of a new tool."""
    directory = tmp_path_factory.mktemp("new") / "deep" / "impetus-night-watch"
    write_new_tool("night_watch", directory)
    return directory


def files(project: Path) -> list[Path]:
    """Return every file of a project."""
    return sorted(file for file in project.rglob("*") if file.is_file())


def test_every_file_of_the_template_is_written_and_named(tmp_path: Path) -> None:
    """What is returned is what is there, and nothing of the template is left out."""
    written = write_new_tool("night_watch", tmp_path / "it")
    assert sorted(written) == files(tmp_path / "it")
    assert len(written) == len(list(TEMPLATE.rglob("*.tmpl")))


def test_the_package_is_named_after_the_tool(project: Path) -> None:
    """With the prefix that keeps it apart from other people's packages."""
    package = project / "src" / "impetus_night_watch"
    assert {file.name for file in package.iterdir()} >= {"__init__.py", *FILES}
    assert (project / "tests" / "test_impetus_night_watch.py").is_file()


def test_no_placeholder_is_left(project: Path) -> None:
    """Every name was filled in, in files and in their paths."""
    for file in files(project):
        assert not re.search(r"\$\{?[a-z]", file.read_text(encoding="utf-8")), file
        assert ".tmpl" not in file.name
        assert "package" not in file.relative_to(project).parts


def test_the_entry_point_leads_to_the_package(project: Path) -> None:
    """What an installer reads."""
    document = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert document["project"]["name"] == "impetus-night-watch"
    assert document["project"]["entry-points"]["impetus.tools"] == {"night_watch": "impetus_night_watch"}


def test_the_manifest_is_sound_and_bears_the_name(project: Path) -> None:
    """As the platform reads it."""
    text = (project / "src" / "impetus_night_watch" / "manifest.toml").read_text(encoding="utf-8")
    manifest = read_manifest(text)
    assert (manifest.id, manifest.name) == ("night_watch", "Night watch")


def test_every_module_is_python_with_a_docstring(project: Path) -> None:
    """Who begins with it begins with the habits of the house."""
    for file in files(project):
        if file.suffix == ".py":
            assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), file


@pytest.mark.parametrize("name", ["Night", "night-watch", "9lives", "", "a b", "a" * 32, "../up", "x/y", "æ"])
def test_a_name_that_is_no_slug_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    """It becomes a directory, a module and an id."""
    with pytest.raises(Malformed) as refusal:
        write_new_tool(name, tmp_path / "it")
    assert (refusal.value.value, refusal.value.limit) == (name, TOOL_ID.pattern)
    assert not (tmp_path / "it").exists()


@pytest.mark.parametrize("is_file", [False, True])
def test_what_is_there_already_is_not_written_over(tmp_path: Path, *, is_file: bool) -> None:
    """A directory with somebody's work in it, or a file: neither is touched."""
    target = tmp_path / "it"
    target.write_text("mine") if is_file else target.mkdir()
    with pytest.raises(Conflict, match="is there already") as refusal:
        write_new_tool("night_watch", target)
    assert refusal.value.remedy == "name another directory"
    assert [file.read_text() for file in tmp_path.rglob("*") if file.is_file()] == (["mine"] if is_file else [])


@given(some.from_regex(TOOL_ID, fullmatch=True))
@example("class")
@example("package")
@settings(max_examples=6)
def test_any_slug_gives_modules_that_can_be_parsed(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Also words of the language, and those of the template itself."""
    project = tmp_path_factory.mktemp("any") / "it"
    modules = [file for file in write_new_tool(name, project) if file.suffix == ".py"]
    assert all(ast.parse(file.read_text(encoding="utf-8")).body for file in modules)
    assert (project / "src" / f"impetus_{name}" / "tool.py") in modules
