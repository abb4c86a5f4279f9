"""Port `OneTimeCodes`: the codes every authenticator shows, one step of skew either way."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from impetus.adapters.totp import TotpCodes

SECRET = base64.b32encode(b"12345678901234567890").decode()
"""The seed of RFC 6238, appendix B."""


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1, last six digits."""
    at = datetime.fromtimestamp(second, UTC)
    assert TotpCodes().step_of(SECRET, code, at=at) == second // 30


@pytest.mark.parametrize(("skew_s", "fits"), [(-31, False), (-1, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(skew_s: int, *, fits: bool) -> None:
    """The code of step 3 (90..119 s), seen at other times."""
    codes = TotpCodes()
    at = datetime.fromtimestamp(90, UTC)
    code = pyotp.TOTP(SECRET).at(95)
    assert (codes.step_of(SECRET, code, at=at + timedelta(seconds=skew_s)) == 3) is fits


@pytest.mark.parametrize("code", ["", "28708", "2870822", "abcdef", "é", "\x00"])
def test_what_is_no_code_fits_no_step(code: str) -> None:
    """Too short, too long, letters, nonsense: none, and no error."""
    assert TotpCodes().step_of(SECRET, code, at=datetime.fromtimestamp(59, UTC)) is None


def test_the_address_holds_site_name_and_secret() -> None:
    """What an authenticator reads from the picture."""
    uri = TotpCodes().uri(SECRET, name="ada", issuer="Oslo by")
    assert uri.startswith("otpauth://totp/Oslo%20by:ada?secret=" + SECRET)
    assert "issuer=Oslo%20by" in uri
