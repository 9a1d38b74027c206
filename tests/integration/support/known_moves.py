"""Twenty thousand moves whose sums are worked by hand, and what workers show of them."""

import asyncio
from collections import Counter

from aiokafka import AIOKafkaConsumer, TopicPartition

from contract.events import ContainerMoved
from contract.snapshots import DeadLetter
from contract.topics import REJECTED
from contract.wire import decode_dead_letter
from tests.integration.support.workers import PATIENCE_SECONDS, Running, move, recent

# 20,000 moves, worked by hand: by number mod 4 the terminal is THC, THC, THE, THW and the size
# 20, 40, 20, 40 ft.  THC 5,000 x 1 + 5,000 x 2 = 15,000 TEU, THE 5,000 x 1 = 5,000,
# THW 5,000 x 2 = 10,000; all 30,000.
TERMINAL = ("THC", "THC", "THE", "THW")

SIZE = ("22G1", "45G1", "22G1", "45G1")

TEU = {"THC": 15_000.0, "THE": 5_000.0, "THW": 10_000.0}


def known_moves() -> list[ContainerMoved]:
    at = recent()
    return [move(n, TERMINAL[n % 4], SIZE[n % 4], at) for n in range(20_000)]


def handled(*workers: Running) -> dict[str, float]:
    """Terminal -> TEU over the quay, all years; two workers must not show one series."""
    teu: dict[str, float] = {}
    shown: Counter[object] = Counter()
    for one in workers:
        for labels, value in one.samples("port_throughput_ytd_teu").items():
            terminal = dict(labels)["terminal"]
            teu[terminal] = teu.get(terminal, 0.0) + value
            shown[labels] += 1
    assert not [labels for labels, times in shown.items() if times > 1]
    return {terminal: value for terminal, value in teu.items() if value}


def settled(*workers: Running) -> bool:
    """Every partition of the raw topic is held by one of the workers, and read to its end."""
    held = sum(
        one.samples("pipeline_owned_partitions").get((("topic", "port.moves.raw"),), 0)
        for one in workers
    )
    lag = sum(sum(one.samples("pipeline_lag_events").values()) for one in workers)
    return all(one.ready() for one in workers) and held == 4 and lag == 0


def dead_letters(bootstrap: str, number: int) -> list[DeadLetter]:
    async def read() -> list[DeadLetter]:
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            consumer.assign([TopicPartition(REJECTED.name, 0)])
            async with asyncio.timeout(PATIENCE_SECONDS):
                return [decode_dead_letter((await consumer.getone()).value) for _ in range(number)]
        finally:
            await consumer.stop()

    return asyncio.run(read())
