"""No table, query or class can tell how well one person works, and the workers' page names every table that names a person.

**Source**: F17 of the house's ethics; AI Act, article 26(7).
"""

import ast

import pytest
import sqlalchemy as sa

from impetus.adapters.sql import store
from impetus.adapters.sql.schema import METADATA
from impetus.desk.workers import NEVER, KeptDays, recorded
from impetus.web.pages.workers import TEXTS
from laws.staff_records import (
    ALLOWED,
    classes_that_measure_people,
    grouped_by_people,
    measured_people,
    tables_with_people,
)
from laws.tree import ROOT, SRC, Module, modules

DAYS = KeptDays(alerts=180, incidents=1825, accounts=1825, access=365, log=3650)


def one_table(*columns: str) -> sa.MetaData:
    """Return the metadata of one table of that name with these columns."""
    metadata = sa.MetaData()
    sa.Table("shifts", metadata, *(sa.Column(name, sa.Text) for name in columns))
    return metadata


def module(text: str) -> Module:
    """Return a module that does not exist, as if it stood in the source."""
    return Module(path=ROOT / "src/impetus/desk/bad.py", text=text, tree=ast.parse(text))


def test_no_table_measures_a_person() -> None:
    """Beside a person's name stands no score, no count, no time of theirs."""
    assert store.SqlStore
    assert list(measured_people(METADATA)) == []


def test_no_query_is_grouped_by_people() -> None:
    """Nothing is counted or averaged person by person, anywhere in the source."""
    assert list(grouped_by_people(modules(SRC))) == []


def test_no_class_measures_a_person() -> None:
    """Neither does anything the desk or the pages hand about."""
    assert list(classes_that_measure_people(modules(SRC))) == []


def test_every_table_that_names_a_person_is_on_the_workers_page() -> None:
    """A new table that names somebody is told to staff, or this fails."""
    told = {table for record in recorded(DAYS) for table in record.tables}
    assert set(tables_with_people(METADATA)) - told == set()


def test_the_figures_name_nobody() -> None:
    """The two tables of figures hold weeks, words, steps and marks, and no column that names a person."""
    assert {"figures", "figure_people"} & set(tables_with_people(METADATA)) == set()
    assert {column.name for column in METADATA.tables["figures"].columns} == {"week", "name", "bucket", "count"}
    assert {column.name for column in METADATA.tables["figure_people"].columns} == {"week", "mark"}


@pytest.mark.parametrize("column", ["decision_s", "score", "alert_count", "median_s", "errors", "closed_per_hour"])
@pytest.mark.parametrize("person", ["who", "account", "handled_by", "owner"])
def test_a_planted_measure_beside_a_name_is_found(person: str, column: str) -> None:
    """In whatever order and under whichever of the usual words."""
    assert list(measured_people(one_table("id", person, column))) == [f"shifts.{column}"]


def test_a_measure_without_a_name_is_left_alone() -> None:
    """How many alerts a minute raised is about the city."""
    assert list(measured_people(one_table("minute", "alert_count"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "x = sa.select(T.c.who, sa.func.count()).group_by(T.c.who)\n",
        "x = select(func.avg(T.c.span)).group_by(T.c.week, T.c.account)\n",
        "x = sa.text('SELECT who, COUNT(*) FROM alert_entries GROUP BY who')\n",
        "x = 'select owner, avg(score) from alerts group by owner order by 2'\n",
    ],
)
def test_a_planted_query_by_person_is_found(text: str) -> None:
    """Built or written, by name or by number."""
    assert len(list(grouped_by_people([module(text)]))) == 1


def test_a_planted_class_that_measures_a_person_is_found() -> None:
    """A league table is one whatever it is called."""
    text = "class Row:\n    who: str\n    median_s: float\n"
    assert len(list(classes_that_measure_people([module(text)]))) == 1


def test_each_exception_is_still_needed_and_says_what_it_is() -> None:
    """The list may only shrink."""
    for (table, column), what in ALLOWED.items():
        assert column in METADATA.tables[table].columns
        assert what


def test_the_sentences_of_the_page_are_in_the_catalogues() -> None:
    """Every sentence of the desk is marked for translation, and none is marked that nobody says."""
    said = {text for record in recorded(DAYS) for text in (record.what, record.why, record.kept.template)} | {*NEVER}
    assert said == set(TEXTS)
