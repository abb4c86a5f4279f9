"""The database a migration makes is the one the queries were written for."""

import os
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from contracts.samples import an_alert
from impetus.adapters.sql.migrate import HEAD, MIGRATIONS, migrate, version
from impetus.adapters.sql.schema import METADATA
from impetus.adapters.sql.store import STATE_FILE, open_store
from impetus.core.errors import Misconfigured
from impetus.ports import AlertQuery
from impetus.testing.store import memory_store


def schema(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return each table's and index's definition as its sorted clauses: their order means nothing."""
    query = "SELECT name, sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%' AND name <> ?"
    rows = connection.execute(query, ("alembic_version",)).fetchall()
    return {name: sorted(map(str.strip, re.split(r",\s", clauses(sql)))) for name, sql in rows}


def clauses(sql: str) -> str:
    """Return a definition on one line without its last bracket, which stands elsewhere once a column was added."""
    return re.sub(r"\s*\)$", "", " ".join(sql.replace('"', "").split()))


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    """Give the file of a freshly migrated state."""
    open_store(tmp_path).close()
    return tmp_path / STATE_FILE


def test_the_migrated_schema_is_the_metadata(migrated: Path) -> None:
    """Table by table and index by index, partial conditions and cascades included."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    METADATA.create_all(engine)
    raw = engine.raw_connection()
    with sqlite3.connect(migrated) as connection:
        assert schema(connection) == schema(raw.driver_connection)


def test_a_store_in_memory_has_the_migrated_schema(migrated: Path) -> None:
    """What tests run on, made without the migrations, is what an installation has, index by index."""
    store = memory_store()
    raw = store._writer.raw_connection()
    with sqlite3.connect(migrated) as connection:
        assert schema(raw.driver_connection) == schema(connection)


def test_alembic_sees_no_difference(migrated: Path) -> None:
    """The tool that writes the next migration would write an empty one."""
    with sa.create_engine(f"sqlite:///{migrated}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_named_version_is_the_newest() -> None:
    """`HEAD`, which spares a start from reading Alembic, names the newest migration, and there is one line of them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    """A second start finds the alerts of the first."""
    with open_store(tmp_path).write() as unit:
        alert = unit.alerts.add(an_alert())
    with open_store(tmp_path).read() as unit:
        assert unit.alerts.find(AlertQuery()).items == (alert,)


def test_a_second_start_does_not_read_alembic(tmp_path: Path) -> None:
    """With the current schema, half a second of imports is saved."""
    open_store(tmp_path).close()
    script = (
        "import sys, pathlib\n"
        "from impetus.adapters.sql.store import open_store\n"
        "open_store(pathlib.Path(sys.argv[1])).close()\n"
        "print('alembic' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "False"


def test_several_first_starts_at_once_make_one_schema(tmp_path: Path) -> None:
    """Processes that start together on an empty home do not trip over each other."""

    def start(_: int) -> int:
        store = open_store(tmp_path)
        with store.write() as unit:
            added = unit.alerts.add(an_alert())
        store.close()
        return added.id

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(start, range(6))) == [1, 2, 3, 4, 5, 6]


def test_a_newer_programs_database_is_left_alone(migrated: Path) -> None:
    """A version this program does not know is refused, with the remedy."""
    with sqlite3.connect(migrated) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Misconfigured, match="9999") as caught:
        open_store(migrated.parent)
    assert "newer" in caught.value.remedy


def test_a_failed_migration_leaves_nothing(tmp_path: Path) -> None:
    """A table in the way stops the migration, and every table made before it is undone."""
    file = tmp_path / STATE_FILE
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE tokens (id)")
    with pytest.raises(Exception, match="tokens"):
        migrate(f"sqlite:///{file}")
    with sqlite3.connect(file) as connection:
        assert list(schema(connection)) == ["tokens"]


def test_an_empty_database_has_no_version(tmp_path: Path) -> None:
    """Nothing migrated yet reads as no version, not as an error."""
    assert version(sa.create_engine(f"sqlite:///{tmp_path / STATE_FILE}")) is None
