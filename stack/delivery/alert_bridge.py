"""The bridge from Alertmanager to group robots: a webhook becomes a message that a robot says."""

import hmac
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from contract.alerting import Alerting, Receiver, Robot
from rules.routing import bridge_token
from stack.delivery.delivery_error import DeliveryFault
from stack.delivery.robot_client import ask_robot
from stack.delivery.robot_messages import RobotText, text_request

ALERTS = "/alerts/"
MOST_ALERTS = 10
"""As many alerts of a message are told in full; of more the number is given."""


class WebhookAlert(Struct, frozen=True):
    """An alert in Alertmanager's webhook."""

    status: str
    labels: dict[str, str]
    annotations: dict[str, str] = {}


class WebhookBody(Struct, frozen=True):
    """Alertmanager's webhook, version 4; other fields are left aside."""

    status: str
    alerts: tuple[WebhookAlert, ...]


_decode = msgspec.json.Decoder(WebhookBody).decode
FIRING = {"zh": "告警", "en": "Alert"}
RESOLVED = {"zh": "已恢复", "en": "Resolved"}
MORE = {"zh": "另有 {count} 条。", "en": "{count} more."}


class AlertBridge:
    """Hands alerts to the robots of alerting.toml."""

    def __init__(
        self,
        alerting: Alerting,
        clock: Callable[[], float] = time.time,  # noqa: TID251  # a signature's
    ) -> None:
        self._receivers = {one.name: one for one in alerting.receiver}
        self._clock = clock

    def pass_on(self, path: str, authorization: str, body: bytes) -> tuple[int, str]:
        """Return the HTTP status and a line for a POST to /alerts/<receiver>/<number of robot>."""
        found = self._robot(path)
        if found is None:
            return 404, "no such robot in alerting.toml"
        receiver, robot = found
        try:
            url = Path(robot.url_file).read_text(encoding="utf-8").strip()
            secret = ""
            if robot.secret_file:
                secret = Path(robot.secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return 502, "a secret file of the robot can't be read"
        if not hmac.compare_digest(authorization.encode(), f"Bearer {bridge_token(url)}".encode()):
            return 401, "a token of alertmanager.yml is needed"
        try:
            said = alert_text(_decode(body), receiver)
        except msgspec.MsgspecError as error:
            return 400, f"not Alertmanager's webhook: {error}"
        try:
            ask_robot(url, text_request(robot.kind, said, secret, self._clock()))
        except DeliveryFault as fault:  # Alertmanager tries again, and counts it
            return 502, str(fault)
        return 200, "passed on"

    def _robot(self, path: str) -> tuple[Receiver, Robot] | None:
        parts = path.strip("/").split("/")
        if len(parts) != 3 or parts[0] != "alerts" or not parts[2].isdigit():
            return None
        receiver, number = self._receivers.get(parts[1]), int(parts[2])
        if receiver is None or not 1 <= number <= len(receiver.robot):
            return None
        return receiver, receiver.robot[number - 1]


def alert_text(body: WebhookBody, receiver: Receiver) -> RobotText:
    """Return what a robot says of some alerts, in the receiver's language or in both."""
    languages = ("zh", "en") if receiver.language == "both" else (receiver.language,)
    heads = RESOLVED if body.status == "resolved" else FIRING
    lines = []
    for alert in body.alerts[:MOST_ALERTS]:
        for lang in languages:
            ending = "_zh" if lang == "zh" else ""
            summary = alert.annotations.get(f"summary{ending}") or alert.labels.get(
                "alertname", ""
            )
            state = f"{RESOLVED[lang]}: " if alert.status == "resolved" else ""
            lines += [f"{state}{summary}", alert.annotations.get(f"description{ending}", "")]
    more = len(body.alerts) - MOST_ALERTS
    if more > 0:
        lines += [MORE[lang].replace("{count}", str(more)) for lang in languages]
    title = " / ".join(heads[lang] for lang in languages) + f" ({len(body.alerts)})"
    link = body.alerts[0].annotations.get("runbook_url", "") if body.alerts else ""
    web = link if link.startswith(("http://", "https://")) else ""
    return RobotText(title, tuple(line for line in lines if line), web, "runbook")
