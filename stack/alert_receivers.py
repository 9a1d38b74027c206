"""Who is told of alerts, read from the user's alerting.toml and the files that it names."""

from pathlib import Path

from msgspec import Struct

from contract.alerting import Alerting, read_alerting
from contract.errors import Misconfigured
from contract.settings import Settings
from stack.context import text_of


class AlertReceivers(Struct, frozen=True):
    """Receivers and routes, and the text of each secret file."""

    alerting: Alerting = Alerting()
    secrets: dict[str, str] = {}


def who_is_told(settings: Settings) -> AlertReceivers:
    """What alerting.toml says; nobody where that file is not there.

    Raises:
        Misconfigured: a mistake in it, or a file that it names can't be read.
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
