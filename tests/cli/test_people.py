"""`impetus account` and `impetus token` at the console: secrets once, lists without them, refusals in one line."""

import pytest

from cli.console import Console, Said
from impetus.core.actor import Role
from impetus.core.errors import Unauthenticated
from impetus.desk import sign_in, tokens
from impetus.desk.context import Desk
from impetus.settings import read_settings
from impetus.wiring import open_desk


def _desk(console: Console) -> Desk:
    return open_desk(read_settings(console.home))


def _is_one_line(said: Said) -> bool:
    return said.out == "" and len(said.err.strip().splitlines()) == 1


def test_the_password_that_is_printed_opens_the_door(console: Console) -> None:
    """Once, and to be changed then."""
    made = console.at_home("account", "add", "Ida", "--json").facts
    desk = _desk(console)
    signed_in = sign_in.sign_in(desk, made["user"], made["password"], None)
    desk.store.close()
    assert (signed_in.actor.name, signed_in.must_change) == (made["user"], True)


def test_an_account_has_the_role_and_the_language_it_was_given(console: Console) -> None:
    """An operator with English screens unless somebody says otherwise."""
    console.at_home("account", "add", "ida")
    console.at_home("account", "add", "nils", "--role", "supervisor", "--language", "nb")
    desk = _desk(console)
    with desk.store.read() as unit:
        people = {account.name: (account.role, account.language) for account in unit.accounts.all()}
    desk.store.close()
    assert people == {"ida": (Role.OPERATOR, "en"), "nils": (Role.SUPERVISOR, "nb")}


def test_a_person_reads_a_panel_and_a_program_a_line(console: Console) -> None:
    """The panel says that the password is shown this once."""
    said = console.at_home("account", "add", "ida")
    assert said.code == 0
    assert "Account added" in said.out
    assert "Shown this once" in said.out
    assert set(console.at_home("account", "add", "nils", "--json").facts) == {"user", "password"}


def test_a_reset_makes_the_old_password_worthless(console: Console) -> None:
    """The new one opens, the old one does not."""
    old = console.at_home("account", "add", "ida", "--json").facts["password"]
    new = console.at_home("account", "reset", "ida", "--json").facts["password"]
    desk = _desk(console)
    assert sign_in.sign_in(desk, "ida", new, None).actor.name == "ida"
    with pytest.raises(Unauthenticated):
        sign_in.sign_in(desk, "ida", old, None)
    desk.store.close()


def test_a_list_of_accounts_has_no_secret(console: Console) -> None:
    """Neither the password nor its hash, in the table as in the line."""
    made = console.at_home("account", "add", "ida", "--json").facts
    table, line = console.at_home("account", "list"), console.at_home("account", "list", "--json")
    for said in (table, line):
        assert "ida" in said.out
        assert made["password"] not in said.out
        assert "argon2" not in said.out


def test_an_empty_installation_has_an_empty_list(console: Console) -> None:
    """Not an error: there is a home, and nobody in it yet."""
    assert console.at_home("account", "list", "--json").facts == []
    assert console.at_home("token", "list", "--json").facts == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("account", "add", "ida"), 65, "ida"),
        (("account", "add", ""), 65, "name"),
        (("account", "add", "x" * 300), 65, "name"),
        (("account", "add", "nils", "--language", "tlh"), 65, "en, nb, it"),
        (("account", "reset", "nobody"), 65, "nobody"),
        (("token", "issue", "wall", "alerts.sing"), 65, "alerts.sing"),
        (("token", "issue", "wall", "decisions.write"), 77, "a person"),
        (("token", "issue", "wall", "accounts.manage"), 77, "cannot carry"),
        (("token", "revoke", "999"), 65, "999"),
    ],
)
def test_what_cannot_be_done_is_one_line(words: tuple[str, ...], code: int, said: str, console: Console) -> None:
    """With the exit code of its family, beside an account that could be added."""
    assert console.at_home("account", "add", "ida").code == 0
    answer = console.at_home(*words)
    assert answer.code == code
    assert said in answer.err
    assert _is_one_line(answer)


@pytest.mark.parametrize("role", ["service", "king", ""])
def test_a_role_that_no_person_has_is_refused(role: str, console: Console) -> None:
    """By the word on the command line, or by the desk; never by a trace."""
    answer = console.at_home("account", "add", "ida", "--role", role)
    assert answer.code in {2, 65}
    assert "Traceback" not in answer.err
    assert console.at_home("account", "list", "--json").facts == []


@pytest.mark.parametrize(
    "words",
    [
        ("account", "list"),
        ("account", "add", "ida"),
        ("account", "reset", "ida"),
        ("token", "list"),
        ("token", "issue", "wall", "alerts.read"),
        ("token", "revoke", "1"),
        ("source", "list"),
        ("source", "token", "square"),
    ],
)
def test_a_folder_without_an_installation_is_left_as_it_is(words: tuple[str, ...], console: Console) -> None:
    """A mistyped home does not become a second installation."""
    elsewhere = console.home.parent / "hoem"
    answer = console.type(*words, "--home", str(elsewhere))
    assert answer.code == 65
    assert "there is no installation" in answer.err
    assert "--home" in answer.err
    assert not elsewhere.exists()


def test_a_token_that_is_printed_is_who_it_says(console: Console) -> None:
    """With what it may do, and nothing more."""
    issued = console.at_home("token", "issue", "wall", "alerts.read", "events.read", "--json").facts
    desk = _desk(console)
    actor = tokens.who(desk, issued["token"])
    desk.store.close()
    assert (actor.name, actor.role) == ("token:wall", Role.SERVICE)
    assert actor.operations == {"alerts.read", "events.read"}


def test_a_token_may_be_bound_to_one_source(console: Console) -> None:
    """The list says which."""
    console.at_home("token", "issue", "meter", "observations.write", "--source", "square")
    (listed,) = console.at_home("token", "list", "--json").facts
    assert (listed["source"], listed["operations"]) == ("square", "observations.write")


def test_a_revoked_token_is_nobody(console: Console) -> None:
    """At once; the list keeps it, marked."""
    issued = console.at_home("token", "issue", "wall", "alerts.read", "--json").facts
    assert console.at_home("token", "revoke", issued["id"]).out == f"token {issued['id']} is revoked\n"
    assert [token["state"] for token in console.at_home("token", "list", "--json").facts] == ["revoked"]
    desk = _desk(console)
    with pytest.raises(Unauthenticated):
        tokens.who(desk, issued["token"])
    desk.store.close()


def test_revoking_twice_is_revoking(console: Console) -> None:
    """Whoever is not sure does it again."""
    issued = console.at_home("token", "issue", "wall", "alerts.read", "--json").facts
    codes = [console.at_home("token", "revoke", issued["id"]).code for _ in range(2)]
    assert codes[0] == 0
    assert codes[1] in {0, 65}


def test_every_token_is_another(console: Console) -> None:
    """Two of one name too."""
    issued = [console.at_home("token", "issue", "wall", "alerts.read", "--json").facts for _ in range(2)]
    assert issued[0]["token"] != issued[1]["token"]
    assert issued[0]["id"] != issued[1]["id"]
    assert len(console.at_home("token", "list", "--json").facts) == 2


@pytest.mark.parametrize("words", [("account",), ("token",), ("source",), ("tool",)])
def test_a_group_without_a_command_shows_its_help(words: tuple[str, ...], console: Console) -> None:
    """What there is to choose from, and exit code 2."""
    answer = console.type(*words)
    assert answer.code == 2
    assert "Usage" in answer.out + answer.err
