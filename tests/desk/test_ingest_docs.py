"""The pages about ingest say what the program does; their examples are sent."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from starlette.testclient import TestClient

from impetus.core import board
from impetus.core.admission import ACKNOWLEDGED, RING, TAKEN, Limits
from impetus.core.board import Rule
from impetus.core.ids import SourceId
from impetus.desk import tokens
from impetus.desk.declare_source import declare, read_toml
from impetus.desk.ingest import Intake
from impetus.desk.intake_memory import RECALLED_MESSAGES
from impetus.desk.refused_records import BURST, PER_S
from impetus.desk.resends import KEPT
from impetus.settings import Settings
from impetus.testing.clock import SettableClock
from impetus.web.ingest.app import create_ingest_app
from impetus.web.ingest.wire import ARROW, MAX_BODY_BYTES, MAX_ROWS
from ingest_samples import ADMINISTRATOR, make_desk, published

DOCS = Path(__file__).resolve().parents[2] / "docs"
RULES_PAGE = (DOCS / "reference/ingest-rules.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to/send-readings.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \|", re.MULTILINE)


def said_of_rules() -> dict[str, str]:
    """Return the sentence that stands below each rule in the source."""
    tree = ast.parse(Path(board.__file__).read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Rule")
    said = {}
    for rule, sentence in pairwise(body):
        if isinstance(rule, ast.Assign) and isinstance(sentence, ast.Expr):
            said[ast.literal_eval(rule.value)] = ast.literal_eval(sentence.value)
    return said


def blocks(kind: str) -> list[str]:
    """Return the code blocks of a kind in the how-to."""
    return re.findall(rf"```{kind}\n(.*?)```", HOW_TO, re.DOTALL)


def test_the_page_says_of_each_rule_what_the_source_says() -> None:
    """Word by word, and for every rule."""
    table = {rule: sentence for rule, sentence, _ in ROW.findall(RULES_PAGE)}
    assert set(table) == {rule.value for rule in Rule}
    assert {rule: table[rule] for rule in said_of_rules()} == said_of_rules()


def test_the_page_says_what_becomes_of_a_reading() -> None:
    """Kept, dropped or refused, as the program does it."""
    outcomes = {Rule(rule): outcome for rule, _, outcome in ROW.findall(RULES_PAGE)}
    assert {rule for rule, outcome in outcomes.items() if outcome == "kept"} == TAKEN
    assert {rule for rule, outcome in outcomes.items() if outcome == "refused"} == set(Rule) - ACKNOWLEDGED


@pytest.mark.parametrize(
    "number",
    [
        f"last {RING} readings",
        f"{KEPT:,} batches",
        f"{RECALLED_MESSAGES:,} messages",
        f"{BURST} records",
        f"{PER_S:g} a second",
    ],
)
def test_the_bounds_on_the_page_are_those_of_the_program(number: str) -> None:
    """A changed constant changes the page."""
    assert number in RULES_PAGE


def test_the_limits_of_a_body_are_those_of_the_program() -> None:
    """8 MiB and 50,000 readings."""
    assert f"{MAX_BODY_BYTES // 1024**2} MiB and {MAX_ROWS:,} readings" in HOW_TO


def test_every_example_of_the_how_to_is_taken() -> None:
    """The declaration is declared; the JSON, the Arrow and the SensorThings bodies are sent as they stand."""
    desk = make_desk()
    declare(desk, ADMINISTRATOR, read_toml(blocks("toml")[0].replace('id = "harbour"', 'id = "port"')))
    token = tokens.issue(desk, ADMINISTRATOR, "port", ["observations.write"], source=SourceId("port"))[1]
    assert isinstance(desk.clock, SettableClock)
    desk.clock.advance(600)
    intake = Intake(desk, Limits())
    intake.start()
    client = TestClient(create_ingest_app(desk, Settings(home=Path("unused")), intake))
    bearer = {"Authorization": f"Bearer {token}"}
    rows, columns, groups = (block.replace("harbour/", "port/") for block in blocks("json"))
    for body in (rows, columns):
        answer = client.post(
            "/api/v1/observations", content=body, headers={**bearer, "Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["accepted"]) == (200, 2)
    made: dict[str, bytes] = {}
    exec(blocks("python")[0].replace("[1, 2]", "[5, 6]"), made)  # noqa: S102 - the page's own example
    sent = client.post("/api/v1/observations", content=made["body"], headers={**bearer, "Content-Type": ARROW})
    assert sent.json()["counts"] == {"accepted": 2}
    created = client.post("/sta/v1.1/CreateObservations", json=orjson.loads(groups), headers=bearer)
    assert (created.status_code, "error" in created.json()) == (201, False)
    intake.close()
    assert len(published(desk)) == 8
