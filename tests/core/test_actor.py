"""Who acts is always somebody: a person, a token, or a named part of the platform."""

from impetus.core.actor import Actor, Role, console, platform


def test_the_platform_acts_under_the_name_of_its_part() -> None:
    """An entry in a history says which part did it."""
    assert platform("fusion") == Actor(name="platform:fusion", role=Role.PLATFORM)


def test_the_console_is_the_administrator() -> None:
    """Whoever works at the machine can read the key; a lesser role would protect nothing."""
    assert (console().name, console().role) == ("console", Role.ADMINISTRATOR)


def test_nobody_is_given_operations_by_being_made() -> None:
    """Operations are written on tokens; people and parts have what their role gives."""
    assert platform("x").operations == console().operations == frozenset()


def test_an_actor_of_the_platform_has_no_account() -> None:
    """It cannot sign in, and no account can be mistaken for it: names of accounts hold no colon."""
    assert platform("supervisor").account is None
    assert ":" in platform("supervisor").name
