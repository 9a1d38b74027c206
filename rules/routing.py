"""Alertmanager's configuration: receivers, grouping of alerts, and which alert inhibits which."""

import hashlib
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from contract.alerting import (
    DEFAULT_RECEIVER,
    Alerting,
    Email,
    Receiver,
    Robot,
    Route,
    Webhook,
    WeCom,
)

GROUP_BY = ("alertname", "owner", "target", "port_area", "zone", "run", "test")
"""Alerts with the same values of these labels are one message, of both severities.

So all late milestones of a zone come in one message.
"""
REAL = 'test=""'  # an alert that `quaymark alerts test` sends inhibits nothing
INHIBITED_WITHOUT_WORKER = "NoEvents.*|ConsumerLag|KpiStale"
GROUP_WAIT_SECONDS = 30  # a first message waits for other alerts of its group

Secrets = Mapping[str, str]
"""Path of a secret file in alerting.toml -> its text."""


class Bridge(Struct, frozen=True):
    """The process that hands alerts to group robots, which Alertmanager can't reach by itself."""

    url: str
    tls: Mapping[str, str] = {}
    """How its certificate is checked, as Alertmanager writes it."""


def routing(
    alerting: Alerting,
    secrets: Secrets,
    templates: str,
    bridge: Bridge | None = None,
    *,
    at_once: bool = False,
) -> dict[str, Any]:
    """Return the contents of alertmanager.yml; `templates` is the path of the templates.

    `bridge` is needed where a receiver has group robots.

    WorkerAbsent inhibits the alerts that follow from it.  A critical alert inhibits the warning of
    the same name about the same thing.  `at_once`, for tests, sends messages without waiting.
    """
    receivers = alerting.receiver
    if all(receiver.name != DEFAULT_RECEIVER for receiver in receivers):
        receivers = (*receivers, Receiver(DEFAULT_RECEIVER))
    return {
        "route": {
            "receiver": DEFAULT_RECEIVER,
            "group_by": list(GROUP_BY),
            "group_wait": "1s" if at_once else f"{GROUP_WAIT_SECONDS}s",
            "group_interval": "1s" if at_once else "5m",
            "repeat_interval": "1d",
            "routes": [_route(route) for route in alerting.route]
            + [{"matchers": ['severity="critical"'], "repeat_interval": "4h"}],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['alertname="WorkerAbsent"', REAL],
                "target_matchers": [f'alertname=~"{INHIBITED_WITHOUT_WORKER}"'],
            },
            {
                "source_matchers": ['severity="critical"', REAL],
                "target_matchers": ['severity="warning"'],
                "equal": ["alertname", "owner", "target", "period", "run"],
            },
        ],
        "receivers": [_receiver(receiver, secrets, bridge) for receiver in receivers],
        "templates": [templates],
    }


def _route(route: Route) -> dict[str, Any]:
    wanted = {
        "owner": route.owner,
        "target": route.target,
        "severity": route.severity,
        "alertname": route.alert,
    }
    matchers = [f'{name}="{value}"' for name, value in wanted.items() if value is not None]
    return {
        "receiver": route.receiver,
        **({"matchers": matchers} if matchers else {}),
        **({"continue": True} if route.goes_on else {}),
        **({"repeat_interval": "4h"} if route.severity == "critical" else {}),
    }


def _receiver(receiver: Receiver, secrets: Secrets, bridge: Bridge | None) -> dict[str, Any]:
    resolved = {"send_resolved": receiver.resolved}
    by = {
        "email_configs": [_email(one, receiver.language) | resolved for one in receiver.email],
        "webhook_configs": [
            *(_webhook(one, secrets) | resolved for one in receiver.webhook),
            *(
                _robot(bridge, f"/alerts/{receiver.name}/{number}", one, secrets) | resolved
                for number, one in enumerate(receiver.robot, 1)
                if bridge
            ),
        ],
        "wechat_configs": [
            _wecom(one, receiver.language, secrets) | resolved for one in receiver.wecom
        ],
    }
    return {"name": receiver.name} | {kind: configs for kind, configs in by.items() if configs}


def _email(email: Email, language: str) -> dict[str, Any]:
    by_password = {
        "auth_username": email.username,
        "auth_password_file": email.password_file,
    }
    return {
        "to": email.to,
        "from": email.sender,
        "smarthost": email.smarthost,
        "require_tls": email.tls,
        "headers": {"Subject": _template("subject", language)},
        "text": _template("text", language),
        "html": "",  # Alertmanager's default is English only and shows every annotation
        **{name: value for name, value in by_password.items() if value},
    }


def _webhook(webhook: Webhook, secrets: Secrets) -> dict[str, Any]:
    url = webhook.url or secrets[webhook.url_file or ""].strip()
    if not webhook.token_file:
        return {"url": url}
    return {
        "url": url,
        "http_config": {"authorization": {"credentials_file": webhook.token_file}},
    }


def _robot(bridge: Bridge, path: str, robot: Robot, secrets: Secrets) -> dict[str, Any]:
    by: dict[str, Any] = {"authorization": {"credentials": bridge_token(secrets[robot.url_file])}}
    if bridge.tls:
        by["tls_config"] = dict(bridge.tls)
    return {"url": f"{bridge.url}{path}", "http_config": by}


def bridge_token(secret: str) -> str:
    """Return the token by which Alertmanager proves to the bridge that it may use a robot."""
    return hashlib.sha256(f"alerts {secret.strip()}".encode()).hexdigest()


def _wecom(wecom: WeCom, language: str, secrets: Secrets) -> dict[str, Any]:
    to = {"to_user": wecom.to_user, "to_party": wecom.to_party, "to_tag": wecom.to_tag}
    return {
        "corp_id": wecom.corp_id,
        "agent_id": wecom.agent_id,
        "api_secret": secrets[wecom.secret_file].strip(),
        "message": _template("text", language),
        **{name: value for name, value in to.items() if value},
    }


def _template(part: str, language: str) -> str:
    """Return a call of a template of rules/message_templates.py with all alerts of a message."""
    return f'{{{{ template "quaymark.{part}.{language}" . }}}}'
