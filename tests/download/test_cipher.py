from __future__ import annotations

import shutil
import subprocess

import pytest

from crawler.download.cipher import iana_name

NAMES = {
    "TLS_AES_128_GCM_SHA256": "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256": "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305": "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE-RSA-AES256-SHA": "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "ECDHE-ARIA256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384",
    "AES256-CCM8": "TLS_RSA_WITH_AES_256_CCM_8",
    "AES128-SHA": "TLS_RSA_WITH_AES_128_CBC_SHA",
    "ADH-AES128-SHA256": "TLS_DH_anon_WITH_AES_128_CBC_SHA256",
    "PSK-NULL-SHA": "PSK-NULL-SHA",
}


@pytest.mark.parametrize("openssl", NAMES)
def test_known_names(openssl: str) -> None:
    assert iana_name(openssl) == NAMES[openssl]


def test_every_suite_that_a_web_server_can_offer_is_named_as_openssl_names_it() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl command to compare with")
    listed = subprocess.run(
        ["openssl", "ciphers", "-stdname", "ALL:!PSK:!SRP:!NULL"],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    pairs = [line.split()[0:3:2] for line in listed.stdout.splitlines()]
    assert len(pairs) > 20
    assert [iana_name(openssl) for _, openssl in pairs] == [iana for iana, _ in pairs]
