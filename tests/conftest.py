"""What all tests have in common: how they are told, and what they need."""

import os

pytest_plugins = (
    "tests.plugins.needs",
    "tests.plugins.last_lines",
    "tests.plugins.progress",
    "tests.plugins.collector",
)

os.environ.setdefault("NO_GRAFANA", "1")  # noqa: TID251  # no `up` of a test fetches Grafana
# forecasts are small sums: more threads than one only wait for each other
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251  # read when numpy is imported
