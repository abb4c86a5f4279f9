"""What masking a text needs from libraries: phone numbers by `phonenumbers`, names by Faker's lists of many countries.

Both are loaded when the first text is masked: a process that shows none pays nothing. Names come from the lists of the
languages a European city hears; a name none of them knows is found by its context, or not at all (the recall is published).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib import import_module

REGIONS = ("NO", "IT", "SE", "DK", "FI", "GB", "DE", "FR", "ES", "PL", "NL", "AT", "CH", "US")
"""Countries by whose rules a number without a country code is read."""
_LOCALES = (
    "no_NO it_IT en_US en_GB de_DE de_AT de_CH fr_FR sv_SE da_DK fi_FI es_ES pl_PL nl_NL pt_PT ro_RO tr_TR cs_CZ hr_HR "
    "lt_LT lv_LV et_EE hu_HU sk_SK sl_SI sq_AL is_IS ga_IE"
)
LOCALES = tuple(_LOCALES.split())
"""Lists of Faker whose names are written in Latin letters."""
LONGEST = 2_000
"""Characters looked at as one piece; a matcher's cost grows faster than its text. House rule."""
LEAST_LETTERS = 3


class LibraryTextMasks:
    """Port `TextMasks` over `phonenumbers` and the name lists of `faker`."""

    def phones(self, text: str) -> Sequence[tuple[int, int]]:
        """Return begin and end of each number that is a valid one in some of the countries."""
        import phonenumbers  # noqa: PLC0415 - see above: loaded with the first text

        found: set[tuple[int, int]] = set()
        for offset in range(0, max(1, len(text)), LONGEST):
            piece = text[offset : offset + LONGEST + 40]
            for region in REGIONS:
                matches = phonenumbers.PhoneNumberMatcher(piece, region, leniency=phonenumbers.Leniency.VALID)
                found |= {(offset + match.start, offset + match.end) for match in matches}
        return [span for span in sorted(found) if not any(_holds(other, span) for other in found)]

    def is_given_name(self, word: str) -> bool:
        """Say whether a list has the word as a first name."""
        return word.casefold() in self._names[0]

    def is_family_name(self, word: str) -> bool:
        """Say whether a list has the word as a last name."""
        return word.casefold() in self._names[1]

    @cached_property
    def _names(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return first and last names in small letters; parts of double ones count alone."""
        first, last = set[str](), set[str]()
        for locale in LOCALES:
            try:
                provider = import_module(f"faker.providers.person.{locale}").Provider
            except ModuleNotFoundError:
                continue
            first |= set(_words(provider, "first_names"))
            last |= set(_words(provider, "last_names"))
        return frozenset(first), frozenset(last)


def _holds(outer: tuple[int, int], inner: tuple[int, int]) -> bool:
    """Say whether one span lies in another that is longer."""
    return outer != inner and outer[0] <= inner[0] and inner[1] <= outer[1]


def _words(provider: type, suffix: str) -> Iterator[str]:
    """Yield every word of the provider's lists whose name begins so: plain, by sex, with their weights or without."""
    for name in dir(provider):
        if name.startswith(suffix) and not callable(getattr(provider, name)):
            for full in getattr(provider, name):
                for word in str(full).replace("-", " ").split():
                    if len(word) >= LEAST_LETTERS and word.isalpha():
                        yield word.casefold()
