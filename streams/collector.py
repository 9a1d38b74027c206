"""The collector of KPIs: at each scrape it computes them from the books of this worker."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kpis.model.kpi import Reading

__all__ = ["KpiCollector"]


class KpiCollector(Collector):
    """Exports all readings; the series of an owner on another worker disappear at once."""

    def __init__(self, readings: Callable[[], Iterable[Reading]]) -> None:
        self._readings = readings

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing: the names come with the readings, which registering must not compute."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one gauge family for each KPI."""
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
