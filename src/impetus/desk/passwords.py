"""Rules for names and passwords.

**Source**: NIST SP 800-63B rev. 4, section 3.1.1.2: length counts, composition rules do not; compare with commonly used
and expected values; no hints, no forced periodic change.
"""

import re

from impetus.core.errors import Malformed

MIN_PASSWORD, MAX_PASSWORD = 12, 200
"""Characters. Between the norm's 8 (with a second factor) and 15 (without), because a second factor can be enrolled."""
MIN_DISTINCT = 5
"""Different characters a password has at least; refuses `aaaaaaaaaaaa` and its like. House rule."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,31}")
"""Names of accounts: what can be said aloud and written in a log; no colon, which the platform's own names have."""

COMMONEST = frozenset(
    [
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456123456",
        "123123123123",
        "111111111111",
        "000000000000",
        "121212121212",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "password2024",
        "password2025",
        "password2026",
        "passw0rd1234",
        "p@ssword1234",
        "p@ssw0rd1234",
        "mypassword123",
        "newpassword1",
        "changeme1234",
        "changemenow1",
        "letmein12345",
        "letmeinletmein",
        "welcome12345",
        "welcome12345!",
        "welcome123456",
        "administrator",
        "administrator1",
        "administrator123",
        "admin1234567",
        "adminadmin12",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopas",
        "qwerty123456",
        "qwerty1234567",
        "qwertyqwerty",
        "asdfghjkl123",
        "asdfghjklzxc",
        "zxcvbnm12345",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "iloveyou1234",
        "iloveyouforever",
        "sunshine1234",
        "football1234",
        "baseball1234",
        "superman1234",
        "princess1234",
        "dragon123456",
        "monkey123456",
        "trustno11234",
        "abcdefghijkl",
        "abcdefgh1234",
        "abc123abc123",
        "passord12345",
        "velkommen123",
        "sommer202526",
        "impetus12345",
        "impetusimpetus",
        "operator1234",
        "supervisor12",
        "controlroom1",
    ]
)
"""The commonest passwords that are long enough, and those that this product itself suggests."""


def check_name(name: str) -> str:
    """Return the name without surrounding space, or raise `Malformed`."""
    name = name.strip()
    if not NAME.fullmatch(name):
        raise Malformed(f"account name {name!r}", value=name, limit=NAME.pattern, remedy="use letters, digits, . _ -")
    return name


def check_password(password: str, name: str) -> None:
    """Return when the password can be used; `Malformed` says which rule it breaks, never the password."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Malformed(
            f"the password has {len(password)} characters",
            value=len(password),
            limit=f"{MIN_PASSWORD}..{MAX_PASSWORD}",
            remedy="use a few words that do not belong together",
        )
    plain = password.casefold()
    if name.casefold() in plain:
        raise Malformed("the password holds the name", limit="without the name", remedy="leave the name out")
    if plain in COMMONEST or len(set(plain)) < MIN_DISTINCT:
        raise Malformed(
            "the password is one that is guessed first",
            limit=f"not a common one, at least {MIN_DISTINCT} different characters",
            remedy="use a few words that do not belong together",
        )
