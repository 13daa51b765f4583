"""Who a client is: the LFDI and SFDI of its certificate (IEEE 2030.5, 6.3.3 and 6.3.4)."""

from __future__ import annotations

import hashlib
import ssl

LFDI_HEX_DIGITS, SFDI_HEX_DIGITS = 40, 9


def lfdi_of(certificate: bytes) -> str:
    """Return the long-form device identifier: the left 160 bits of the SHA-256 of a DER certificate."""
    return hashlib.sha256(certificate).hexdigest()[:LFDI_HEX_DIGITS].upper()


def lfdi_of_pem(text: str) -> str:
    """Return the long-form device identifier of the first certificate in PEM."""
    return lfdi_of(ssl.PEM_cert_to_DER_cert(text))


def sfdi_of(lfdi: str) -> int:
    """Return the short-form device identifier: the left 36 bits and a check digit."""
    number = int(lfdi[:SFDI_HEX_DIGITS], 16)
    check_digit = -sum(map(int, str(number))) % 10
    return 10 * number + check_digit


def pin_is_valid(pin: int) -> bool:
    """Return whether a registration PIN has the right sum of digits."""
    return 0 <= pin <= 999_999 and sum(map(int, str(pin))) % 10 == 0
