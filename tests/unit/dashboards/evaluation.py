"""Expressions of the boards evaluated by promtool, on samples that a test writes by hand."""

import json
import re
from pathlib import Path
from typing import Any

from tests.unit.dashboards.conftest import VARIABLES
from tests.unit.promtool import promtool

Values = list[float]


def evaluate(
    folder: Path, expr: str, series: dict[str, str], at: str, expected: Values, **variables: str
) -> None:
    """Let promtool check the values of an expression; series have a sample an hour."""
    for name, value in (VARIABLES | variables).items():
        expr = re.sub(rf"\$\{{{name}(:pipe)?\}}|\${name}\b", value, expr)
    test: dict[str, Any] = {
        "interval": "1h",
        "input_series": [{"series": name, "values": text} for name, text in series.items()],
        "promql_expr_test": [
            {
                "expr": f"sum without (port_area, year, terminal) ({expr})",
                "eval_time": at,
                "exp_samples": [{"labels": "{}", "value": one} for one in expected],
            }
        ],
    }
    path = folder / "test.yml"
    path.write_text(json.dumps({"evaluation_interval": "1h", "tests": [test]}))
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr
