"""Who is told of alerts (alerting.toml): receivers by e-mail, webhook or WeCom, and their routes.

The file is the user's own and need not be there; secrets stand in files that it names.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from contract.errors import Misconfigured
from contract.events import Code

DESK = "desk"
"""The receiver of everything that no route takes; it may be described in the file."""

Address = Annotated[str, Meta(pattern=r"^https?://[^\s]+$")]
Path = Annotated[str, Meta(min_length=1)]


class Email(Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """Letters to an address, through a mail server; Alertmanager reads the password itself."""

    to: Annotated[str, Meta(min_length=3)]
    sender: Annotated[str, Meta(min_length=3)]
    smarthost: Annotated[str, Meta(pattern=r"^[^:\s]+:\d+$")]
    username: str = ""
    password_file: str = ""
    tls: bool = True


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """A POST of Alertmanager's JSON; an address that is itself a secret stands in `url_file`."""

    url: Address | None = None
    url_file: Path | None = None
    token_file: str = ""
    """A bearer token's file; Alertmanager reads it itself."""

    def __post_init__(self) -> None:
        if (self.url is None) == (self.url_file is None):
            raise ValueError("a webhook needs url or url_file, one of them")


class WeCom(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages of a WeCom (企业微信) application to users, parties or tags, parted by `|`."""

    corp_id: Annotated[str, Meta(min_length=1)]
    agent_id: Annotated[str, Meta(min_length=1)]
    secret_file: Path
    to_user: str = ""
    to_party: str = ""
    to_tag: str = ""

    def __post_init__(self) -> None:
        if not (self.to_user or self.to_party or self.to_tag):
            raise ValueError("a WeCom receiver needs to_user, to_party or to_tag")


class Receiver(Struct, frozen=True, forbid_unknown_fields=True):
    """Someone who is told, in one language or both."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    language: Literal["zh", "en", "both"] = "both"
    resolved: bool = True
    """Is the end of an alert told too?"""
    email: tuple[Email, ...] = ()
    webhook: tuple[Webhook, ...] = ()
    wecom: tuple[WeCom, ...] = ()


class Route(Struct, frozen=True, forbid_unknown_fields=True):
    """Which alerts a receiver gets: all that is said must fit.

    The first route that fits takes an alert; with `goes_on` those behind it are tried, too.
    """

    receiver: str
    owner: Code | None = None
    target: Code | None = None
    severity: Literal["critical", "warning", "info"] | None = None
    alert: Code | None = None
    goes_on: bool = False


class Alerting(Struct, frozen=True, forbid_unknown_fields=True):
    """alerting.toml as a value."""

    receiver: tuple[Receiver, ...] = ()
    route: tuple[Route, ...] = ()
    grafana: Address | None = None
    """Where people open Grafana, for the links of a message."""
    runbook: Annotated[str, Meta(min_length=1)] = "docs/runbook.md"
    """Where people open the runbook."""

    @property
    def secret_files(self) -> tuple[str, ...]:
        """Files whose text must stand in Alertmanager's configuration itself."""
        return tuple(dict.fromkeys(_secret_files(self.receiver)))


def read_alerting(text: str, path: str) -> Alerting:
    """Who is told, from the text of `path`.

    Raises:
        Misconfigured: `path`, the place in it, what was found and what was expected.
    """
    try:
        alerting = msgspec.toml.decode(text, type=Alerting)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{path}: {error}") from None
    except msgspec.DecodeError as error:
        raise Misconfigured(f"{path}: not TOML: {error}") from None
    names = [receiver.name for receiver in alerting.receiver]
    for name in names:
        if names.count(name) > 1:
            raise Misconfigured(f"{path}: receiver {name!r} stands {names.count(name)} times")
    for place, route in enumerate(alerting.route):
        if route.receiver not in (*names, DESK):
            known = ", ".join(sorted({*names, DESK}))
            raise Misconfigured(
                f"{path}: route[{place}]: receiver is {route.receiver!r}, expected one of {known}"
            )
    return alerting


def _secret_files(receivers: tuple[Receiver, ...]) -> Iterator[str]:
    for receiver in receivers:
        yield from (hook.url_file for hook in receiver.webhook if hook.url_file is not None)
        yield from (wecom.secret_file for wecom in receiver.wecom)
