"""The receivers of alerts, read from alerting.toml and the secret files that it names."""

from pathlib import Path

from msgspec import Struct

from contract.alerting import Alerting, read_alerting
from contract.errors import Misconfigured
from contract.settings import Settings
from stack.context import text_of


class AlertReceivers(Struct, frozen=True):
    """The receivers and routes of alerting.toml, and the text of each secret file."""

    alerting: Alerting = Alerting()
    secrets: dict[str, str] = {}
    """Path of a secret file -> its text."""


def read_alert_receivers(settings: Settings) -> AlertReceivers:
    """Return what alerting.toml declares; no receivers if the default file does not exist.

    Raises:
        Misconfigured: the file has a mistake, or a secret file that it names can't be read.
    """
    alerting = declared_alerting(settings)
    secrets = {name: _secret(name, settings.alerting) for name in alerting.secret_files}
    return AlertReceivers(alerting, secrets)


def declared_alerting(settings: Settings) -> Alerting:
    """Return what alerting.toml declares, without the secrets; nothing without the default file.

    Raises:
        Misconfigured: the file has a mistake.
    """
    path = settings.alerting
    if path == Settings().alerting and not Path(path).exists():
        return Alerting()
    return read_alerting(text_of(path, "QUAYMARK_ALERTING"), path)


def _secret(name: str, path: str) -> str:
    try:
        text = Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Misconfigured(f"{path}: {name}: {reason}, expected a file with the secret") from None
    if not text:
        raise Misconfigured(f"{path}: {name} is empty, expected the secret in it")
    return text
