"""Read from tables, queries and classes whether anything could tell how well, how fast or how often one person works."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa

from laws.tree import Module, dotted

PERSON = re.compile(
    r"^(who|owner|account|proposer|officer|offered_to|actor|person|operator|employee|.*_by|.*_account)$"
)
"""Columns and fields that name a person. `name` does so in `accounts` only."""
PERFORMANCE = re.compile(
    r"(^|_)(score|seconds|duration|median|mean|average|rate|speed|count|counts|failures|errors|mistakes|missed|found|"
    r"overruled|followed|accuracy|ranking|rank|points|load|handled|solved|closed_count|per_hour|per_day|per_shift|"
    r"response_s|decision_s|time_s|productivity|performance|repeats|total)($|_)"
)
"""Words of columns and fields that measure work."""
ALLOWED: Mapping[tuple[str, str], str] = {
    ("accounts", "failures"): "locks out who guesses a password; nought again after the next sign-in",
    ("alerts", "score"): "the tool's, about readings",
    ("alerts", "severity_rank"): "the alert's",
    ("alerts", "repeats"): "how often readings came again",
    ("accesses", "count"): "like acts of a machine in one line",
}
"""Columns beside a person's name that look like a measure and are none, each with what it is."""


def names_a_person(table: str, column: str) -> bool:
    """Say whether a column of a table names a person."""
    return bool(PERSON.match(column)) or (table, column) == ("accounts", "name")


def tables_with_people(metadata: sa.MetaData) -> Iterator[str]:
    """Yield every table that names a person."""
    for table in metadata.sorted_tables:
        if any(names_a_person(table.name, column.name) for column in table.columns):
            yield table.name


def measured_people(metadata: sa.MetaData) -> Iterator[str]:
    """Yield every column that measures work and stands beside a person's name."""
    for table in metadata.sorted_tables:
        if not any(names_a_person(table.name, column.name) for column in table.columns):
            continue
        for column in table.columns:
            is_measure = PERFORMANCE.search(column.name) and not names_a_person(table.name, column.name)
            if is_measure and (table.name, column.name) not in ALLOWED:
                yield f"{table.name}.{column.name}"


def grouped_by_people(modules: Iterable[Module]) -> Iterator[str]:
    """Yield every query that is grouped by a column that names a person, or counts one person's rows."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "group_by":
                columns = [dotted(argument).split(".")[-1] for argument in node.args]
                if any(PERSON.match(column) for column in columns):
                    yield f"{module.name}:{node.lineno} groups by {', '.join(columns)}"
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                grouped = re.search(r"GROUP BY\s+([\w\s,.]+)", node.value, re.IGNORECASE)
                if grouped and any(PERSON.match(each.split(".")[-1]) for each in re.split(r"[\s,]+", grouped[1])):
                    yield f"{module.name}:{node.lineno} groups by {grouped[1].strip()}"


def classes_that_measure_people(modules: Iterable[Module]) -> Iterator[str]:
    """Yield every class with fields of its own that name a person and measure work; yes or no is no measure."""
    for module in modules:
        for node in (each for each in ast.walk(module.tree) if isinstance(each, ast.ClassDef)):
            fields = [
                item.target.id
                for item in node.body
                if isinstance(item, ast.AnnAssign)
                and isinstance(item.target, ast.Name)
                and ast.unparse(item.annotation) != "bool"
            ]
            if any(PERSON.match(field) for field in fields):
                for field in fields:
                    is_measure = PERFORMANCE.search(field) and not PERSON.match(field)
                    if is_measure and not any(field == column for _, column in ALLOWED):
                        yield f"{module.name}:{node.lineno} {node.name}.{field}"
