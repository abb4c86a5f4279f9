"""Every labelled sentence as it is shown once masked, and sentences at the edge of each rule about names: read it like a page."""

import pytest

from ethics.golden import check_words
from ethics.test_text_patterns import FewNames
from ethics.text_scores import cases
from impetus.adapters.text_masks import LibraryTextMasks
from impetus.ethics.mask_text import find, fold, mask
from impetus.ethics.text_names import names
from impetus.ethics.text_patterns import has_birth_number_check, has_tax_code_check, is_birth_number, patterned, phones
from impetus.ethics.text_span import TextKind

FEW = FewNames()


class OnePhone(FewNames):
    """Clues of a library that knows phones where three equal digits begin."""

    def phones(self, text: str) -> list[tuple[int, int]]:
        """Return each stretch of digits that begins with 555."""
        return [(place, place + 7) for place in range(len(text)) if text.startswith("555", place)]


NAMES = """
Kari left
kari left
KARI LEFT
KARI DAHL LEFT
Kari DAHL left
Kari X. Xyzzy left
Kari von Xyzzy left
Kari von der Xyzzy left
Kari von der den Xyzzy left
Kari von, Xyzzy left
Kari Xyzzy Plugh left
Kari Xyzzy Plugh Frob left
Kari Xyzzy Plugh Frob Quux left
Kari Oslo left
Kari, Dahl left
Kari. Dahl left
Kari  Dahl left
Kari   Dahl left
Kari dahl left
kari Dahl left
kari dahl left
kari berg left
kari luca left
kari von left
kari
kari may left
may dahl left
May left
May Dahl left
"May left," he said
I met May there
on 17 May we go
on 17th of May
May 17 we go
May, 17 of us
17 and later May
Berg is high
the Berg is high
the Dahl shop
Dahl is here
The end. Dahl is here
so: Dahl is here
what? Dahl is here
go! Dahl is here
line
Dahl is here
«Dahl is here
(Dahl is here
- Dahl is here
X. Dahl
K. Xyzzy left
K.Xyzzy left
K Xyzzy left
K, Xyzzy left
k. Xyzzy left
KK. Xyzzy left
Xyzzy left
Xyzzy Plugh left
Xyzzy PLUGH left
Xyzzy P left
Xyzzy plugh left
Xyzzy Hall left
Xyzzy Plugh Frob left
City Hall Square
Oslo Xyzzy
Xyzzy Oslo
Mr Xyzzy left
Mr. Xyzzy left
Mr.Xyzzy left
Mr, Xyzzy left
Mr  Xyzzy left
Mr Xyzzy Plugh left
Mr xyzzy left
mr Xyzzy left
Mr Oslo left
Mr Dr Xyzzy left
dott. Xyzzy
Anne-Kari Dahl
Anne-Kari
D'Kari went
K-Kari went
Kari-K went
my name is xyzzy
my name is kari
my name is may
my name is Xyzzy Plugh
my name is Xyzzy and more
my name is Xyzzy plugh Frob
my name is Xyzzy Plugh Frob Quux
My Name Is Xyzzy
my name is Xyzzy PLUGH
my name is Xyzzy PLUGH FROB
my name is luca XYZZY berg
my name is xyzzy PLUGH
name: Xyzzy
navn: Xyzzy
jeg heter Xyzzy
jeg heter luca rossi nå
mi chiamo luca
chiamata Luca
called Xyzzy
recalled Xyzzy
known as Xyzzy-Plugh
navnet er X'yzzy
"""

PATTERNS = """
a@b.no
a+b%c@sub.example.co.uk, then
kim (at) example (dot) com
kim at example dot com
kim krøllalfa example punkt no
x@y
https://x.com/kari?a=1) and
ftp://kari:pw@host/a b
www.example.no/people/kari
https://example.no/a?name=kari&b
NO93 8601 1117 947
1234.56.78903 and 1234.56.7890
4111 1111 1111 1111
4111-1111-1111-111
RSSMRA85T10A562S RSSMRA85T10A562 rssmra85t10a562s
@kari @k.a-r_i. a@kari
u/nightowl /u/nightowl x/u/nightowl
owl#1234 owl#12345 o#1234
brukernavn: owl99, alias er owl_9, nick owl, snap = o.w.l
EK 12345 EK12345 ek12345 EK 123456
FX 123 AB fx-123-ab
ABC 123 ISO 270 ABC 12D
targa ab 1234, reg.nr. K1, plate: ABC1
192.0.2.7 192.0.2.7.8 v192.0.2.7 1.2.3
2001:db8::1 fe80:: 1:2:3:4:5:6:7:8 12:30:45
01010750160 01010112345 41018012345 99999912345 32010112345 00010112345 01130112345
31120112345 71120112345 72120112345 40120112345 01410112345 01520112345 01530112345 01660112345 01930112345
010190-1234 19900101-1234 900101-1234 320190-1234 991399-1234 611290-1234 911290+1234 921290-1234 601290-1234
050150-1234 450150-1234 051250-1234 051350-1234 310150-1234 320150-1234 610150-1234 600150-1234 910150-1234 920150-1234
99887766554
tlf 22 33 44 55, ring 912-34-567, call (020) 7946 0958
+47 912 34 567 and 0047 91234567 and +4791
tel: 12345, tel: 1234567
5551234 and 5559876 and tel 5551234
[name 1] wrote to a@b.no and a@c.no, then a@b.no again
[name 1] [e-mail 22] [nobody 3] [name x]
"""


def shown(text: str) -> str:
    """Return one line: the text, and how it is shown."""
    return f"{text!r} → {mask(text, FEW)!r}"


def test_names_rule_by_rule_at_their_edges() -> None:
    """With three first and three last names known: Kari, Luca, May; Rossi, Dahl, Berg."""
    lines = NAMES.strip("\n").replace("line\nDahl", "line\\nDahl").splitlines()
    check_words("masked_names", {"names": "\n".join(shown(line.replace("\\n", "\n")) for line in lines)})


def test_patterns_one_by_one_at_their_edges() -> None:
    """Addresses, links, accounts, numbers, handles, plates and phones, taken and left."""
    check_words("masked_patterns", {"patterns": "\n".join(shown(line) for line in PATTERNS.strip("\n").splitlines())})


@pytest.mark.parametrize("language", ["en", "nb", "it"])
def test_every_labelled_sentence_as_it_is_shown(language: str) -> None:
    """With the real lists of names and numbers."""
    clues = LibraryTextMasks()
    found = "\n".join(mask(case.text, clues) for case in cases() if case.language == language)
    check_words(f"masked_{language}", {"sentences": found.replace("[", "⟦").replace("]", "⟧")})


def test_where_masks_lie() -> None:
    """Begin, end and kind of each, in the text as it was written; what overlaps is one, named by what says most."""
    text = "ring\u00a055\u200b5-12 34 567 or mail k\u200bari@example.no, @kari@x.no"
    assert [(text[span.start : span.end], span.kind) for span in find(text, FEW)] == [
        ("55\u200b5-12 34 567", TextKind.PHONE),
        ("k\u200bari@example.no", TextKind.EMAIL),
        ("@kari@x.no", TextKind.EMAIL),
    ]
    assert [(span.start, span.end, span.kind.value) for span in find("at 5551234 or 5559876", OnePhone())] == [
        (3, 10, "phone"),
        (14, 21, "phone"),
    ]
    assert [(span.start, span.end, span.kind.value) for span in phones("ring 912 34 567, +47 912 34 567", FEW)] == [
        (5, 15, "phone"),
        (17, 31, "phone"),
    ]
    assert [(span.start, span.end, span.kind.value) for span in names("my name is  Xyzzy", FEW)] == [(12, 17, "name")]
    assert [(span.start, span.end, span.kind.value) for span in patterned("bil targa ab 1234")] == [(10, 17, "plate")]


def test_equal_values_have_equal_numbers_by_kind() -> None:
    """Numbers count within a kind, in the order of the text; spelling apart, one value is one."""
    text = "a@b.no A@B.NO c@d.no, @a_b @A_B @c_d, then a@b.no"
    assert mask(text, FEW) == ("[e-mail 1] [e-mail 1] [e-mail 2], [handle 1] [handle 1] [handle 2], then [e-mail 1]")


def test_folding_letter_by_letter() -> None:
    """Joiners and loose accents go, wide letters and odd dashes become plain, ligatures stay: one letter is one place."""
    text = "a\u200db\u0301\uff21\u2011\u2013\u2212\u2010\u2019\u00a0\u202f\ufb01\u00e9\u00ad"
    plain, places = fold(text)
    assert plain == "abA----'  \ufb01\u00e9"
    assert places == [0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert fold("") == ("", [])


@pytest.mark.parametrize(
    ("digits", "day_and_month"),
    [("010101", True), ("311201", True), ("320101", False), ("000101", False), ("410101", True), ("711201", True),
     ("720101", False), ("400101", False), ("010001", False), ("011301", False), ("014101", True), ("015201", True),
     ("015301", False), ("014001", False), ("016601", True), ("017701", True), ("017801", False), ("018101", True),
     ("019201", True), ("019301", False), ("018001", False), ("016501", False)],
)  # fmt: skip
def test_days_and_months_of_norwegian_numbers(digits: str, day_and_month: bool) -> None:  # noqa: FBT001 - a table's column
    """Days 1 to 31, with 40 added up to 71; months 1 to 12, with 40, 65 or 80 added: each edge."""
    assert is_birth_number(f"{digits}12345") is day_and_month


def test_control_digits_one_by_one() -> None:
    """Changing any digit of a good number, or any sign of a good tax code, is noticed."""
    good, code = "01010750160", "RSSMRA85T10A562S"
    assert all(map(has_birth_number_check, (good, "12128887464", "29124719427", "14114851761")))
    assert has_tax_code_check(code)
    for place in range(11):
        other = f"{good[:place]}{(int(good[place]) + 1) % 10}{good[place + 1 :]}"
        assert not has_birth_number_check(other), place
    for place, sign in enumerate(code):
        following = chr(ord(sign) + 1) if sign not in "9Z" else "0"
        assert not has_tax_code_check(f"{code[:place]}{following}{code[place + 1 :]}"), place
    assert has_tax_code_check("MRTMTT91D08F205J")
    assert has_tax_code_check("mllsnt82p65z404u")
