"""Whether a change concerns the installation in a folder: seen, or left to the person."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from contract.errors import StackError
from contract.settings import Settings
from stack.backfill.prometheus_api import Prometheus
from stack.processes.broker_session import own_broker
from stack.upgrade.change_list import Change, ChangeKind

KEPT = "90d"  # how far back a series is looked for: boards and rules of a quarter


class Concern(StrEnum):
    """What was found out."""

    YES = "concerns this port"
    NO = "does not concern this port"
    LOOK = "look whether it concerns you"


class ConcernFound(Struct, frozen=True):
    """A change, whether it concerns the installation, and by what one sees it."""

    change: Change
    concern: Concern
    seen: str = ""


def concern(
    change: Change, settings: Settings, environ: Mapping[str, str], now: float
) -> ConcernFound:
    """Find out whether a change concerns an installation with these settings.

    `environ` holds the environment and the .env file.
    """
    match change.kind:
        case ChangeKind.SETTING:
            used = [name for name in change.names if name in environ]
            if used:
                return ConcernFound(change, Concern.YES, f"{', '.join(used)} is set")
            return ConcernFound(change, Concern.NO, f"{', '.join(change.names)} is not set")
        case ChangeKind.SERIES:
            return _series(change, settings, now)
        case ChangeKind.LEDGER:
            return _ledger(change, settings)
        case _:
            return ConcernFound(change, Concern.LOOK)


def _series(change: Change, settings: Settings, now: float) -> ConcernFound:
    server = Prometheus(settings.prometheus)
    selector = f'{{__name__=~"{"|".join(change.names)}"}}'
    try:
        found = server.labelled_values(
            f"count by (__name__) (last_over_time({selector}[{KEPT}]))", now
        )
    except StackError:
        return ConcernFound(change, Concern.LOOK, "no Prometheus answers that could be asked")
    names = sorted(labels["__name__"] for labels, _ in found if "__name__" in labels)
    if not names:
        return ConcernFound(change, Concern.NO, f"Prometheus has no {', '.join(change.names)}")
    return ConcernFound(
        change, Concern.YES, f"Prometheus holds {', '.join(names)}; your own boards may show it"
    )


def _ledger(change: Change, settings: Settings) -> ConcernFound:
    own = own_broker(settings)
    if own is None:
        return ConcernFound(change, Concern.LOOK, f"the books are on Kafka at {settings.kafka}")
    found = [path.name for path in own.logs.glob(f"{settings.group}-*-changelog-*")]
    stores = [path.name for path in Path(settings.folder).glob("worker-*")]
    if found or stores:
        return ConcernFound(change, Concern.YES, "this folder has books")
    return ConcernFound(change, Concern.NO, "this folder has no books yet")
