"""The files that describe the port: which of them a backup takes, and the secrets it leaves."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from contract.alerting import Email, Webhook, read_alerting
from contract.errors import Misconfigured
from contract.settings import Settings
from stack.service import env_file
from stack.upgrade import version_notes

LEFT = "left out of the backup, as it is a secret"


class SettingsFile(Struct, frozen=True):
    """A file of the port's own: its name in a backup, where it lies, what of it is kept."""

    name: str
    path: Path
    content: bytes
    left_out: tuple[str, ...] = ()
    """The secrets that it names or held, in words."""


def settings_paths(settings: Settings, home: Path) -> dict[str, Path]:
    """Name in a backup -> where the file of these settings lies."""
    return {
        "quaymark.toml": home / settings.book,
        "targets.toml": home / settings.targets,
        "alerting.toml": home / settings.alerting,
        ".env": home / env_file.NAME,
        # not the user's own, but without it a restore would not know which release ran before
        version_notes.NAME: home / settings.folder / version_notes.NAME,
    }


def settings_files(settings: Settings, home: Path) -> Iterator[SettingsFile]:
    """Yield the files that are there, without any secret.

    Raises:
        Misconfigured: one has a mistake or can't be read: its backup would be worth nothing.
    """
    for name, path in settings_paths(settings, home).items():
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Misconfigured(f"{path}: {error.strerror}") from None
        if name == ".env":
            yield _without_secrets(path)
        elif name == "alerting.toml":
            left = tuple(
                f"{secret}: {path.name} names it, and it is a secret: keep a copy elsewhere"
                for secret in _secret_files(content, path)
            )
            yield SettingsFile(name, path, content, left)
        else:
            yield SettingsFile(name, path, content)


def _without_secrets(path: Path) -> SettingsFile:
    """Return .env with the values of its secrets taken out, so that one sees what to fill in."""
    kept: list[str] = []
    left: list[str] = []
    for line, name, value in env_file.lines(path):
        if name and env_file.is_secret(name, value):
            kept.append(f"# {name}=  ({LEFT})")
            left.append(f"{name} of {path.name}: it is a secret, fill it in after a restore")
        else:
            kept.append(line)
            if value and env_file.names_a_file(name):
                left.append(f"{value}: {name} of {path.name} names it; keep a copy elsewhere")
    return SettingsFile(".env", path, ("\n".join(kept) + "\n").encode(), tuple(left))


def _secret_files(content: bytes, path: Path) -> list[str]:
    """Return every file with a secret that alerting.toml names."""
    try:
        alerting = read_alerting(content.decode(), str(path))
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{path}: not UTF-8 ({error.reason})") from None
    named: list[str] = list(alerting.secret_files)
    for receiver in alerting.receiver:
        ways: tuple[Email | Webhook, ...] = (*receiver.email, *receiver.webhook)
        for way in ways:
            named.append(way.password_file if isinstance(way, Email) else way.token_file)
        named += [robot.secret_file for robot in receiver.robot]
    return list(dict.fromkeys(filter(None, named)))
