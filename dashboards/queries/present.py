"""Queries that show the newest value, also where a board's range ends in the future.

A panel's own time range ("last hour") counts only while the board's range is relative.  With an
absolute range, such as that of a shared link, Grafana asks at the end of the range.  So a query
that asks for one instant is written twice: for that instant, and for the newest sample.
"""

import re

from dashboards.queries.external import HEAD_TIME

NEWEST = "newest"
"""The board's hidden variable: the time of the newest sample in Unix seconds, 0 if unknown."""
NEWEST_QUERY = f"query_result(floor(max(last_over_time({HEAD_TIME}{{}}[400d]))) or vector(0))"
NEWEST_REGEX = r"/^\{\} (\d+)/"

_SELECTOR = re.compile(
    r"(?P<series>[A-Za-z_:][\w:]*\{(?:[^{}]|\$\{[^}]*\})*\}(?:\[[^]]+\])?)(?: @ end\(\))?"
)
_END = "last_over_time(vector(time())[2s:1s] @ end())"
_IS_AHEAD = (
    f"({_END} > ${NEWEST}) and on () (vector(${NEWEST}) > 0) "
    f"unless on () group(last_over_time({HEAD_TIME}{{}}[5m] @ end()))"
)
"""Whether the range ends after the newest sample.

While Prometheus scrapes itself it does not, even where Grafana has not looked for `newest` again.
"""


def at_present(expr: str) -> str:
    """Return a query of one instant, moved to the newest sample if the range ends after that.

    A curve may ask so for what holds at the end of its range (`@ end()`).
    """
    newest = _SELECTOR.sub(rf"\g<series> @ ${NEWEST}", expr).replace("time()", f"${NEWEST}")
    return f"(({expr}) unless on () ({_IS_AHEAD})) or (({newest}) and on () ({_IS_AHEAD}))"
