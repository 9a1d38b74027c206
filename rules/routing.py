"""Alertmanager's configuration: who is told, what is told together, what silences what."""

from typing import Any

DESK = "desk"
"""The receiver of everything; without a webhook it shows alerts and tells nobody."""


def routing(webhook: str | None) -> dict[str, Any]:
    """alertmanager.yml as a value.

    A missing worker silences that no events come, a critical pace the warning of its year.
    """
    desk: dict[str, Any] = {"name": DESK}
    if webhook:
        desk["webhook_configs"] = [{"url": webhook, "send_resolved": True}]
    return {
        "route": {
            "receiver": DESK,
            "group_by": ["alertname", "port_area", "zone"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "1d",
            "routes": [{"matchers": ['severity="critical"'], "repeat_interval": "4h"}],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['alertname="WorkerAbsent"'],
                "target_matchers": ['alertname=~"NoEvents.*"'],
            },
            {
                "source_matchers": ['severity="critical"'],
                "target_matchers": ['severity="warning"'],
                "equal": ["alertname", "port_area", "year"],
            },
        ],
        "receivers": [desk],
    }
