"""A store in memory: the same queries over SQLite without a file."""

from impetus.adapters.sql.store import SqlStore


def memory_store() -> SqlStore:
    """Return an empty store in memory, with the current schema; safe to share between threads of one process."""
    store = SqlStore("sqlite://", wake_dir=None)
    store.create_schema()
    return store
