"""Two workers under kills, pauses, connection resets and compaction, while events arrive.

`make storm` is the long form; the short one is a test, failures/test_kills.py.
It prints its seed and each disturbance.  At the end the workers' /metrics must equal the totals
that the traffic generator knows to be true, every bad event must be in the dead-letter topic, the
lag must be 0, and `quaymark books verify` must find the books exact.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from contract.topics import MOVES, REJECTED
from contract.wire import decode_dead_letter
from streams.__main__ import STOP_SECONDS
from tests.integration.support.bad_connection import BadLine
from tests.integration.support.changelogs import recreate_topics
from tests.integration.support.offsets import committed, ends
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.traffic import Line, Record, Traffic
from tests.integration.support.workers import HERE, Running, becomes, start_worker, until

CHUNK = 120  # events, then a pause: about 500 a second, so that a batch is always in transit
PACE_SECONDS = 0.2
SESSION_SECONDS = 8.0  # session timeout of a worker; a longer pause makes it lose its partitions
GIVE_UP_SECONDS = 10  # in the long form; shorter than the longest outage of the broker
SETTLE_SECONDS = 180.0  # on a busy machine two workers need half a minute to start
STOPS = 3  # a machine that is too busy to stop a worker in time may be calmer the next time

Say = Callable[[str], None]
SERIES = ("ytd_moves", "ytd_teu", "ytd_class_teu", "unsized_moves", "gate_moves")


class Sender:
    """Sends the chunks in order from a thread until `finish`, and retries when Kafka fails."""

    def __init__(self, bootstrap: str, traffic: Traffic) -> None:
        self._bootstrap, self._traffic = bootstrap, traffic
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send()), daemon=True)
        self._end = threading.Event()
        self._failed: BaseException | None = None
        self._producer: AIOKafkaProducer | None = None

    def start(self) -> None:
        """Start the sending thread."""
        self._thread.start()

    def finish(self) -> None:
        """Send the held-back records, and wait until Kafka has acknowledged all records."""
        self._end.set()
        self._thread.join(SETTLE_SECONDS)
        assert not self._thread.is_alive(), "the sender is stuck"
        if self._failed is not None:
            raise self._failed

    async def _send(self) -> None:
        try:
            while not self._end.is_set():
                await self._deliver(self._traffic.chunk(CHUNK))
                await asyncio.sleep(PACE_SECONDS)
            await self._deliver(self._traffic.rest())
        except BaseException as error:
            self._failed = error
            raise
        finally:
            await self._disconnect()

    async def _deliver(self, chunk: list[Record]) -> None:
        """Send a chunk until Kafka acknowledges all of it; a retry may send a part of it twice."""
        while True:
            try:
                producer = await self._connected()
                sent = [
                    await producer.send(MOVES.name, value, key=key, partition=partition)
                    for key, value, partition in chunk
                ]
                await asyncio.gather(*sent)
                return
            except (KafkaError, OSError):
                await self._disconnect()
                await asyncio.sleep(0.5)

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap, acks="all", enable_idempotence=True
            )
            await self._producer.start()
        return self._producer

    async def _disconnect(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            with contextlib.suppress(KafkaError, OSError):
                await producer.stop()


@dataclass
class Supervised:
    """A worker that is restarted when it ends by itself, as `make up` restarts it."""

    bootstrap: str
    folder: Path
    running: Running
    away_until: float = 0.0
    """Monotonic time in seconds before which it is not restarted."""
    paused_until: float = 0.0

    @property
    def alive(self) -> bool:
        return self.running.process.poll() is None


@dataclass
class Outcome:
    """The counts and times of one run."""

    seed: int
    done: Counter[str] = field(default_factory=Counter)
    """Kind of disturbance -> how often it happened."""
    gave_up: list[int] = field(default_factory=list)
    """Exit codes of workers that ended by themselves."""
    events: int = 0
    torn: int = 0
    seconds: float = 0.0
    settled_seconds: float = 0.0

    @property
    def kills(self) -> int:
        """How often workers and broker received SIGKILL or SIGSTOP."""
        return sum(times for name, times in self.done.items() if name.startswith(("kill", "paus")))

    def __str__(self) -> str:
        done = ", ".join(f"{times} x {name}" for name, times in sorted(self.done.items()))
        return (
            f"seed {self.seed}: {self.events:,} events in {self.seconds:.0f} s, "
            f"{self.kills} kills and pauses ({done}), {self.torn} connections torn, "
            f"{len(self.gave_up)} workers ended by themselves {self.gave_up or ''}; "
            f"settled in {self.settled_seconds:.0f} s, exact"
        )


class Storm:
    """Runs a broker behind a faulty connection, two workers and a sender, and disturbs them."""

    def __init__(
        self,
        seed: int,
        broker: RunningBroker,
        folder: Path,
        say: Say,
        acknowledge_seconds: int = 60,
    ) -> None:
        self._rng = random.Random(seed)
        self._acknowledge_seconds = str(acknowledge_seconds)
        self._broker, self._folder, self._print = broker, folder, say
        self._begun = time.monotonic()
        now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # a test is a door
        self._traffic = Traffic(seed, now)
        self._sender = Sender(broker.bootstrap, self._traffic)
        self._line = BadLine(broker.line_port, broker.far_port)
        self._workers: list[Supervised] = []
        self._broker_back = 0.0
        self.outcome = Outcome(seed)

    def run(self, disturbances: Iterator[str]) -> Outcome:
        """Apply the disturbances, wait until the workers have caught up, and check the totals."""
        with self._line, self._running_workers():
            until("both workers are ready", lambda: all(map(_ready, self._workers)), 120)
            self._say("both workers are ready")
            self._sender.start()
            for name in disturbances:
                self._live(self._rng.uniform(1.0, 4.0))
                self.outcome.done[name.replace("_", " ")] += 1
                getattr(self, f"_{name}")()
            self._calm()
            self._check()
        self.outcome.seconds = time.monotonic() - self._begun
        return self.outcome

    def _say(self, line: str) -> None:
        self._print(f"{time.monotonic() - self._begun:7.1f} s  {line}")

    @contextlib.contextmanager
    def _running_workers(self) -> Iterator[None]:
        bootstrap = f"127.0.0.1:{self._broker.line_port}"
        try:
            for name in ("one", "two"):
                folder = self._folder / name
                folder.mkdir(parents=True)
                started = self._start(bootstrap, folder, free_port())
                self._workers.append(Supervised(bootstrap, folder, started))
            yield
        finally:
            for worker in self._workers:
                if worker.alive:
                    worker.running.kill()

    def _start(self, bootstrap: str, folder: Path, port: int) -> Running:
        waits = self._acknowledge_seconds
        return start_worker(bootstrap, folder, port, acknowledge_seconds=waits)

    def _live(self, seconds: float) -> None:
        """Wait, and meanwhile restart and resume workers and broker when they are due."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            self._look(now)
            time.sleep(0.05)

    def _look(self, now: float) -> None:
        if self._broker_back and now >= self._broker_back:
            self._broker_back = 0.0
            self._broker.start()
            self._say("the broker is back")
        for number, worker in enumerate(self._workers, 1):
            if worker.paused_until and now >= worker.paused_until:
                worker.paused_until = 0.0
                worker.running.process.send_signal(signal.SIGCONT)
                self._say(f"worker {number} goes on")
            if worker.alive:
                continue
            if not worker.away_until:
                code = worker.running.process.returncode
                self.outcome.gave_up.append(code)
                self._say(f"worker {number} ended by itself, exit {code}")
                worker.away_until = now + 1.0
            if now >= worker.away_until:
                worker.away_until = 0.0
                worker.running = self._start(worker.bootstrap, worker.folder, worker.running.port)
                self._say(f"worker {number} is started")

    def _calm(self) -> None:
        """Undo every disturbance and wait until the workers have read everything."""
        self._say("calm")
        began = time.monotonic()
        self._line.clear()
        if not self._broker.alive:
            self._broker_back = time.monotonic()
        for worker in self._workers:
            worker.paused_until = min(worker.paused_until, began)
        self._live(0.2)
        self._sender.finish()
        self.outcome.events = self._traffic.events
        self._say(f"{self._traffic.events:,} events are sent: {dict(self._traffic.kinds)}")

        def settled() -> bool:
            self._look(time.monotonic())
            return all(map(_ready, self._workers)) and _nothing_left(self._workers)

        until("all is read", settled, SETTLE_SECONDS)
        self.outcome.settled_seconds = time.monotonic() - began
        self.outcome.torn = self._line.torn

    def _check(self) -> None:
        """Check the totals, the dead letters, the committed offsets and the audit."""
        workers = [worker.running for worker in self._workers]
        truth = self._traffic.truth()
        exact: dict[Line, object] = {}
        becomes(
            "no total differs (shown, true)", lambda: _differing(_shown(workers), truth), exact
        )
        missing = self._traffic.refused() - dead_letters(self._broker.bootstrap)
        assert not missing, f"{len(missing)} bad events are in no dead letter: {missing}"
        self._say("every total is the truth, every bad event is set aside")
        at = [f"--worker=127.0.0.1:{worker.port}" for worker in workers]
        audit = subprocess.run(
            [sys.executable, "-m", "stack", "books", "verify", *at],
            cwd=HERE,
            env={**os.environ, "QUAYMARK_KAFKA": self._broker.bootstrap},  # noqa: TID251
            capture_output=True,
            text=True,
            timeout=SETTLE_SECONDS,
            check=False,
        )
        assert audit.returncode == 0, audit.stdout + audit.stderr
        self._stop_all()
        end = ends(self._broker.bootstrap)
        assert committed(self._broker.bootstrap) == end
        self._say(f"the audit agrees; committed to the end: {end}")

    def _stop_all(self) -> None:
        """Stop the workers; where one ran into its limit, start them again and once more."""
        for _ in range(STOPS):
            stopped = [_stopped_in_time(worker.running) for worker in self._workers]
            if all(stopped):
                return
            self._say(f"a stop took more than {STOP_SECONDS:.0f} s; the workers start again")
            for worker in self._workers:
                worker.running = self._start(worker.bootstrap, worker.folder, worker.running.port)
            until(
                "all is read again",
                lambda: all(map(_ready, self._workers)) and _nothing_left(self._workers),
                SETTLE_SECONDS,
            )
        raise AssertionError(f"in {STOPS} tries not all workers stopped in {STOP_SECONDS:.0f} s")

    # The disturbances, by the names in WEIGHTS.

    def _kill_worker(self) -> None:
        self._kill(self._rng.choice(self._workers), self._rng.choice((0.0, 0.0, 12.0)))

    def _kill_both_workers(self) -> None:
        for worker in self._workers:
            self._kill(worker, self._rng.uniform(0.0, 5.0))

    def _kill(self, worker: Supervised, away_seconds: float) -> None:
        if worker.alive:
            worker.running.kill()
        worker.paused_until = 0.0
        worker.away_until = time.monotonic() + away_seconds
        self._say(f"kill -9 of worker {self._number(worker)}, away for {away_seconds:.0f} s")

    def _stop_worker(self) -> None:
        worker = self._rng.choice(self._workers)
        if worker.alive and not worker.paused_until:
            code = worker.running.stop(30)
            worker.away_until = time.monotonic() + self._rng.uniform(0.0, 4.0)
            self._say(f"worker {self._number(worker)} was stopped, exit {code}")

    def _pause_worker(self) -> None:
        worker = self._rng.choice(self._workers)
        seconds = self._rng.choice((3.0, SESSION_SECONDS + 3, SESSION_SECONDS + 6))
        if worker.alive:
            worker.running.process.send_signal(signal.SIGSTOP)
            worker.paused_until = time.monotonic() + seconds
            self._say(f"worker {self._number(worker)} is paused for {seconds:.0f} s")
            self._live(self._rng.uniform(0.0, seconds + 1))

    def _kill_broker(self) -> None:
        if self._broker.alive:
            self._broker.kill()
            self._away()

    def _stop_broker(self) -> None:
        if self._broker.alive:
            self._broker.stop()
            self._away()

    def _away(self) -> None:
        seconds = self._rng.choice((0.0, 3.0, 15.0))
        self._broker_back = time.monotonic() + seconds
        self._say(f"the broker is gone for {seconds:.0f} s")
        self._live(seconds + 0.1)

    def _pause_broker(self) -> None:
        seconds = self._rng.choice((2.0, 6.0, 12.0))
        if self._broker.alive:
            self._broker.pause()
            self._say(f"the broker is paused for {seconds:.0f} s")
            self._live(seconds)
            self._broker.resume()

    def _tear_lines(self) -> None:
        self._say("the lines are torn")
        for _ in range(self._rng.randrange(1, 6)):
            self._line.tear()
            self._live(self._rng.uniform(0.0, 0.6))

    def _slow_line(self) -> None:
        delay, rate = self._rng.choice(((0.05, 1e6), (0.3, 2e5), (1.0, 5e4)))
        self._say(f"each packet is late by {delay} s, {rate:,.0f} bytes/s")
        self._line.slow(delay, rate)
        self._live(self._rng.uniform(2.0, 8.0))
        self._line.clear()

    def _number(self, worker: Supervised) -> int:
        return self._workers.index(worker) + 1


def _stopped_in_time(worker: Running) -> bool:
    """Stop a worker; False if it ended by its own limit, as on a machine that is too busy."""
    began = time.monotonic()
    code = worker.stop()
    took = time.monotonic() - began
    in_time = code == 0
    assert in_time or (code == 1 and took >= STOP_SECONDS), (
        f"exit {code} after {took:.0f} s\n{worker.log.read_text('utf-8')[-2000:]}"
    )
    return in_time


def _ready(worker: Supervised) -> bool:
    try:
        return worker.alive and worker.running.get("/readyz") == "ready\n"
    except OSError:
        return False


def _nothing_left(workers: list[Supervised]) -> bool:
    pages = [worker.running for worker in workers]
    held = [page.samples("pipeline_owned_partitions") for page in pages]
    lag = [page.samples("pipeline_lag_events") for page in pages]
    moves = sum(page.get((("topic", MOVES.name),), 0) for page in held)
    return moves == MOVES.partitions and not any(sum(page.values()) for page in lag)


def _shown(workers: list[Running]) -> dict[Line, float]:
    """Return the samples of all workers; no series may come from two of them."""
    shown: dict[Line, float] = {}
    for worker in workers:
        for name in SERIES:
            series = f"port_throughput_{name}"
            for pairs, value in worker.samples(series).items():
                labels = dict(pairs)
                labels.pop("port_area")
                line = (series, labels.pop("terminal"), labels.pop("year"), *labels.values())
                assert line not in shown, f"{line} is shown twice"
                shown[line] = value
    return {line: value for line, value in shown.items() if value}


def _differing(shown: dict[Line, float], true: dict[Line, float]) -> dict[Line, object]:
    pairs = {line: (shown.get(line, 0.0), true.get(line, 0.0)) for line in shown.keys() | true}
    return {line: pair for line, pair in sorted(pairs.items()) if pair[0] != pair[1]}


def dead_letters(bootstrap: str) -> set[bytes]:
    """Return the values of all events in the dead-letter topic."""

    async def read() -> set[bytes]:
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            at = TopicPartition(REJECTED.name, 0)
            consumer.assign([at])
            await consumer.seek_to_beginning()
            end = (await consumer.end_offsets([at]))[at]
            found: set[bytes] = set()
            while await consumer.position(at) < end:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found |= {decode_dead_letter(record.value).value or b"" for record in records}
            return found
        finally:
            await consumer.stop()

    return asyncio.run(read())


WEIGHTS = {
    "kill_worker": 6,
    "kill_both_workers": 2,
    "pause_worker": 5,
    "stop_worker": 3,
    "kill_broker": 3,
    "pause_broker": 2,
    "stop_broker": 1,
    "tear_lines": 3,
    "slow_line": 3,
}
"""The relative frequency of each disturbance."""


def disturbances(seed: int, minutes: float) -> Iterator[str]:
    """Yield random disturbances until the time is over."""
    rng, end = random.Random(seed), time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        yield rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]


def main() -> None:
    """Run the long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", action="store_true", help="keep Kafka's folder and the logs")
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs each refused connection
    folder = Path(tempfile.mkdtemp(prefix="quaymark-kills-"))
    print(f"seed {given.seed}, in {folder}", flush=True)  # noqa: T201  # a program that prints
    broker = RunningBroker(folder / "kafka")
    broker.start()
    try:
        recreate_topics(broker.bootstrap)
        storm = Storm(given.seed, broker, folder, _print, GIVE_UP_SECONDS)
        print(storm.run(disturbances(given.seed, given.minutes)), flush=True)  # noqa: T201
    finally:
        broker.stop()
    if not given.keep:
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a program that prints


if __name__ == "__main__":
    main()
