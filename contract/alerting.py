"""alerting.toml: who receives alerts and reports, by which ways, and which of them each receives.

The file belongs to the user and is optional.  It holds no secrets; it names the files that do.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from contract.errors import Misconfigured
from contract.events import Code

DEFAULT_RECEIVER = "desk"
"""The receiver of every alert that no route matches; alerting.toml may say how to reach it."""

WEB = "http://127.0.0.1:6080"
"""Where the web page answers on its own machine."""

Address = Annotated[str, Meta(pattern=r"^https?://[^\s]+$")]
Path = Annotated[str, Meta(min_length=1)]


class Email(Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """E-mail to an address through a mail server; Alertmanager reads the password file."""

    to: Annotated[str, Meta(min_length=3)]
    sender: Annotated[str, Meta(min_length=3)]
    smarthost: Annotated[str, Meta(pattern=r"^[^:\s]+:\d+$")]
    username: str = ""
    password_file: str = ""
    tls: bool = True


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """A POST of Alertmanager's JSON to `url`, or to the secret address in the file `url_file`."""

    url: Address | None = None
    url_file: Path | None = None
    token_file: str = ""
    """The file of a bearer token; Alertmanager reads it."""

    def __post_init__(self) -> None:
        if (self.url is None) == (self.url_file is None):
            raise ValueError("a webhook has url and url_file or neither, expected one of them")


class WeCom(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages of a WeCom (企业微信) application to users, parties or tags, separated by `|`."""

    corp_id: Annotated[str, Meta(min_length=1)]
    agent_id: Annotated[str, Meta(min_length=1)]
    secret_file: Path
    to_user: str = ""
    to_party: str = ""
    to_tag: str = ""

    def __post_init__(self) -> None:
        if not (self.to_user or self.to_party or self.to_tag):
            raise ValueError("a WeCom receiver needs to_user, to_party or to_tag")


class Robot(Struct, frozen=True, forbid_unknown_fields=True):
    """A robot in a group of WeCom (企业微信), DingTalk (钉钉) or Feishu (飞书).

    Its address is a secret, so that a file holds it; so is the key by which messages are signed.
    """

    kind: Literal["wecom", "dingtalk", "feishu"]
    url_file: Path
    secret_file: str = ""
    """The file of the key that signs messages; DingTalk and Feishu may ask for it."""

    def __post_init__(self) -> None:
        if self.secret_file and self.kind == "wecom":
            raise ValueError("a robot of WeCom signs nothing, expected no secret_file")


class Folder(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder into which the files of a report are copied; it is there already."""

    path: Path


ReportKindName = Literal["daily", "weekly", "monthly"]
Attachment = Literal["pdf", "xlsx", "csv", "json", "png", "html"]


class Receiver(Struct, frozen=True, forbid_unknown_fields=True):
    """A person or system that receives alerts and reports, in one language or both."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    language: Literal["zh", "en", "both"] = "both"
    resolved: bool = True
    """Whether the receiver also gets a message when an alert ends."""
    email: tuple[Email, ...] = ()
    webhook: tuple[Webhook, ...] = ()
    wecom: tuple[WeCom, ...] = ()
    robot: tuple[Robot, ...] = ()
    """They get alerts as well as reports."""
    folder: tuple[Folder, ...] = ()
    """They get reports alone."""
    reports: tuple[ReportKindName, ...] = ()
    """The kinds of reports that the receiver gets by email, robot and folder."""
    attach: tuple[Attachment, ...] = ("pdf", "xlsx")
    """The files that an e-mail has with it."""

    def __post_init__(self) -> None:
        if self.reports and not (self.email or self.robot or self.folder):
            raise ValueError("a receiver of reports needs an email, a robot or a folder")


class Route(Struct, frozen=True, forbid_unknown_fields=True):
    """Which alerts a receiver gets: those that match every field that the route sets.

    An alert goes to the first route that matches it; with `goes_on` it also goes to later ones.
    """

    receiver: str
    owner: Code | None = None
    target: Code | None = None
    severity: Literal["critical", "warning", "info"] | None = None
    alert: Code | None = None
    goes_on: bool = False


class Alerting(Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of alerting.toml."""

    receiver: tuple[Receiver, ...] = ()
    route: tuple[Route, ...] = ()
    grafana: Address | None = None
    """The address at which people open Grafana; messages link to it."""
    runbook: Annotated[str, Meta(min_length=1)] = "docs/runbook.md"
    """The address at which people open the runbook; messages link to it."""
    reports: Address | None = None
    """The address at which people open the web page; messages and boards link to it."""

    @property
    def secret_files(self) -> tuple[str, ...]:
        """Files whose text must be copied into Alertmanager's configuration."""
        return tuple(dict.fromkeys(_secret_files(self.receiver)))


def read_alerting(text: str, path: str) -> Alerting:
    """Return the receivers and routes in the text of `path`.

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
            raise Misconfigured(
                f"{path}: receiver {name!r} is there {names.count(name)} times, expected once"
            )
    for number, route in enumerate(alerting.route):
        if route.receiver not in (*names, DEFAULT_RECEIVER):
            known = ", ".join(sorted({*names, DEFAULT_RECEIVER}))
            raise Misconfigured(
                f"{path}: route[{number}]: receiver is {route.receiver!r}, expected one of {known}"
            )
    return alerting


def _secret_files(receivers: tuple[Receiver, ...]) -> Iterator[str]:
    for receiver in receivers:
        yield from (hook.url_file for hook in receiver.webhook if hook.url_file is not None)
        yield from (wecom.secret_file for wecom in receiver.wecom)
        yield from (robot.url_file for robot in receiver.robot)
