"""Nothing reaches the world but through people's decision: shown on the syntax tree, and each rule by a planted violation.

Law 5 of the architecture: an effector takes `Authorised[Action]`, which only `desk.decide` can build; no path from a tool to
the outside world goes round it.
"""

import ast
from collections.abc import Callable, Iterable, Iterator

import pytest

from laws.call_graph import builders, callers, effectors, paths_from_tools, spenders, untyped_effectors
from laws.tree import ROOT, SRC, Module, modules

Law = Callable[[Iterable[Module]], Iterator[str]]
LAWS: tuple[Law, ...] = (builders, spenders, untyped_effectors, callers, paths_from_tools)
PLANTED: list[tuple[Law, str, str]] = [
    (builders, "web/pages/bad.py", "from impetus.core.authorised import Authorised\nx = Authorised(what=1)\n"),
    (builders, "adapters/bad.py", "from impetus.core.authorised import Authorised as A\nx = A(what=1)\n"),
    (builders, "tools/bad/tool.py", "import impetus.core.authorised as c\nx = c.Authorised[int](what=1)\n"),
    (builders, "desk/bad.py", "from impetus.core.authorised import _SEAL\n"),
    (builders, "desk/bad.py", "import impetus.core.authorised as c\nseal = c._SEAL\n"),
    (builders, "desk/bad.py", "seal = getattr(c, '_SEAL')\n"),
    (builders, "desk/bad.py", "from impetus.core.authorised import Authorised\nx = object.__new__(Authorised)\n"),
    (builders, "run/bad.py", "from dataclasses import replace\ny = replace(authorised, key='other')\n"),
    (builders, "run/bad.py", "object.__setattr__(authorised, 'what', other)\n"),
    (spenders, "web/pages/bad.py", "from impetus.desk.decide import authorise_action\nauthorise_action(u, a, at=t)\n"),
    (spenders, "run/bad.py", "from impetus.desk import decide\ndecide.authorise(u, a, terms, at=t)\n"),
    (
        untyped_effectors,
        "adapters/sign.py",
        "class Sign:\n    is_repeatable = True\n    def perform(self, action: Action) -> Outcome: ...\n",
    ),
    (
        untyped_effectors,
        "adapters/sign.py",
        "class Sign:\n    is_repeatable = True\n    def perform(self, authorised, force=False): ...\n",
    ),
    (
        untyped_effectors,
        "adapters/sign.py",
        "class Sign:\n    is_repeatable = True\n    def perform(self, a: Authorised[Action], *, anyway: bool): ...\n",
    ),
    (callers, "web/pages/bad.py", "def go(effector, action):\n    effector.perform(action)\n"),
    (callers, "desk/perform.py", "def go(effector, action):\n    effector.perform(action)\n"),
    (callers, "desk/perform.py", "def go(effector, authorised):\n    effector.perform(authorised)\n"),
    (callers, "tools/bad/tool.py", "def update(self, batch):\n    self._sign.perform(batch)\n"),
    (callers, "web/pages/bad.py", "def go(link, authorised):\n    link.revert(authorised)\n"),
    (callers, "desk/take_back.py", "def go(link, effect):\n    link.revert(effect)\n"),
    (callers, "run/bad.py", "def go(gateway, message):\n    gateway.hand_over(None, message)\n"),
    (callers, "desk/warning_release.py", "def go(gateway, message):\n    gateway.hand_over(message)\n"),
    (spenders, "desk/perform.py", "from impetus.desk import decide\ndecide.authorise_reversal(u, e, at=t)\n"),
    (
        untyped_effectors,
        "adapters/sign.py",
        (
            "class Sign:\n    is_repeatable = True\n    def perform(self, authorised: Authorised[Action]): ...\n"
            "    def revert(self, key: str): ...\n"
        ),
    ),
    (paths_from_tools, "tools/bad/tool.py", "from impetus.ports.effects import Effector\n"),
    (paths_from_tools, "tools/bad/tool.py", "from impetus.desk import perform\n"),
    (paths_from_tools, "tools/bad/tool.py", "from impetus.desk.gates import propose\n"),
]


def planted(path: str, text: str) -> Module:
    """Return a module that does not exist, as if it stood in the source."""
    return Module(path=ROOT / "src" / "impetus" / path, text=text, tree=ast.parse(text))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_source_keeps_the_law(law: Law) -> None:
    """Nobody but the builder builds, nobody but the spenders asks, effectors take authorisations, tools reach nothing."""
    assert list(law(modules(SRC))) == []


@pytest.mark.parametrize(
    ("law", "path", "text"), PLANTED, ids=[f"{law.__name__}-{place}" for place, (law, _, _) in enumerate(PLANTED)]
)
def test_a_planted_violation_is_found(law: Law, path: str, text: str) -> None:
    """Each way around the law that we could think of fails it."""
    around = modules(SRC) if law is paths_from_tools else ()
    found = list(law((*around, planted(path, text))))
    assert len(found) == 1, found


def test_the_law_looks_at_something() -> None:
    """There are effectors in the source, one of each kind that acts inside, and the port itself."""
    found = set(effectors(modules(SRC)))
    assert found >= {
        "ports/effects.py:Effector",
        "desk/effects.py:NoteWriter",
        "desk/effects.py:Messenger",
        "desk/package.py:Packer",
        "testing/effectors.py:RecordingEffector",
        "desk/effects_on_city.py:CityEffector",
        "desk/warning_release.py:WarningEffector",
        "adapters/effectors/mqtt.py:MqttLink",
        "adapters/effectors/http.py:HttpLink",
    }


def test_a_tool_that_only_thinks_is_left_alone() -> None:
    """Tools import core and ports of their own; nothing of that is a path to an effect."""
    text = "from impetus.core.finding import Finding\nfrom impetus.core.tool import Tool\n"
    assert list(paths_from_tools((*modules(SRC), planted("tools/good/tool.py", text)))) == []
