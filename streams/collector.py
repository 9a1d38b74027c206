"""KPIs as Prometheus gauges, measured at the moment of a scrape from what this worker owns now."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kpis.model.kpi import Reading

__all__ = ["KpiCollector"]


class KpiCollector(Collector):
    """Every reading there is; a series whose owner went to another worker is gone at once."""

    def __init__(self, readings: Callable[[], Iterable[Reading]]) -> None:
        self._readings = readings

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: names come with the readings, and registering must not ask for them."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge family a KPI."""
        families: dict[str, GaugeMetricFamily] = {}
        for reading in self._readings():
            name = str(reading.kpi.series)
            family = families.get(name)
            if family is None:
                family = families[name] = GaugeMetricFamily(
                    name, reading.kpi.help, labels=reading.kpi.labels
                )
            family.add_metric(reading.labels, reading.value)
        yield from families.values()
