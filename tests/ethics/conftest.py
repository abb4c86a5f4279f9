"""What every test of the ethics may rely on."""

from impetus.ethics import capability, guard, purpose


def pytest_sessionstart() -> None:
    """Forget what was worked out before: `make mutation` breaks a line in a process that has run the tests once already."""
    capability._facts_of.cache_clear()
    guard.who_can_see.cache_clear()
    purpose.own_purpose.cache_clear()
