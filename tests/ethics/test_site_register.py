"""The city's file: what it may say, what it may leave open, and what is refused by name."""

from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics.papers import REGISTER, part_of
from impetus.core.access import Purpose, Regime
from impetus.core.errors import Misconfigured
from impetus.core.register import Controller, Officer, SiteEntry, SiteRegister
from impetus.ethics.site_register import (
    officer_block,
    read_site_register,
    read_tool_answers,
    skeleton,
    write_site_register,
)


def test_a_whole_file_is_read() -> None:
    """Controller, officer and a tool's entry."""
    read = read_site_register(REGISTER)
    assert read.controller.name == "Testby"
    assert [officer.name for officer in read.officers] == ["kari"]
    entry = read.tools["counter"]
    assert (entry.regime, entry.purpose, entry.ends) == (Regime.GDPR, Purpose.PUBLIC_SAFETY, date(2027, 11, 22))


def test_an_empty_file_is_a_register_in_which_nothing_is_said() -> None:
    """No error: the gate names what is missing."""
    assert read_site_register("") == SiteRegister()


WRONG = {
    "[controler]": "controler",
    '[controller]\nnam = "x"': "nam",
    "[controller]\nname = 3": "controller.name",
    '[[officer]]\nname = "a"\npublic_key = "xyz"': "officer.public_key",
    f'[[officer]]\nname = ""\npublic_key = "{"ab" * 32}"': "officer.name",
    f'[[officer]]\nname = "a"\npublic_key = "{"ab" * 32}"\nexercise = "no"': "officer.exercise",
    f'[[officer]]\nname = "A"\npublic_key = "{"ab" * 32}"\n[[officer]]\nname = "a"\npublic_key = "{"cd" * 32}"': "officer.name",
    "officer = 3": "officer",
    '[tool."No Slug"]': "tool",
    "[tool.a]\nregime = 'ccpa'": "tool.a.regime",
    "[tool.a]\nregime = 3": "tool.a.regime",
    "[tool.a]\npurpose = 'fun'": "tool.a.purpose",
    "[tool.a]\nends = '2027-01-01'": "tool.a.ends",
    "[tool.a]\nends = 2027-01-01T00:00:00Z": "tool.a.ends",
    "[tool.a]\ncovers = 'square'": "tool.a.covers",
    "[tool.a]\ncovers = ['']": "tool.a.covers",
    "[tool.a]\nsigned = true": "signed",
    "tool = 3": "tool",
    "[tool]\na = 3": "tool.a",
    "[controller": "TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_said_wrongly_is_named(text: str) -> None:
    """The field, its value and what is allowed."""
    with pytest.raises(Misconfigured) as refusal:
        read_site_register(text)
    assert WRONG[text] in f"{refusal.value.detail} {refusal.value.limit}"
    assert "register.toml" in refusal.value.remedy


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(lambda text: " ".join(text.split()))
LISTS = st.lists(WORDS.filter(bool), max_size=3).map(tuple)
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2999, 1, 1))
ENTRIES = st.builds(
    SiteEntry,
    regime=st.none() | st.sampled_from(Regime),
    purpose=st.none() | st.sampled_from(Purpose),
    legal_basis=WORDS,
    recipients=LISTS,
    retention=WORDS,
    place_kinds=LISTS,
    covers=LISTS,
    ends=DAYS,
    review=DAYS,
)
OFFICERS = st.builds(
    Officer,
    name=WORDS.filter(bool),
    office=WORDS,
    public_key=st.binary(min_size=32, max_size=32).map(bytes.hex),
    is_exercise=st.booleans(),
)


@given(
    controller=st.builds(Controller, name=WORDS, contact=WORDS, dpo=WORDS, dpo_contact=WORDS),
    officers=st.lists(OFFICERS, max_size=3, unique_by=lambda one: one.name.casefold()).map(tuple),
    tools=st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), ENTRIES, max_size=3),
)
def test_what_is_written_is_read_back(
    controller: Controller, officers: tuple[Officer, ...], tools: dict[str, SiteEntry]
) -> None:
    """Whatever letters a city uses."""
    register = SiteRegister(controller=controller, officers=officers, tools=tools)
    assert read_site_register(write_site_register(register)) == register


def test_an_officer_can_be_added_at_the_end_of_any_file() -> None:
    """The rest of the file stays as it was, comments too."""
    added = Officer(name="ola", office="Mayor", public_key="cd" * 32)
    read = read_site_register(f"{REGISTER}\n# a comment\n{officer_block(added)}")
    assert [officer.name for officer in read.officers] == ["kari", "ola"]


def test_a_file_to_fill_in_can_be_read_and_says_what_the_tool_declares() -> None:
    """What the city must say is a comment with what is meant."""
    text = skeleton([part_of()])
    read = read_site_register(text)
    assert read.tools["counter"].recipients == ("operator", "supervisor")
    assert read.tools["counter"].retention == "observations"
    missing = {item.name for item in fields(SiteEntry)} - {"recipients", "retention"}
    assert [name for name in sorted(missing) if f"# {name} = " not in text] == []


def test_a_tools_answers_are_texts_under_one_table() -> None:
    """And nothing else."""
    assert read_tool_answers('[answers]\n"a.b" = "as  it\\n is"') == {"a.b": "as it is"}
    assert read_tool_answers("") == {}
    for text in ("[answer]", "answers = 3", "[answers]\na = 3", "[answers"):
        with pytest.raises(Misconfigured):
            read_tool_answers(text)
