"""Codes of a second factor with pyotp.

**Source**: RFC 6238, with the parameters every authenticator understands: SHA-1, 6 digits, steps of 30 s; section 5.2 on
allowing one step of clock skew and on refusing a code that was used (the desk does the latter, it has the memory).
"""

from datetime import datetime

import pyotp

STEP_S = 30
SKEW_STEPS = 1


class TotpCodes:
    """Port `OneTimeCodes` over pyotp."""

    def uri(self, secret: str, *, name: str, issuer: str) -> str:
        """Return the `otpauth:` address an authenticator reads."""
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)

    def step_of(self, secret: str, code: str, *, at: datetime) -> int | None:
        """Return the time step whose code this is, the latest of those allowed; compares in constant time."""
        totp = pyotp.TOTP(secret)
        now = int(at.timestamp()) // STEP_S
        matching = [
            step
            for step in range(now - SKEW_STEPS, now + SKEW_STEPS + 1)
            if pyotp.utils.strings_equal(totp.generate_otp(step), code)
        ]
        return max(matching, default=None)
