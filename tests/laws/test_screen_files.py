"""The files of the screen: scripts that parse and find each other, templates that are used, and nothing inline."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from jinja2.visitor import NodeVisitor

from laws.tree import ROOT, SRC

WEB = SRC / "web"
TEMPLATES = WEB / "templates"
SCRIPTS = sorted((WEB / "static/js").glob("*.js"))
STYLES = sorted((WEB / "static/css").rglob("*.css"))
PAGES = sorted(TEMPLATES.glob("*.html"))
VENDORED = (WEB / "vendor.py").read_text(encoding="utf-8")
"""Which browser libraries are brought at build, and under which names."""
IMPORT = re.compile(
    r"""^import\s+(?:[^"';]+\s+from\s+)?["']([^"']+)["']|^export\s[^"';=(]*\sfrom\s+["']([^"']+)["']"""
    r"""|import\(\s*["']([^"']+)["']\s*\)""",
    re.MULTILINE,
)
TAG = re.compile(r"<(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
STATIC = re.compile(r"static\(['\"]([^'\"]+)['\"]\)")


def source(page: Path) -> str:
    """Return a template without its comments."""
    return COMMENT.sub("", page.read_text(encoding="utf-8"))


def imports(script: Path) -> Iterator[str]:
    """Yield what a script imports."""
    for found in IMPORT.findall(script.read_text(encoding="utf-8")):
        yield "".join(found)


def texts(page: Path) -> Iterator[str]:
    """Yield every text of a template that translators see: the first argument of `_`, both of `ngettext`."""

    class Texts(NodeVisitor):
        """Collects the constants that calls of gettext are given."""

        def __init__(self) -> None:
            self.found: list[str] = []

        def visit_Call(self, node: nodes.Call) -> None:  # noqa: N802 - the visitor's own naming
            """Take the texts of a call and look into it."""
            if isinstance(node.node, nodes.Name) and node.node.name in {"_", "gettext", "ngettext"}:
                taken = node.args[: 2 if node.node.name == "ngettext" else 1]
                self.found += [str(each.value) for each in taken if isinstance(each, nodes.Const)]
            self.generic_visit(node)

    visitor = Texts()
    visitor.visit(Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(page.read_text(encoding="utf-8")))
    yield from visitor.found


def named(paths: list[Path]) -> dict[str, object]:
    """Return what parametrises a test over files."""
    return {"argvalues": paths, "ids": [path.name for path in paths]}


@pytest.fixture(scope="module")
def node() -> str:
    """Return a Node to parse with, or skip where there is none: scripts need none to run."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("Node: apt-get install nodejs")
    return found


def test_every_script_parses(node: str) -> None:
    """A slip of the keyboard is found here and not on an operator's screen."""
    checker = "import{readFileSync}from'node:fs';import vm from'node:vm';for(const f of process.argv.slice(1))new vm.SourceTextModule(readFileSync(f,'utf8'),{identifier:f});"
    run = subprocess.run(
        [
            node,
            "--no-warnings",
            "--experimental-vm-modules",
            "--input-type=module",
            "-e",
            checker,
            "--",
            *map(str, SCRIPTS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("script", **named(SCRIPTS))
def test_a_script_imports_only_files_that_exist(script: Path) -> None:
    """Relative paths to our own files, or to a library that the build brings."""
    for path in imports(script):
        assert path.startswith(("./", "../")), path
        target = (script.parent / path).resolve()
        assert target.is_file() or (target.parent.name == "vendor" and target.name in VENDORED), path


@pytest.mark.parametrize("script", **named(SCRIPTS))
def test_a_script_opens_with_what_it_is_for(script: Path) -> None:
    """A comment first, as a module of Python has its docstring."""
    assert script.read_text(encoding="utf-8").lstrip().startswith(("//", "/*"))


@pytest.mark.parametrize("script", **named(SCRIPTS))
def test_a_script_builds_no_page_out_of_text(script: Path) -> None:
    """Names come from outside: they are set as text, never as HTML, and nothing is evaluated."""
    text = script.read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert word not in text, word


@pytest.mark.parametrize("script", **named(SCRIPTS))
def test_a_script_asks_nobody_else(script: Path) -> None:
    """No address of another host stands in any script, but the names of XML's vocabularies."""
    addresses = re.findall(r"https?://[^\s\"'`)]+", script.read_text(encoding="utf-8"))
    assert [each for each in addresses if not each.startswith("http://www.w3.org/")] == []


def test_every_script_is_used() -> None:
    """Some page loads it, or another script imports it."""
    loaded = {Path(name).name for page in PAGES for name in STATIC.findall(source(page))}
    loaded |= {Path(path).name for script in SCRIPTS for path in imports(script)}
    assert sorted(script.name for script in SCRIPTS if script.name not in loaded) == []


def test_every_style_is_used() -> None:
    """Some page loads it, by its file's name or, in the frame all pages share, by its bare name."""
    asked = {Path(name).name for page in PAGES for name in STATIC.findall(source(page))}
    frame = set(
        re.findall(r"[\"'](\w+)[\"']", source(TEMPLATES / "base.html").partition("for sheet in")[2].split("%}")[0])
    )
    assert frame
    assert sorted(style.name for style in STYLES if style.name not in asked and style.stem not in frame) == []


def test_everything_a_page_asks_for_is_there() -> None:
    """A style, script or picture under a name that exists or that the build brings."""
    asked = {(page.name, name) for page in PAGES for name in STATIC.findall(source(page))}
    absent = [
        (page, name)
        for page, name in sorted(asked)
        if not (WEB / "static" / name).is_file() and not (name.startswith("vendor/") and Path(name).name in VENDORED)
    ]
    assert asked
    assert absent == []


def test_every_template_is_used() -> None:
    """Some route shows it, or another template takes it in."""
    asked = "\n".join(path.read_text(encoding="utf-8") for path in WEB.rglob("*.py")) + "\n".join(map(source, PAGES))
    assert sorted(page.name for page in PAGES if f'"{page.name}"' not in asked) == []


@pytest.mark.parametrize("page", **named(PAGES))
def test_a_template_takes_in_only_templates_that_exist(page: Path) -> None:
    """A name that leads nowhere fails only when somebody comes by, at night."""
    asked = re.findall(r"""\{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)["']""", source(page))
    assert [name for name in asked if not (TEMPLATES / name).is_file()] == []


@pytest.mark.parametrize("page", **named(PAGES))
def test_a_template_holds_no_inline_style_handler_or_script(page: Path) -> None:
    """The content security policy would refuse them, silently."""
    for tag in TAG.finditer(source(page)):
        attributes = re.findall(r"(?:^|\s)([\w:@-]+)(?==|\s|$)", re.sub(r"\"[^\"]*\"|'[^']*'", "", tag["rest"]))
        assert [name for name in attributes if name == "style" or name.startswith("on")] == [], tag[0]
        if tag["name"] == "script":
            assert "src=" in tag["rest"] or 'type="application/json"' in tag["rest"], tag[0]
        assert tag["name"] != "style", tag[0]


@pytest.mark.parametrize("page", **named(PAGES))
def test_a_template_trusts_no_text(page: Path) -> None:
    """Nothing is marked safe in a page: what is safe is made so where it is made."""
    text = source(page)
    assert "| safe" not in text
    assert "autoescape false" not in text


@pytest.mark.parametrize("page", **named(PAGES))
def test_the_texts_of_a_template_are_english_as_people_write_it(page: Path) -> None:
    """No stray space, no placeholder of a programmer, no shouting, no three dots for an ellipsis."""
    for text in texts(page):
        bare = re.sub(r"%\(\w+\)[sd]", "", text)
        assert text == text.strip(), text
        assert "  " not in text, text
        assert not re.search(r"\b(TODO|FIXME|foo|lorem)\b|_\w|\.\.\.", bare), text
        assert not (bare.isupper() and len(bare) > len("GeoJSON")), text


def test_texts_are_found_in_templates() -> None:
    """The law can fail: the templates do hold texts."""
    assert sum(len(list(texts(page))) for page in PAGES) > 200


@pytest.mark.parametrize("style", **named(STYLES))
def test_a_style_asks_nobody_else(style: Path) -> None:
    """No font, picture or style from another host."""
    text = style.read_text(encoding="utf-8")
    assert not re.search(r"url\(\s*['\"]?(https?:)?//", text)
    assert text.count("{") == text.count("}")


def test_every_browser_library_is_pinned() -> None:
    """What a script imports from the vendor folder stands in the lockfile's packages by name."""
    package = (ROOT / "package.json").read_text(encoding="utf-8")
    for name in ("htmx.org", "maplibre-gl", "pmtiles", "uplot"):
        assert f'"{name}"' in package.lower()
