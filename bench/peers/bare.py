"""The bare limit: aiokafka, the contract's decoder and a dict, without state or deduplication."""

import time
from collections import defaultdict

import aiokafka
import uvloop

from bench import counting, report
from bench.report import Report, Task
from contract.events import ContainerMoved
from contract.wire import decode_move


async def run(task: Task) -> Report:
    """Read every event of the topic once and sum it."""
    sums: defaultdict[counting.Key, int] = defaultdict(int)
    consumer = aiokafka.AIOKafkaConsumer(
        report.TOPIC,
        bootstrap_servers=task.bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=100,  # as the worker's setting
    )
    await consumer.start()
    seen, started, cpu = 0, 0.0, 0.0
    try:
        while seen < task.events:
            fetched = await consumer.getmany(timeout_ms=1000)
            if not started:
                started, cpu = time.perf_counter(), time.process_time()
            for records in fetched.values():
                for record in records:
                    event = decode_move(record.value)
                    if isinstance(event, ContainerMoved) and (teu := counting.hundredths(event)):
                        sums[counting.key(event)] += teu
                seen += len(records)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    finally:
        await consumer.stop()
    by_text = {counting.text(key): teu for key, teu in sums.items()}
    return Report(f"aiokafka {aiokafka.__version__}", seen, 0, seconds, cpu, by_text)


if __name__ == "__main__":
    task = report.given()
    report.write(task, uvloop.run(run(task)))
