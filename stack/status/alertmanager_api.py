"""Alertmanager's API, version 2: an alert in, who gets it, and whether a message went out."""

import json
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

SENT = "alertmanager_notifications_total"
FAILED = "alertmanager_notifications_failed_total"


class Notified(Struct, frozen=True):
    """Messages that went out since Alertmanager started, and those that could not."""

    sent: float
    failed: float


class ReceivedBy(Struct, frozen=True):
    """An alert as Alertmanager has it: for whom, and what silences it if anything does."""

    receivers: tuple[str, ...]
    silenced_by: tuple[str, ...]


class Alertmanager:
    """One Alertmanager by its address."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def tell(
        self,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        begins: datetime,
        ends: datetime,
    ) -> None:
        """Report an alert that began and will have ended; the same again replaces it.

        Raises:
            StackError: nobody answers, or the alert is refused.
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
            said = error.read().decode(errors="replace")
            raise StackError(f"Alertmanager at {self.url} refused the alert: {said}") from None
        except OSError as error:
            raise StackError(
                f"no Alertmanager at {self.url} ({error}): `quaymark up` starts one, "
                "QUAYMARK_ALERTMANAGER_PORT names another port"
            ) from None

    def seen(self, labels: Mapping[str, str]) -> ReceivedBy | None:
        """The active alert that has these labels; None before it is there."""
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

    def notified(self) -> Notified:
        """What Alertmanager counts of its messages."""
        samples = Exposition(page(f"{self.url}/metrics") or "")
        return Notified(samples.total(SENT) or 0.0, samples.total(FAILED) or 0.0)
