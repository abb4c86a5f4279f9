"""Rules for names and passwords: length counts, what is guessed first does not pass, nothing is echoed."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.desk.passwords import (
    COMMONEST,
    MAX_PASSWORD,
    MIN_DISTINCT,
    MIN_PASSWORD,
    NAME,
    check_name,
    check_password,
)

NAMES = st.from_regex(NAME, fullmatch=True)
PASSWORDS = st.text(min_size=MIN_PASSWORD, max_size=MAX_PASSWORD)


@given(name=NAMES, before=st.sampled_from(["", " ", "\t\n"]), after=st.sampled_from(["", "  "]))
def test_a_name_is_taken_without_the_space_around_it(name: str, before: str, after: str) -> None:
    """What somebody typed beside it is not part of who they are."""
    assert check_name(f"{before}{name}{after}") == name


@given(name=st.text(max_size=40))
def test_any_other_text_is_no_name(name: str) -> None:
    """Refused with the pattern of what would be one."""
    assume(not NAME.fullmatch(name.strip()))
    with pytest.raises(Malformed) as refusal:
        check_name(name)
    assert refusal.value.limit == NAME.pattern


@given(name=NAMES)
def test_a_name_has_nothing_but_what_a_log_can_hold(name: str) -> None:
    """Letters, digits, dot, underline and hyphen, of ASCII."""
    assert set(check_name(name)) <= set(string.ascii_letters + string.digits + "._-")


@pytest.mark.parametrize("name", ["token:wall", "platform:fusion", "console:", "ada\x00", "\u0430da", "ada b"])
def test_no_name_can_pose_as_another_part_or_person(name: str) -> None:
    """The platform's own names have a colon; letters that only look alike are no letters here."""
    with pytest.raises(Malformed):
        check_name(name)


@given(password=PASSWORDS, name=NAMES)
def test_whatever_is_long_and_not_guessed_first_is_taken(password: str, name: str) -> None:
    """No rule about capitals, digits or signs; any language, any letters."""
    plain = password.casefold()
    assume(name.casefold() not in plain and plain not in COMMONEST and len(set(plain)) >= MIN_DISTINCT)
    assert check_password(password, name) is None


@given(length=st.integers(0, 400).filter(lambda length: not MIN_PASSWORD <= length <= MAX_PASSWORD))
def test_a_password_too_short_or_too_long_is_refused_with_its_length(length: int) -> None:
    """The limit is said, and how many characters there were, whatever letters they are."""
    with pytest.raises(Malformed) as refusal:
        check_password(("åse går på tur " * 30)[:length], "bo")
    assert (refusal.value.value, refusal.value.limit) == (length, f"{MIN_PASSWORD}..{MAX_PASSWORD}")


@given(length=st.integers(MIN_PASSWORD, MAX_PASSWORD))
def test_length_is_counted_in_characters_not_in_bytes(length: int) -> None:
    """Twelve to two hundred, at both ends to the character."""
    assert check_password(("åse går på tur " * 30)[:length], "bo") is None


@pytest.mark.parametrize("password", sorted(COMMONEST)[::6])
def test_a_common_password_is_refused_in_any_case(password: str) -> None:
    """`Passwordpassword` is guessed right after `passwordpassword`."""
    for spelled in (password, password.upper(), password.title()):
        with pytest.raises(Malformed):
            check_password(spelled, "bo")


@given(name=NAMES, before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_password_with_the_name_in_it_is_refused(name: str, before: str, after: str) -> None:
    """Wherever it stands, however it is written."""
    password = f"{before}{name.swapcase()}{after}".ljust(MIN_PASSWORD, "!")
    with pytest.raises(Malformed):
        check_password(password, name)


@given(letters=st.text("ab12", min_size=MIN_PASSWORD, max_size=40))
def test_few_letters_over_and_over_are_refused(letters: str) -> None:
    """Four different ones are what a keyboard gives by itself."""
    with pytest.raises(Malformed):
        check_password(letters, "bo")


@given(password=st.text("æøå", min_size=1, max_size=300))
def test_no_refusal_says_the_password(password: str) -> None:
    """Not in its sentence, not in its value: it goes to a screen and into a log."""
    with pytest.raises(Malformed) as refusal:
        check_password(password, "bo")
    assert not set(password) & set(str(refusal.value.problem()))
