"""Pseudonyms: one spelling, one name; another domain or day, another name; vectors of the standards underneath."""

import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.ethics.pseudonym import (
    IdentityKind,
    domain_key,
    hkdf,
    normalise,
    period_key,
    period_of,
    pseudonym,
    vault_key,
)

MASTER = bytes(range(32))
DAY, NEXT = date(2026, 5, 3), date(2026, 5, 4)
KEY = domain_key(period_key(MASTER, DAY), "project:4")

RFC_5869 = (
    (
        "0b" * 22,
        "000102030405060708090a0b0c",
        "f0f1f2f3f4f5f6f7f8f9",
        42,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        "0b" * 22,
        "",
        "",
        42,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
    (
        "".join(f"{byte:02x}" for byte in range(0x50)),
        "".join(f"{byte:02x}" for byte in range(0x60, 0xB0)),
        "".join(f"{byte:02x}" for byte in range(0xB0, 0x100)),
        82,
        (
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da32"
            "75600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
    ),
)


@pytest.mark.parametrize(("secret", "salt", "context", "length", "expected"), RFC_5869)
def test_derivation_gives_the_standards_own_numbers(
    secret: str, salt: str, context: str, length: int, expected: str
) -> None:
    """RFC 5869, appendix A, cases 1 to 3."""
    drawn = hkdf(bytes.fromhex(secret), bytes.fromhex(salt), bytes.fromhex(context), length)
    assert drawn.hex() == expected


@pytest.mark.parametrize(
    ("kind", "spellings", "one"),
    [
        (IdentityKind.PLATE, ("EK 12345", "ek-12345", "ek12345", " \uff25\uff2b12345 "), "EK12345"),
        (IdentityKind.HANDLE, ("@Kari_N", "kari_n", "KARI_N "), "kari_n"),
        (IdentityKind.EMAIL, ("Kari@Example.NO", "mailto:kari@example.no"), "kari@example.no"),
        (IdentityKind.ADDRESS, ("2001:DB8::1", "2001:db8:0:0:0:0:0:1"), "2001:db8::1"),
        (IdentityKind.ADDRESS, ("192.0.2.7", "::ffff:192.0.2.7"), "192.0.2.7"),
    ],
)
def test_spellings_of_one_thing_give_one_name(kind: IdentityKind, spellings: tuple[str, ...], one: str) -> None:
    """A person is not split in two by a hyphen, nor a plate by a full-width digit."""
    assert {normalise(kind, text) for text in spellings} == {one}
    assert len({pseudonym(KEY, kind, text) for text in spellings}) == 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (IdentityKind.PLATE, "  - "),
        (IdentityKind.HANDLE, "@"),
        (IdentityKind.EMAIL, "kari"),
        (IdentityKind.EMAIL, "@example.no"),
        (IdentityKind.EMAIL, "kari@"),
        (IdentityKind.ADDRESS, "192.0.2"),
        (IdentityKind.HANDLE, "x" * 321),
    ],
)
def test_what_is_no_such_thing_is_refused_without_being_quoted(kind: IdentityKind, text: str) -> None:
    """The refusal names the kind and the length, and not the value: refusals are logged."""
    with pytest.raises(Malformed) as refusal:
        normalise(kind, text)
    assert text.strip(" -@") == "" or text.strip() not in str(refusal.value.problem())


def test_the_day_is_the_day_of_the_moment_wherever_it_was_written() -> None:
    """Two clocks in two zones agree about the day; a time without a zone has none."""
    late = datetime(2026, 5, 4, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert period_of(late) == DAY
    assert period_of(late.astimezone(UTC)) == DAY
    with pytest.raises(Malformed, match="no zone"):
        period_of(datetime(2026, 5, 4))  # noqa: DTZ001 - the refusal is about it


def test_the_day_changes_at_midnight_and_not_a_microsecond_before() -> None:
    """The last moment of a day has that day's key."""
    midnight = datetime(2026, 5, 4, tzinfo=UTC)
    assert period_of(midnight - timedelta(microseconds=1)) == DAY
    assert period_of(midnight) == NEXT


def test_every_domain_and_day_has_a_key_of_its_own() -> None:
    """No two derived keys are alike, the vault's included, nor any like its parent."""
    days = [period_key(MASTER, DAY), period_key(MASTER, NEXT)]
    keys = [derive(day, name) for day in days for name in ("a", "b", "vault") for derive in (domain_key, vault_key)]
    assert len({MASTER, *days, *keys}) == 1 + 2 + 12


def test_names_of_domains_cannot_be_shifted_into_one_another() -> None:
    """Lengths go into the derivation: ("ab", "c") is not ("a", "bc")."""
    assert pseudonym(KEY, IdentityKind.HANDLE, "platex") != pseudonym(KEY, IdentityKind.PLATE, "X")
    assert domain_key(MASTER, "a") != domain_key(MASTER, "a\0")


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    """No pseudonym is made under half a key."""
    with pytest.raises(Malformed, match="bytes"):
        pseudonym(key, IdentityKind.PLATE, "EK12345")
    with pytest.raises(Malformed, match="bytes"):
        period_key(key, DAY)


def test_a_pseudonym_needs_a_domain() -> None:
    """Without a domain everything would be linkable."""
    with pytest.raises(Malformed, match="domain"):
        domain_key(period_key(MASTER, DAY), "")


@given(handle=st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=40))
def test_a_pseudonym_is_short_plain_and_says_nothing_of_the_value(handle: str) -> None:
    """26 letters and digits of base 32, the same each time, another under another key."""
    name = pseudonym(KEY, IdentityKind.HANDLE, handle)
    other = pseudonym(domain_key(period_key(MASTER, DAY), "project:5"), IdentityKind.HANDLE, handle)
    assert len(name) == 26
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert name == pseudonym(KEY, IdentityKind.HANDLE, handle)
    assert name != other


def test_a_known_pseudonym_stays_what_it_was() -> None:
    """Stored names must still be found by the next version: this one was worked out by hand with hmac and base64."""
    import base64
    import hashlib
    import hmac

    message = b"impetus pseudonym 1" + (5).to_bytes(4, "big") + b"plate" + (7).to_bytes(4, "big") + b"EK12345"
    digest = hmac.new(bytes(32), message, hashlib.sha256).digest()[:16]
    by_hand = base64.b32encode(digest).decode().rstrip("=").lower()
    assert pseudonym(bytes(32), IdentityKind.PLATE, "EK 12345") == by_hand


def test_known_keys_stay_what_they_were() -> None:
    """Sealed names must open years later: day, domain and vault, each worked out by hand from RFC 5869."""
    import hashlib
    import hmac

    def by_hand(parent: bytes, kind: str, name: str) -> bytes:
        parts = [kind.encode(), name.encode()]
        context = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        drawn = hmac.new(b"impetus pseudonym 1", parent, hashlib.sha256).digest()
        return hmac.new(drawn, context + b"\x01", hashlib.sha256).digest()

    day = by_hand(MASTER, "period", "2026-05-03")
    assert period_key(MASTER, DAY) == day
    assert domain_key(day, "project:4") == by_hand(day, "domain", "project:4")
    assert vault_key(day, "project:4") == by_hand(day, "vault", "project:4")


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system's clock has no zone to set")
def test_the_day_is_the_day_of_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server in Tokyo uses the key that a server in Oslo uses."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert period_of(datetime(2026, 5, 3, 20, tzinfo=UTC)) == DAY
    finally:
        monkeypatch.undo()
        time.tzset()
