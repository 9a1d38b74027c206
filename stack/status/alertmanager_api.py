"""Alertmanager's HTTP API (version 2): post an alert, find it, and count its messages."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from contract.errors import StackError
from stack.http_client import page
from stack.status.exposition import Exposition

# alertmanager_notifications_total counts a message before its first attempt, and a message that
# fails is counted there only after minutes of attempts.
ATTEMPTS = "alertmanager_notification_requests_total"
FAILED = "alertmanager_notification_requests_failed_total"
GROUP_WAIT = re.compile(r"^  group_wait: (?:(\d+)m)?(?:(\d+)s)?$", re.MULTILINE)
DEFAULT_GROUP_WAIT_SECONDS = 30.0  # Alertmanager's own, where its configuration says nothing


class NotificationCounts(Struct, frozen=True):
    """Messages delivered, and attempts that failed, since Alertmanager started."""

    sent: float
    failed: float


class ReceivedBy(Struct, frozen=True):
    """The receivers of an active alert, and the silences and alerts that suppress it."""

    receivers: tuple[str, ...]
    silenced_by: tuple[str, ...]


class Alertmanager:
    """An Alertmanager at an address."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def post_alert(
        self,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        begins: datetime,
        ends: datetime,
    ) -> None:
        """Post an alert with its begin and end; an alert with the same labels is replaced.

        Raises:
            StackError: no Alertmanager answers, or it refuses the alert.
        """
        alert = {
            "labels": dict(labels),
            "annotations": dict(annotations),
            "startsAt": begins.isoformat(),
            "endsAt": ends.isoformat(),
        }
        request = urllib.request.Request(
            f"{self.url}/api/v2/alerts",
            json.dumps([alert]).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                request, None, 10
            ):
                pass
        except urllib.error.HTTPError as error:
            answer = error.read().decode(errors="replace")
            raise StackError(f"Alertmanager at {self.url} refused the alert: {answer}") from None
        except OSError as error:
            raise StackError(
                f"no Alertmanager at {self.url} ({error}): `quaymark up` starts one, "
                "QUAYMARK_ALERTMANAGER_PORT is its port"
            ) from None

    def find_alert(self, labels: Mapping[str, str]) -> ReceivedBy | None:
        """Return the receivers of the active alert with these labels; None if there is none."""
        filters = [("filter", f'{name}="{value}"') for name, value in labels.items()]
        found = page(f"{self.url}/api/v2/alerts?{urlencode(filters)}")
        alerts: list[Any] = json.loads(found) if found else []
        if not alerts:
            return None
        status = alerts[0]["status"]
        return ReceivedBy(
            tuple(receiver["name"] for receiver in alerts[0]["receivers"]),
            (*status["inhibitedBy"], *status["silencedBy"]),
        )

    def notifications(self) -> NotificationCounts:
        """Return what Alertmanager counts of its attempts to deliver messages."""
        samples = Exposition(page(f"{self.url}/metrics") or "")
        failed = samples.total(FAILED) or 0.0
        return NotificationCounts((samples.total(ATTEMPTS) or 0.0) - failed, failed)

    def group_wait_seconds(self) -> float:
        """Return how long a first message waits for other alerts of its group, in seconds."""
        status = json.loads(page(f"{self.url}/api/v2/status") or "{}")
        found = GROUP_WAIT.search(status.get("config", {}).get("original", ""))
        if not found:
            return DEFAULT_GROUP_WAIT_SECONDS
        return 60.0 * int(found[1] or 0) + int(found[2] or 0)
