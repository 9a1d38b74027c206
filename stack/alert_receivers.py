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
    path = settings.alerting
    if path == Settings().alerting and not Path(path).exists():
        return AlertReceivers()
    alerting = read_alerting(text_of(path, "QUAYMARK_ALERTING"), path)
    return AlertReceivers(alerting, {name: _secret(name, path) for name in alerting.secret_files})


def _secret(name: str, path: str) -> str:
    try:
        text = Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Misconfigured(f"{path}: {name}: {reason}, expected a file with the secret") from None
    if not text:
        raise Misconfigured(f"{path}: {name} is empty, expected the secret in it")
    return text
