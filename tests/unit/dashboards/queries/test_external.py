"""What others export under the names that the boards ask for."""

from faust.sensors.prometheus import FaustMetrics
from prometheus_client import CollectorRegistry, ProcessCollector

from dashboards.queries.external import OF_THE_WORKER
from kpis.pipeline import PIPELINE
from streams.metrics import BackupCollector, Lag, OwnedCollector, WorkerMetrics


def told(registry: CollectorRegistry) -> set[str]:
    """Names of the metrics of a registry, as the client's families name them."""
    return {family.name for family in registry.collect()}


def test_the_clients_tell_of_the_process_and_of_faust() -> None:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    FaustMetrics.create(registry, "faust")

    assert {name.removesuffix("_total") for name in OF_THE_WORKER} <= told(registry)


def test_every_meter_of_the_pipeline_is_told_by_the_worker() -> None:
    registry = CollectorRegistry()
    WorkerMetrics(registry)
    registry.register(
        OwnedCollector(
            lambda: [Lag("t", 0, 1)], lambda: [(0, 1)], lambda: [("t", 1)], lambda: True, lambda: 0
        )
    )

    registry.register(BackupCollector(lambda: None))

    assert {meter.name.removesuffix("_total") for meter in PIPELINE} <= told(registry)
