"""An exposition: the samples of one scrape of /metrics, read by series and labels."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families


class ExpositionSample(Struct, frozen=True):
    """One sample of a scrape."""

    series: str
    labels: Mapping[str, str]
    value: float


class Exposition:
    """All samples of one scrape."""

    def __init__(self, exposition: str) -> None:
        self._by_series: dict[str, list[ExpositionSample]] = {}
        for family in text_string_to_metric_families(exposition):
            for line in family.samples:
                sample = ExpositionSample(line.name, line.labels, line.value)
                self._by_series.setdefault(line.name, []).append(sample)

    def of(self, series: str, **labels: str) -> Iterator[ExpositionSample]:
        """Yield the samples of a series that have these labels."""
        for sample in self._by_series.get(series, ()):
            if labels.items() <= sample.labels.items():
                yield sample

    def one(self, series: str, **labels: str) -> float | None:
        """Return the value of the first sample that has these labels; None without one."""
        return next((sample.value for sample in self.of(series, **labels)), None)

    def total(self, series: str, **labels: str) -> float | None:
        """Return the sum of the samples that have these labels; None without one."""
        values = [sample.value for sample in self.of(series, **labels)]
        return sum(values) if values else None

    def values(self, series: str, label: str, **labels: str) -> list[str]:
        """Return the sorted values of a label in a series."""
        return sorted({sample.labels[label] for sample in self.of(series, **labels)})


def lag(exposition: str) -> int | None:
    """Return the worker's lag in events over all topics; None if the scrape has none."""
    lines = [line for line in exposition.splitlines() if line.startswith("pipeline_lag_events{")]
    if not lines:
        return None
    return int(sum(float(line.rpartition(" ")[2]) for line in lines))
