"""Values in a worker's /metrics: TEU sums, every KPI, and the differences between two readings."""

from kpis.catalogue import CATALOGUE
from stack.status.exposition import lag
from tests.integration.support.workers import Running, until

YEAR_TO_DATE = "port_throughput_ytd_teu"

WHAT_IF = """
[[target]]
owner = "tonghai"
target = "annual-teu"
name = { zh = "120万标箱", en = "1.2 million TEU a year" }
measures = "port_throughput_ytd_teu"
period = "2019"
value = 1200000
"""
AS_OF_NOW = ("pace", "gap", "planned", "per_day", "forecast", "shortfall", "status", "overdue")


def teu_by_area(one: Running) -> dict[tuple[str, str], float]:
    """(area, terminal) -> TEU summed over all years; zeros are left out."""
    teu: dict[tuple[str, str], float] = {}
    for labels, value in one.samples("port_throughput_ytd_teu").items():
        named = dict(labels)
        at = named["port_area"], named["terminal"]
        teu[at] = teu.get(at, 0.0) + value
    return {at: value for at, value in teu.items() if value}


def figures(one: Running) -> dict[str, float]:
    """Return every KPI sample that does not depend on the moment of the scrape."""
    found = {}
    for line in one.get("/metrics").splitlines():
        series, _, value = line.rpartition(" ")
        family = next((f for f in CATALOGUE if series.startswith(f"{f.name}_")), None)
        if family and not any(word in series.split("{")[0] for word in AS_OF_NOW):
            found[series] = float(value)
    return found


def settled(one: Running) -> dict[str, float]:
    """Return the figures once the lag is 0 and 15 polls, 0.2 s apart, found no change."""
    last: list[dict[str, float]] = [{}]
    equal_polls = [0]

    def is_stable() -> bool:
        found = figures(one) if lag(one.get("/metrics")) == 0 else {}
        equal_polls[0] = equal_polls[0] + 1 if found and found == last[0] else 0
        last[0] = found
        return equal_polls[0] >= 15

    until("the figures no longer change", is_stable)
    return last[0]


def differing(found: dict[str, float], expected: dict[str, float]) -> list[str]:
    """Series that differ, the first few."""
    return sorted(
        f"{series}: {found.get(series)}, expected {expected.get(series)}"
        for series in found.keys() | expected.keys()
        if found.get(series) != expected.get(series)
    )[:8]
