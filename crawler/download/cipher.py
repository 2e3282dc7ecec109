"""The IANA names of TLS cipher suites, from the names that OpenSSL gives."""

from __future__ import annotations

import re
from functools import lru_cache

SUITE = re.compile(
    r"""
    (?: (?P<exchange> (?:EC)?DHE-(?:ECDSA|RSA|DSS) | ECDHE | A(?:EC)?DH ) - )?
    (?: (?P<cipher> AES | CAMELLIA | ARIA ) (?P<bits> 128 | 256 )
        (?: - (?P<mode> GCM ) | - (?P<ccm> CCM ) (?P<tag> 8 )? )?
        (?: - (?P<hash> SHA (?:256|384)? ) )?
      | (?P<chacha> CHACHA20-POLY1305 ) )
    """,
    re.VERBOSE,
)

EXCHANGES = {None: "RSA", "ECDHE": "ECDHE_RSA", "ADH": "DH_anon", "AECDH": "ECDH_anon"}


@lru_cache(maxsize=64)
def iana_name(openssl: str) -> str:
    """The IANA name of the suite that OpenSSL calls *openssl*, for WARC-Cipher-Suite.

    ``ECDHE-RSA-AES128-GCM-SHA256`` is ``TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256``. In TLS 1.3 both
    are the same; one of a kind that no web server offers (PSK, SRP, NULL) is handed back as it is.
    """
    suite = SUITE.fullmatch(openssl)
    if suite is None:
        return openssl
    exchange = suite["exchange"]
    key = EXCHANGES.get(exchange) or exchange.replace("-", "_")
    return f"TLS_{key}_WITH_{_cipher(suite)}"


def _cipher(suite: re.Match[str]) -> str:
    """The part after ``_WITH_``: cipher, key size, mode, hash."""
    if suite["chacha"]:
        return "CHACHA20_POLY1305_SHA256"
    name = f"{suite['cipher']}_{suite['bits']}"
    if suite["ccm"]:
        return f"{name}_CCM_8" if suite["tag"] else f"{name}_CCM"
    return f"{name}_{suite['mode'] or 'CBC'}_{suite['hash']}"
