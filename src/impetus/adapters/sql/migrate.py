"""Bring a database to the current schema; costs two statements when it is there already."""

from pathlib import Path

import sqlalchemy as sa

from impetus.adapters.sql.engine import open_writer
from impetus.core.errors import Misconfigured

HEAD = "0012"
"""The newest version under `migrations/versions`; a test holds the two together."""
MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = sa.table("alembic_version", sa.column("version_num", sa.Text))


def migrate(url: str) -> None:
    """Create or migrate the schema, all or nothing; `Misconfigured` when a newer program wrote the database."""
    engine = open_writer(url)
    try:
        _use_write_ahead_log(engine)
        if version(engine) != HEAD:
            _upgrade(engine)
    finally:
        engine.dispose()


def version(engine: sa.Engine) -> str | None:
    """Return the version of the schema, None for an empty database."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(VERSIONS.name):
            return None
        return connection.execute(sa.select(VERSIONS.c.version_num)).scalar()


def _use_write_ahead_log(engine: sa.Engine) -> None:
    """Switch the file over, once for ever; outside a transaction, where alone it is possible."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        # Only a file without tables takes this on: free pages are then given back piece by piece.
        cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()
    finally:
        raw.close()


def _upgrade(engine: sa.Engine) -> None:
    # Here and not above: reading Alembic costs half a second, and a start from a current schema needs none of it.
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.util import CommandError  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise Misconfigured(
                f"the database has a schema this program does not know: {error}",
                limit=f"up to {HEAD}",
                remedy="run the newer version of the program that wrote it",
            ) from error
