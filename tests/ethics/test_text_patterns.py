"""What each pattern takes and leaves, one line each; and names with lists of three people, so that rules show alone."""

import pytest

from impetus.ethics.mask_text import find, mask
from impetus.ethics.text_span import TextKind


class FewNames:
    """Clues that know three first and three last names, and no phone."""

    def phones(self, text: str) -> list[tuple[int, int]]:
        """Know none."""
        del text
        return []

    def is_given_name(self, word: str) -> bool:
        """Know three, one of which is a word."""
        return word.casefold() in {"kari", "luca", "may"}

    def is_family_name(self, word: str) -> bool:
        """Know three, one of which is a word."""
        return word.casefold() in {"rossi", "dahl", "berg"}


CLUES = FewNames()


def kinds(text: str) -> list[str]:
    """Return the kinds found, in order."""
    return [span.kind.value for span in find(text, CLUES)]


@pytest.mark.parametrize(
    "text",
    [
        "a@b.no",
        "first.last+tag@sub.example.co.uk",
        "a_b-c@example.it",
        "o'brien@example.ie",
        "kim (at) example (dot) com",
        "kim [at] example [dot] com",
        "kim{at}example{dot}com",
        "kim at example dot com",
        "kim chiocciola example punto it",
        "kim krøllalfa example punkt no",
    ],
)
def test_addresses_of_mail(text: str) -> None:
    """Written for machines, and written so that machines should not see them."""
    assert kinds(f"x: {text}, y") == ["e-mail"]


@pytest.mark.parametrize("text", ["a@b", "@", "mail at noon", "look at example two", "5 at 12.30"])
def test_what_is_no_address_of_mail(text: str) -> None:
    """An at between ordinary words is one."""
    assert "e-mail" not in kinds(text)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("@kari", True),
        ("@k_a.r-i99", True),
        ("u/nightowl", True),
        ("/u/nightowl", True),
        ("owl#1234", True),
        ("telegram: owl_99", True),
        ("brukernavn er owl99", True),
        ("nick nightowl", False),
        ("mail@", False),
        ("C# 1234", False),
        ("a/b", False),
        ("telegram is down", False),
    ],
)
def test_handles(text: str, is_found: bool) -> None:  # noqa: FBT001 - a table of answers
    """With a sign before them, or a word and a digit."""
    assert (TextKind.HANDLE.value in kinds(f"see {text} now")) is is_found


@pytest.mark.parametrize(
    "plate",
    [
        "EK 12345",
        "EK12345",
        "EK-12345",
        "ek12345",
        "ZV 4567",
        "FX123AB",
        "FX 123 AB",
        "fx-123-ab",
        "AB-123-CD",
        "B-MW 1234",
        "HH-AB 12E",
        "M XY 987",
        "ABC 123",
        "ABC 12D",
        "AB12 CDE",
        "AB 12 345",
        "1234 BCD",
    ],
)
def test_plates_of_many_countries(plate: str) -> None:
    """Norway, Italy, France, Germany, Sweden, Great Britain, Denmark, Spain."""
    assert kinds(f"seen {plate} here") == ["plate"]


@pytest.mark.parametrize(
    "text",
    [
        "EU 2016",
        "IP 1234",
        "ISO 270",
        "RFC 696",
        "UTC 120",
        "E1",
        "C14",
        "A3 1200",
        "kl 1430",
        "no 12",
        "14:07:32",
        "3.5",
    ],
)
def test_what_is_no_plate(text: str) -> None:
    """Standards, exits, cameras, times."""
    assert "plate" not in kinds(f"the {text} was")


@pytest.mark.parametrize("word", ["plate", "reg.nr.", "skilt", "targa", "targato", "licence plate:", "registration"])
def test_a_word_for_plate_makes_more_of_them(word: str) -> None:
    """Small letters and short ones count behind it."""
    assert kinds(f"bil {word} ab 1234 sett") == ["plate"]


@pytest.mark.parametrize(
    "text",
    [
        "01010750160",
        "010107 50160",
        "010107-50160",
        "41010750123",
        "01410750123",
        "010190-1234",
        "19900101-1234",
        "900101-1234",
        "RSSMRA85T10A562S",
        "rssmra85t10a562s",
        "RSSMRAURTMLARSNL",
    ],
)
def test_numbers_of_identity(text: str) -> None:
    """Norwegian, with shifted days and months; Danish; Swedish; Italian, also with letters for digits (omocodia)."""
    assert kinds(f"nr {text} her") == ["identity number"]


@pytest.mark.parametrize("text", ["99999999999", "00000012345", "993101-1234", "123456", "RSSMRA85X10A562S"])
def test_what_is_no_number_of_identity(text: str) -> None:
    """Days and months that do not exist, too short, a month letter that is none."""
    assert "identity number" not in kinds(f"nr {text} her")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NO93 8601 1117 947", "account"),
        ("no9386011117947", "account"),
        ("IT60X0542811101000000123456", "account"),
        ("1234.56.78903", "account"),
        ("1234 56 78903", "account"),
        ("4111 1111 1111 1111", "account"),
        ("192.0.2.7", "network address"),
        ("2001:db8::1", "network address"),
        ("2001:db8:1:2:3:4:5:6", "network address"),
        ("fe80::", "network address"),
        ("https://x.com/kari", "link"),
        ("www.facebook.com/kari.dahl", "link"),
        ("t.me/quay", "link"),
        ("https://site.example/users/kari/1", "link"),
        ("https://site.example/@kari", "link"),
        ("https://site.example/a?user=kari&b=1", "link"),
        ("sftp://kari:pw@site.example/a", "e-mail"),
    ],
)
def test_accounts_addresses_and_links(text: str, kind: str) -> None:
    """Each is one mask, whole."""
    found = find(f"see {text} now", CLUES)
    assert [span.kind.value for span in found] == [kind]
    assert (found[0].start, found[0].end) == (4, 4 + len(text))


@pytest.mark.parametrize(
    "text", ["https://site.example/news/2026/closed", "www.site.example", "1.2.3", "12:30:45", "ab:cd", "1234.5"]
)
def test_ordinary_links_versions_and_times_stay(text: str) -> None:
    """They point at nobody."""
    assert kinds(f"see {text} now") == []


@pytest.mark.parametrize(
    "text", ["+47 912 34 567", "0047 91234567", "tlf 22 33 44 55", "ring 912-34-567", "call (020) 7946 0958"]
)
def test_phones_without_any_library(text: str) -> None:
    """Behind a plus, two zeros or a word for phone."""
    assert kinds(f"og {text} da") == ["phone"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Kari left", "[name 1] left"),
        ("Kari Xyzzy left", "[name 1] left"),
        ("Kari von der Xyzzy left", "[name 1] left"),
        ("Kari, Luca", "[name 1], [name 2]"),
        ("kari dahl left", "[name 1] left"),
        ("kari left", "kari left"),
        ("KARI DAHL LEFT", "[name 1] LEFT"),
        ("Anne-Kari Dahl", "[name 1]"),
        ("the Dahl shop", "the [name 1] shop"),
        ("Berg is high", "Berg is high"),
        ("May we go", "May we go"),
        ("on 17 May we go", "on 17 May we go"),
        ("I met May there", "I met [name 1] there"),
        ("May Dahl left", "[name 1] left"),
        ("Mr Xyzzy left", "Mr [name 1] left"),
        ("dott. Xyzzy", "dott. [name 1]"),
        ("K. Xyzzy left", "[name 1] left"),
        ("Xyzzy Plugh left", "[name 1] left"),
        ("Oslo is big", "Oslo is big"),
        ("my name is xyzzy", "my name is xyzzy"),
        ("my name is Xyzzy Plugh", "my name is [name 1]"),
        ("mi chiamo luca", "mi chiamo [name 1]"),
        ("City Hall Square", "City Hall Square"),
    ],
)
def test_names_rule_by_rule(text: str, shown: str) -> None:
    """What is known, what follows it, what announces it, and what only looks like one."""
    assert mask(text, CLUES) == shown


def test_what_overlaps_becomes_one_mask_of_the_more_telling_kind() -> None:
    """An address of mail inside a link, a name inside an address: one mask, nothing between."""
    assert kinds("https://x.com/kari?mail=kari@example.no") == ["e-mail"]
    assert mask("kari.dahl@example.no", CLUES) == "[e-mail 1]"


def test_a_mask_in_the_text_is_left_as_it_is() -> None:
    """Also one that somebody typed; it hides nothing."""
    assert mask("[name 1] met Kari", CLUES) == "[name 1] met [name 1]"
