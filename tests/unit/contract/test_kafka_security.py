"""Settings of TLS and SASL: whole ones are taken, halves and secrets are refused by name."""

import pytest

from contract.errors import Misconfigured
from contract.settings import Settings

K = "QUAYMARK_KAFKA_"
PASSWORD = {f"{K}SASL_USERNAME": "worker", f"{K}SASL_PASSWORD_FILE": "/run/password"}
SCRAM = {f"{K}SECURITY_PROTOCOL": "SASL_SSL", f"{K}SASL_MECHANISM": "SCRAM-SHA-512", **PASSWORD}
TOKEN = {
    f"{K}SECURITY_PROTOCOL": "SASL_SSL",
    f"{K}SASL_MECHANISM": "OAUTHBEARER",
    f"{K}OAUTHBEARER_TOKEN_FILE": "/run/token",
}
CERTIFICATE = {
    f"{K}SECURITY_PROTOCOL": "SSL",
    f"{K}SSL_CERTIFICATE_LOCATION": "/run/user.crt",
    f"{K}SSL_KEY_LOCATION": "/run/user.key",
}


def without(settings: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in settings.items() if key != K + name}


@pytest.mark.parametrize(
    "whole",
    [
        {},
        SCRAM,
        TOKEN,
        CERTIFICATE,
        SCRAM | CERTIFICATE | {f"{K}SECURITY_PROTOCOL": "SASL_SSL"},
        SCRAM | {f"{K}SSL_CA_LOCATION": "/run/ca.crt"},
        SCRAM | {f"{K}SECURITY_PROTOCOL": "SASL_PLAINTEXT", f"{K}SASL_MECHANISM": "PLAIN"},
        CERTIFICATE | {f"{K}SSL_KEY_PASSWORD_FILE": "/run/key-password"},
    ],
)
def test_whole_settings_are_taken(whole: dict[str, str]) -> None:
    security = Settings.from_env(whole).kafka_security

    for name, value in whole.items():
        assert getattr(security, name.removeprefix(K).lower()) == value


@pytest.mark.parametrize(
    ("half", "said"),
    [
        (without(SCRAM, "SASL_MECHANISM"), "SASL_MECHANISM is missing: SASL_SSL needs it"),
        (without(SCRAM, "SASL_USERNAME"), "SASL_USERNAME is missing: SASL_SSL SCRAM-SHA"),
        (without(SCRAM, "SASL_PASSWORD_FILE"), "SASL_PASSWORD_FILE is missing: SASL_SSL SCRAM"),
        (without(TOKEN, "OAUTHBEARER_TOKEN_FILE"), "OAUTHBEARER_TOKEN_FILE is missing: SASL_SSL"),
        (without(SCRAM, "SECURITY_PROTOCOL"), "SASL_MECHANISM is set, but PLAINTEXT does not use"),
        (without(CERTIFICATE, "SSL_KEY_LOCATION"), "SSL_KEY_LOCATION is missing: QUAYM"),
        (without(CERTIFICATE, "SSL_CERTIFICATE_LOCATION"), "SSL_CERTIFICATE_LOCATION is missing"),
        (SCRAM | {f"{K}SSL_KEY_PASSWORD_FILE": "x"}, "SSL_KEY_LOCATION is missing"),
        ({f"{K}SSL_CA_LOCATION": "/ca"}, "SSL_CA_LOCATION is set, but PLAINTEXT does not use it"),
        (TOKEN | PASSWORD, "SASL_PASSWORD_FILE is set, but SASL_SSL OAUTHBEARER does not use it"),
        (SCRAM | {f"{K}SASL_MECHANISM": "GSSAPI"}, "Invalid enum value 'GSSAPI'"),
        ({f"{K}REPLICATION_FACTOR": "0"}, "REPLICATION_FACTOR is 0, expected 1 or more, or -1"),
    ],
)  # fmt: skip
def test_half_a_setting_is_refused_by_its_name(half: dict[str, str], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        Settings.from_env(half)


@pytest.mark.parametrize("secret", ["SASL_PASSWORD", "SSL_KEY_PASSWORD", "OAUTHBEARER_TOKEN"])
def test_a_secret_in_the_environment_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(Misconfigured, match=rf"{secret} is a secret.*{secret}_FILE$") as told:
        Settings.from_env(SCRAM | {K + secret: "hunter2"})

    assert "hunter2" not in str(told.value)
