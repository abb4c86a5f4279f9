"""CACAO 2.0 out and in: nothing is lost on the way, the OASIS schemas accept it, and a machine's command is refused."""

import contextlib
import copy
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.adapters.playbook_file import read_document
from impetus.core.errors import Malformed
from impetus.processes.cacao import EXTENSION, from_cacao, to_cacao
from impetus.processes.check_playbook import check_playbook
from impetus.processes.playbook import Playbook, Step
from impetus.processes.playbook_text import Front, read_playbook
from processes.playbooks import GOOD, read

AT = datetime(2026, 11, 22, 14, 7, 32, 250_000, tzinfo=UTC)
CACAO = Path(os.environ.get("IMPETUS_DATA", "../shared/data")) / "cacao"


def _shipped() -> list[Playbook]:
    read_all = []
    for file in sorted(resources.files("impetus.processes").joinpath("library").iterdir(), key=lambda one: one.name):
        document = read_document(file.read_text(encoding="utf-8"))
        front = Front(**document.values, lines=document.lines)  # type: ignore[arg-type]  # each value has its field's type
        read_all.append(read_playbook(front, document.body)[0])
    return read_all


EVERY = [*_shipped(), *(read(body)[0] for body in GOOD)]


def _plain(playbook: Playbook) -> Playbook:
    """Return it without its lines, which no other format has."""
    return replace(playbook, steps=tuple(_without_lines(step) for step in playbook.steps))


def _without_lines(step: Step) -> Step:
    return replace(step, line=0, answers=tuple(replace(answer, line=0) for answer in step.answers))


def _document(playbook: Playbook) -> Any:
    return json.loads(json.dumps(to_cacao(playbook, AT)))


@pytest.mark.parametrize("playbook", EVERY, ids=lambda playbook: f"{playbook.title}-{len(playbook.steps)}")
def test_out_and_in_again_is_the_same_playbook(playbook: Playbook) -> None:
    """Every step, answer, deadline, branch, act and source; and the second document is the first."""
    document = _document(playbook)
    again = from_cacao(document)
    assert _plain(again) == _plain(playbook)
    assert check_playbook(again) == ()
    assert _document(again) == document


@pytest.mark.data
@pytest.mark.parametrize("playbook", EVERY, ids=lambda playbook: f"{playbook.title}-{len(playbook.steps)}")
def test_the_schemas_of_oasis_accept_what_is_written(playbook: Playbook) -> None:
    """The validator is a library's; the schemas are those the standard publishes."""
    assert _errors(_document(playbook)) == []


@pytest.mark.data
def test_the_schemas_refuse_what_is_wrong() -> None:
    """The check above can fail: a spoilt identifier is found."""
    document = _document(EVERY[0])
    document["workflow_start"] = "start-1"
    assert _errors(document)


def _errors(document: Any) -> list[str]:
    """Return what the OASIS schemas say against a document."""
    import jsonschema_rs

    folder = CACAO / "schemas" / "schemas"
    if not folder.is_dir():
        pytest.skip(f"no CACAO schemas under {CACAO}: set IMPETUS_DATA")
    schemas = {file: json.loads(file.read_text(encoding="utf-8")) for file in folder.rglob("*.json")}
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in schemas.values() if "$id" in schema])
    validator = jsonschema_rs.Draft202012Validator(_modern(schemas[folder / "playbook.json"]), registry=registry)
    return [error.message for error in validator.iter_errors(document)]


def _modern(schema: Any) -> Any:
    """Return the root schema; it names an older draft but uses words of the newer one."""
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}


@pytest.mark.data
def test_of_the_published_examples_the_one_for_people_is_read_and_the_others_are_refused_by_name() -> None:
    """A shell, SSH, HTTP or OpenC2 command does not run here; the refusal says which step and what would be allowed."""
    folder = CACAO / "examples" / "examples"
    if not folder.is_dir():
        pytest.skip(f"no CACAO examples under {CACAO}: set IMPETUS_DATA")
    manual = from_cacao(json.loads((folder / "manual-playbook.json").read_text(encoding="utf-8")))
    assert [(step.number, step.text, step.leads_to) for step in manual.steps] == [
        ("1", "prepare Falcon for hyperspeed jump", "end")
    ]
    for name in ("http", "openc2", "powershell", "ssh", "fin"):
        with pytest.raises(Malformed) as refused:
            from_cacao(json.loads((folder / f"{name}-playbook.json").read_text(encoding="utf-8")))
        assert refused.value.limit, name


def _foreign() -> Any:
    """Return somebody else's playbook: an if, no extension of ours, identifiers of their own."""
    mark = "11111111-1111-5111-8111-1111111111{:02d}"
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "name": "Theirs",
        "workflow_start": f"start--{mark.format(1)}",
        "workflow": {
            f"start--{mark.format(1)}": {"type": "start", "on_completion": f"action--{mark.format(2)}"},
            f"action--{mark.format(4)}": {
                "type": "action",
                "commands": [{"type": "manual", "command": "Call"}],
                "agent": "group--x",
                "on_completion": f"end--{mark.format(5)}",
            },
            f"action--{mark.format(2)}": {
                "type": "action",
                "commands": [{"type": "manual", "command": "Look"}, {"type": "manual", "command": "twice."}],
                "agent": "group--x",
                "timeout": 90_000,
                "on_completion": f"if-condition--{mark.format(3)}",
            },
            f"if-condition--{mark.format(3)}": {
                "type": "if-condition",
                "condition": "__seen__:value = 'yes'",
                "on_true": f"action--{mark.format(4)}",
                "on_false": f"end--{mark.format(5)}",
            },
            f"end--{mark.format(5)}": {"type": "end"},
        },
        "agent_definitions": {"group--x": {"type": "group", "name": "operator"}},
    }


def test_another_ones_playbook_is_numbered_in_the_order_one_walks_it() -> None:
    """An if becomes a question that one may answer with `cannot tell`; a deadline without a path is told by the check."""
    playbook = from_cacao(_foreign())
    look, call = playbook.steps
    assert (look.number, look.text, look.time_out and look.time_out.within_s) == ("1", "Look twice.", 90)
    assert [(answer.words, answer.leads_to) for answer in look.answers] == [
        ("yes", "2"),
        ("no", "end"),
        ("cannot tell", "end"),
    ]
    assert (call.number, call.leads_to) == ("2", "end")
    assert [fault.rule for fault in check_playbook(playbook)] == ["time-out"]


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("type",), "report", "the document"),
        (("spec_version",), "1.1", "the document"),
        (("workflow",), [], "workflow"),
        (("workflow_start",), None, "workflow_start"),
        (("name",), 7, "name"),
        (("labels",), "one", "labels"),
        (("agent_definitions",), [], "agent_definitions"),
    ],
)
def test_what_is_no_playbook_is_refused_by_name(path: tuple[str, ...], value: object, says: str) -> None:
    """The refusal names the field."""
    document = _document(EVERY[0])
    document[path[0]] = value
    with pytest.raises(Malformed, match=says):
        from_cacao(document)


def test_a_loop_kind_of_step_that_people_cannot_follow_is_refused() -> None:
    """A while over a variable is a machine's."""
    document = _foreign()
    name = next(one for one in document["workflow"] if one.startswith("if-"))
    document["workflow"][name]["type"] = "while-condition"
    with pytest.raises(Malformed, match="while-condition"):
        from_cacao(document)


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)


@given(
    where=st.integers(min_value=0),
    value=LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(max_size=5), LEAVES, max_size=3),
)
def test_a_spoilt_document_is_read_or_refused_and_nothing_else(where: int, value: object) -> None:
    """One value anywhere replaced by anything: a playbook or `Malformed`, never another error."""
    document = copy.deepcopy(_document(EVERY[4]))
    places = list(_places(document))
    holder, key = places[where % len(places)]
    holder[key] = value
    with contextlib.suppress(Malformed):
        assert isinstance(from_cacao(document), Playbook)


def _places(value: Any) -> Any:
    """Yield every holder and key in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


def test_our_own_words_stand_in_one_extension() -> None:
    """Whoever reads only the standard still has the steps, their order and their words."""
    document = _document(EVERY[0])
    actions = [step for step in document["workflow"].values() if step["type"] == "action"]
    assert {tuple(step["step_extensions"]) for step in actions} == {(EXTENSION,)}
    assert all(step["commands"][0]["command"] == step["description"] for step in actions)
