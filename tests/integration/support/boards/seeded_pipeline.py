"""Six hours of pipeline samples of two workers, with a burst, a restart and unusual events."""

import math
import random
from collections.abc import Iterator
from datetime import datetime

from contract.errors import Reason
from contract.topics import REJECTED, TOPICS
from dashboards.queries import external
from kpis import inbox, partners, receiver, register
from kpis import pipeline as meters
from kpis.inbox import INBOX_JOB
from kpis.model.kpi import Labels, Series
from kpis.pipeline import JOB
from kpis.receiver import RECEIVER_JOB
from kpis.register import REGISTER_JOB

Key = tuple[str, Labels, Labels]
"""Series, names of its labels, their values."""
SECONDS = 6 * 3600 + 1800
STEP = 15
BURST = (3.2 * 3600, 3.0 * 3600)
"""The burst, in seconds before the end: a partner sends a whole day of events at once."""
RESTART = 1.9 * 3600
FILE_EVERY = 1800
WORKERS = ("127.0.0.1:6066", "127.0.0.1:6067")
SHARES = {
    meters.REPEATS: 0.021,
    meters.AMENDED: 0.012,
    meters.RETRACTED: 0.002,
    meters.LATE: 0.008,
}
FLAGS = {"check_digit": 0.006, "no_container_number": 0.0008, "not_an_iso_number": 0.0004}
WHY = {"not_actual": 0.03, "not_a_port_move": 0.004, "shortlanded": 0.0005}
REASONS = {
    Reason.UNKNOWN_PARTNER: 0.0012,
    Reason.NAIVE_TIME: 0.0009,
    Reason.UNKNOWN_SIZE: 0.0006,
    Reason.CONFLICT: 0.0002,
}
LATENCY = (0.02, 0.1, 0.4, 0.8, 0.97, 0.99, 1, 1, 1, 1, 1, 1)
"""Share of the batches at or below each bound, when the workers are not overloaded."""
SLOW = (0, 0, 0, 0.02, 0.1, 0.3, 0.7, 0.98, 1, 1, 1, 1)

Sample = tuple[Key, float, float]


def pipeline(now: datetime, rng: random.Random) -> Iterator[Sample]:
    """Yield (series, instant, value); each series is in time order."""
    end = now.timestamp()
    counts: dict[Key, float] = {}
    for at in (end - back for back in range(SECONDS, -1, -STEP)):
        back = end - at
        busy = BURST[0] > back > BURST[1]
        yield from _servers(at, back)
        yield from _inbox(at, back)
        yield from _receiver(at, back)
        yield from _register(at, back)
        for worker, instance in enumerate(WORKERS):
            if worker and abs(back - RESTART) < 120:
                continue  # it is down for four minutes
            if worker and 0 <= RESTART - 120 - back < STEP:
                counts = {key: n for key, n in counts.items() if instance not in key[2]}
            rate = (24 + 6 * math.sin(back / 7000)) * (7 if busy else 1) * rng.uniform(0.9, 1.1)
            for key, rise in _rises(instance, rate * STEP, busy):
                counts[key] = counts.get(key, 0.0) + rise
                yield key, at, counts[key]
            yield from _gauges(instance, worker, at, back, busy)
        yield from _partners(at)


def _rises(instance: str, events: float, busy: bool) -> Iterator[tuple[Key, float]]:
    own = {"instance": instance, "job": JOB}
    yield _key(meters.EVENTS.series, own, topic="port.moves.raw"), events
    yield _key(meters.EVENTS.series, own, topic="zone.projects.raw"), events / 900
    for meter, share in SHARES.items():
        yield _key(meter.series, own), events * share
    for flag, share in FLAGS.items():
        yield _key(meters.FLAGGED.series, own, flag=flag), events * share
    for why, share in WHY.items():
        yield _key(meters.UNCOUNTED.series, own, why=why), events * share
    for reason in Reason:
        rise = events * REASONS.get(reason, 0)
        yield _key(meters.REJECTED.series, own, reason=reason.value), rise
    bounds = (*(f"{bound:g}" for bound in meters.LATENCY.bounds), "+Inf")
    for bound, share in zip(bounds, SLOW if busy else LATENCY, strict=True):
        key = _key(meters.LATENCY.buckets, own, topic="port.moves.raw", le=bound)
        yield key, events / 40 * share
    yield _key(external.SENDS_FAILED, own), 0


def _gauges(instance: str, worker: int, at: float, back: float, busy: bool) -> Iterator[Sample]:
    own = {"instance": instance, "job": JOB}
    alone = abs(back - RESTART) < 300
    wait = 2500 * (BURST[0] - back) / 720 if busy else 3 + 2 * math.sin(back / 300)
    for topic in TOPICS:
        if topic is REJECTED:
            continue
        held = [n for n in range(topic.partitions) if n % 2 == worker or (alone and not worker)]
        yield _key(meters.OWNED.series, own, topic=topic.name), at, len(held)
        if topic.name != "port.moves.raw":
            continue
        for n in held:
            partition = {"partition": str(n)}
            lag = _key(meters.LAG.series, own, topic=topic.name, **partition)
            yield lag, at, round(wait * (1 + n / 8))
            yield _key(meters.FACTS.series, own, **partition), at, 240_000 + 9_000 * n - back / 2
    moment = {"topic": "port.moves.raw"}
    yield _key(meters.LAST_EVENT.series, own, **moment), at, at - 40
    yield _key(meters.LAST_RECEIVED.series, own, **moment), at, at - 2
    yield _key(meters.READY.series, own), at, float(not (worker and 0 < RESTART - 120 - back < 90))
    yield _key(external.MEMORY, own), at, 310e6 + 12e6 * worker
    started = at + back - (RESTART - 120 if worker and back < RESTART - 120 else 12 * 86_400)
    yield _key(external.STARTED, own), at, started
    yield _key(external.REBALANCES, own), at, 3.0 if back > RESTART else 4.0


def _servers(at: float, back: float) -> Iterator[Sample]:
    for worker, instance in enumerate(WORKERS):
        up = not (worker and abs(back - RESTART) < 120)
        yield _key(external.UP, {"instance": instance, "job": JOB}), at, float(up)
    prometheus = {"instance": "127.0.0.1:9090", "job": "prometheus"}
    yield _key(external.HEAD_SERIES, prometheus), at, 2_480
    yield _key(external.RULES_FAILED, prometheus), at, 0
    yield _key(external.ALERTS_DROPPED, prometheus), at, 0
    keys = {"owner": "tonghai", "target": "annual-teu", "period": "2026"}
    pace = {"alertname": "TargetBehind", "severity": "warning"} | keys
    late = {"alertname": "MilestoneLate", "severity": "warning", "zone": "haimen"}
    late |= {"project": "Marine cable works", "milestone": "First products"}
    for alert, days in ((pace, 37), (late, 12)):
        yield _key(external.ALERTS, alert | {"alertstate": "firing"}), at, 1
        yield _key(external.ALERTS_FOR, alert), at, at + back - days * 86_400


def _partners(at: float) -> Iterator[Sample]:
    """Three partners: one as usual, one of which more is refused than usual, one that is late."""
    own = {"instance": "127.0.0.1:6070", "job": REGISTER_JOB}
    for partner, received, refused, usual, delay in (
        ("east", 2_140, 4, 0.002, 240.0),
        ("westline", 1_830, 96, 0.011, 1_900.0),
        ("-", 610, 0, 0.0, 31_000.0),
    ):
        shares = (
            (partners.RECEIVED, received),
            (partners.ACCEPTED_SHARE, 0.98 - refused / received),
            (partners.REFUSED_SHARE, refused / received),
            (partners.USUAL_REFUSED_SHARE, usual),
            (partners.FLAGGED_SHARE, 0.006),
            (partners.REPEATED_SHARE, 0.02),
            (partners.AMENDED_SHARE, 0.012),
            (partners.LAST_RECORD, at - delay),
        )
        for meter, value in shares:
            yield _key(meter.series, own, partner=partner), at, value
        for quantile, seconds in (("0.5", delay), ("0.95", 9 * delay)):
            yield _key(partners.DELAY.series, own, partner=partner, quantile=quantile), at, seconds
        for reason, share in (("unknown_terminal", 0.75), ("naive_time", 0.25)):
            if refused:
                key = _key(partners.REFUSED_BY_REASON.series, own, partner=partner, reason=reason)
                yield key, at, refused * share


def _register(at: float, back: float) -> Iterator[Sample]:
    """A register of a year, which is read on every 20 seconds."""
    own = {"instance": "127.0.0.1:6070", "job": REGISTER_JOB}
    records = 1_402_000 + 24 * (SECONDS - back)
    for meter, value in (
        (register.LAG, 0.0),
        (register.LAST_UPDATE, at - at % 20),
        (register.RECORDS, records),
        (register.SIZE, 51.0 * records),
    ):
        yield _key(meter.series, own), at, value


def _inbox(at: float, back: float) -> Iterator[Sample]:
    """A file each half hour, which waits for a minute; one in all could not be read."""
    own = {"instance": "127.0.0.1:6068", "job": INBOX_JOB}
    waits = back % FILE_EVERY < 60
    yield _key(inbox.FILES_WAITING.series, own, why="changing"), at, float(waits)
    yield _key(inbox.OLDEST.series, own, why="changing"), at, back % FILE_EVERY if waits else 0.0
    files = (SECONDS - back) // FILE_EVERY
    for outcome, count in (("done", files), ("failed", float(back < RESTART))):
        yield _key(inbox.FILES.series, own, partner="east", outcome=outcome), at, count


def _receiver(at: float, back: float) -> Iterator[Sample]:
    """A post of two records each half hour; two in all could not be read."""
    own = {"instance": "127.0.0.1:6069", "job": RECEIVER_JOB}
    posts = (SECONDS - back) // FILE_EVERY
    for outcome, count in (("done", posts), ("refused", 2.0 * (back < RESTART))):
        yield _key(receiver.REQUESTS.series, own, partner="west", outcome=outcome), at, count
    yield (
        _key(receiver.POSTED_RECORDS.series, own, partner="west", outcome="counted"),
        at,
        2 * posts,
    )
    yield _key(meters.LAST_BACKUP.series, {"job": JOB}), at, at - at % 86_400
    yield _key(receiver.LAST_POST.series, own, partner="west"), at, at - at % FILE_EVERY


def _key(series: Series, own: dict[str, str], **labels: str) -> Key:
    named = labels | own
    return str(series), tuple(named), tuple(named.values())
