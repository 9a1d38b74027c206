"""The wiring of the worker: which agent reads which topics, and what is measured."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

from faust.exceptions import ProducerSendError
from faust.sensors.prometheus import FaustMetrics, PrometheusMonitor
from faust.types import StreamT
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from archive.last_backup import read_last_backup
from broker.client_mends import REFUSALS
from broker.connection import Connection, faust_options
from contract.book import Book
from contract.settings import Settings
from contract.topics import INDICATORS, MOVES, PROJECTS, TOPICS
from streams.agents.agent_context import AgentContext
from streams.agents.dead_letters import DeadLetters
from streams.agents.kpi_agent import KPI_TOPICS, KpiAgent
from streams.agents.move_agent import MoveAgent
from streams.agents.snapshot_publisher import PUBLISH_SECONDS, SnapshotPublisher
from streams.agents.zone_agent import indicator_agent, project_agent
from streams.app_type import WorkerApp
from streams.clocks import BookClock
from streams.collector import KpiCollector
from streams.forecasts.forecaster import Forecaster
from streams.metrics import BackupCollector, Lag, OwnedCollector, WorkerMetrics
from streams.transport.batch import BatchSchema
from streams.transport.batch_consumer import BatchConsumer, BatchTransport
from streams.transport.credentials import broker_credentials
from streams.transport.outbox import Outbox

__all__ = ["Worker", "create_worker"]

SESSION_SECONDS = 8.0  # Faust's 60 would leave a killed worker's partitions idle for a minute
HEARTBEAT_SECONDS = 2.0
FORECAST_CHECK_SECONDS = 5.0
FETCH_BYTES = 2 << 20  # of a partition: 3,000 to 4,000 events, or 50,000 that were compressed
BATCHES_AHEAD = 16
REQUEST_BYTES = 4 << 20  # a dead letter holds an event of 1 MiB in base64


Work = Callable[[StreamT[Any]], Awaitable[None]]
"""The coroutine of an agent, which reads a stream."""


class Worker(NamedTuple):
    """A worker that is wired and not started."""

    app: WorkerApp
    registry: CollectorRegistry
    state: Callable[[], str]
    """Returns `starting`, `recovering`, `ready`, `waiting for Kafka`, `refused by Kafka: …`."""
    changelogs: dict[str, int]
    """Changelog topic -> partitions."""


def create_worker(settings: Settings, book: Book, clock: Callable[[], datetime]) -> Worker:
    """Wire a worker, without starting anything or connecting to Kafka."""
    app = _create_app(settings)
    prefix = settings.prefix
    registry = CollectorRegistry()
    book_clock = BookClock(clock, settings.run)
    metrics = WorkerMetrics(registry)
    dead_letters = DeadLetters(app.outbox, metrics, clock, prefix)
    publisher = SnapshotPublisher(app.outbox, prefix)
    context = AgentContext(book, publisher, dead_letters, metrics, clock)
    moves = MoveAgent(app, context)
    projects = project_agent(app, context)
    indicators = indicator_agent(app, context)
    kpis = KpiAgent(app, context, book_clock)

    for name, topics, work in (
        ("moves", (MOVES,), moves.work),
        ("projects", (PROJECTS,), projects.work),
        ("indicators", (INDICATORS,), indicators.work),
        ("kpis", KPI_TOPICS, kpis.work),
    ):
        channel = app.topic(
            *(topic.under(prefix).name for topic in topics),
            schema=BatchSchema(),
            partitions=topics[0].partitions,
        )
        app.agent(channel, name=name)(_stop_on_a_bug(app, work))
    app.timer(PUBLISH_SECONDS, name="publish")(_until_it_stops(app, moves.publish))

    def state() -> str:
        refusals = REFUSALS.current() if app.started else ()
        if refusals and not cast(BatchConsumer, app.consumer).reaches_kafka:
            return f"refused by Kafka: {refusals[-1]}"
        if app.rebalancing or app.in_recovery or not app.table_recovery.completed.is_set():
            return "recovering" if app.started else "starting"
        consumer = cast(BatchConsumer, app.consumer)
        return "ready" if consumer.reaches_kafka else "waiting for Kafka"

    if settings.forecast_minutes:
        every = timedelta(minutes=settings.forecast_minutes)
        forecaster = Forecaster(kpis.questions, metrics, clock, every)
        app.task(partial(_forecast, app, forecaster, state))

    app.monitor = PrometheusMonitor(metrics=FaustMetrics.create(registry, "faust"))
    registry.register(KpiCollector(kpis.readings))
    registry.register(
        OwnedCollector(
            lambda: _lags(app),
            moves.facts,
            lambda: _owned(app),
            lambda: state() == "ready",
            lambda: len(REFUSALS.current()),
        )
    )
    if not settings.run:
        registry.register(BackupCollector(partial(_last_backup, Path(settings.folder))))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    changelogs = {
        str(table.changelog_topic_name): table.partitions or 0 for table in app.tables.values()
    }
    return Worker(app, registry, state, changelogs)


def _stop_on_a_bug(app: WorkerApp, work: Work) -> Work:
    """Return an agent whose exceptions stop the worker; Faust would skip the batch and go on."""

    async def guarded(stream: StreamT[Any]) -> None:
        try:
            await work(stream)
        except Exception as error:  # any error: the batch must be read again
            await app.crash(error)
            raise

    return guarded


def _until_it_stops(
    app: WorkerApp, work: Callable[[], Awaitable[None]]
) -> Callable[[], Awaitable[None]]:
    """Return a timer that ignores send errors of a stopping app.

    Faust closes its producer before its timers.
    """

    async def guarded() -> None:
        try:
            await work()
        except ProducerSendError:
            if not app.should_stop:
                raise

    return guarded


async def _forecast(app: WorkerApp, forecaster: Forecaster, state: Callable[[], str]) -> None:
    """Make forecasts when they are due, until the app stops."""
    while not app.should_stop:
        if state() == "ready":
            await forecaster.check()
        await app.sleep(FORECAST_CHECK_SECONDS)


def _create_app(settings: Settings) -> WorkerApp:
    folder = Path(settings.folder, f"worker-{settings.metrics_port}")
    connection = Connection.of(settings)
    app = WorkerApp(
        settings.group,
        **faust_options(connection),
        broker_credentials=broker_credentials(connection),
        store="rocksdb://?driver=rocksdict" if settings.store == "rocksdb" else "memory://",
        datadir=folder,
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=True,
        topic_replication_factor=1,  # unused: WaitForKafka makes all, and Faust refuses -1
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_buffer_maxsize=BATCHES_AHEAD,
        consumer_max_fetch_size=FETCH_BYTES,
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=10_000,  # a topic made after the start is seen in seconds
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_commit_interval=1.0,
        producer_max_request_size=REQUEST_BYTES,
        worker_redirect_stdouts=False,
    )
    app.outbox = Outbox(app.send_now, settings.acknowledge_seconds)
    app.security = connection.security
    app.on_crash = lambda: None
    app.prefix = settings.prefix
    app.batch_topics = frozenset(
        topic.under(app.prefix).name for topic in (MOVES, PROJECTS, INDICATORS, *KPI_TOPICS)
    )
    app.fed_tables = {}
    app.transport = BatchTransport(app.conf.broker_consumer, app)
    return app


def _last_backup(data: Path) -> datetime | None:
    found = read_last_backup(data)
    return found.at if found else None


def _lags(app: WorkerApp) -> Iterator[Lag]:
    consumer = app.consumer
    if app.started and isinstance(consumer, BatchConsumer):
        for topic, partition, events in consumer.lags():
            yield Lag(topic.removeprefix(app.prefix), partition, events)


def _owned(app: WorkerApp) -> Iterator[tuple[str, int]]:
    """Yield (topic, number of its partitions on this worker), also for those with none."""
    consumer = app.consumer if app.started else None
    held = [tp.topic for tp in consumer.held()] if isinstance(consumer, BatchConsumer) else []
    for topic in TOPICS:
        if (name := topic.under(app.prefix).name) in app.batch_topics:
            yield topic.name, held.count(name)
