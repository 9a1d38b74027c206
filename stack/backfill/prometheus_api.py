"""A running Prometheus, asked: its version, its data folder, its samples; and told to forget."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

from contract.errors import StackError
from stack.http_client import page
from stack.status.exposition import Exposition

LEAST_VERSION = (2, 39)  # from here on blocks that overlap are merged without a flag
POINTS = 1000  # of one range query; Prometheus gives 11,000 at most
ASK_SECONDS = 60.0

STARTED = "process_start_time_seconds"
HEAD_MIN = "prometheus_tsdb_head_min_time_seconds"
RELOADS = "prometheus_tsdb_reloads_total"
RELOADS_FAILED = "prometheus_tsdb_reloads_failures_total"
COMPACTIONS_FAILED = "prometheus_tsdb_compactions_failed_total"
BLOCKS_LOADED = "prometheus_tsdb_blocks_loaded"


class Prometheus:
    """One server, by its address."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def version(self) -> tuple[int, int]:
        """Major, minor.

        Raises:
            StackError: no Prometheus answers there.
        """
        text = str(self._ask("status/buildinfo")["version"])
        major, minor, *_ = text.split(".")
        return int(major), int(minor)

    @property
    def flags(self) -> Mapping[str, str]:
        """Its command line: name -> value."""
        flags: dict[str, str] = self._ask("status/flags")
        return flags

    def data_folder(self) -> Path:
        """Where it keeps its blocks, as it says itself.

        Raises:
            StackError: that is a path of another machine or container.
        """
        folder = Path(self.flags["storage.tsdb.path"])
        if not folder.is_absolute() or not folder.is_dir():
            raise StackError(
                f"{self.url} keeps its data in {folder}, which is not on this machine or is "
                "relative to its working folder: name it with --data"
            )
        return folder

    def keeps_years(self) -> bool:
        """Is its retention long enough for history, by time and by size?"""
        kept, size = (self.flags[f"storage.tsdb.retention.{by}"] for by in ("time", "size"))
        return kept.endswith("y") and size in ("0B", "")

    def metric(self, name: str) -> float:
        """One of its own metrics, now.

        Raises:
            StackError: it does not answer, or has no such metric.
        """
        value = Exposition(page(f"{self.url}/metrics") or "").one(name)
        if value is None:
            raise StackError(f"{self.url}/metrics has no {name}; is that Prometheus?")
        return value

    def clock(self) -> float:
        """What time it is to the server, Unix seconds."""
        return float(self._ask("query", query="time()")["result"][1])

    def query(self, expr: str, at: float) -> dict[str, float]:
        """An instant query: name of the series, perhaps none, with its labels -> value."""
        answer = self._ask("query", query=expr, time=f"{at:.3f}")
        return {_text(one["metric"]): float(one["value"][1]) for one in answer["result"]}

    def each(self, expr: str, at: float) -> list[tuple[dict[str, str], float]]:
        """An instant query: (labels, value) of each series."""
        answer = self._ask("query", query=expr, time=f"{at:.3f}")
        return [(one["metric"], float(one["value"][1])) for one in answer["result"]]

    def first_sample(self, selector: str, since: float, until: float) -> float | None:
        """The last second before the first sample of a selector; None without any.

        Both ends count.  Names are kept apart, as many series have the same labels.
        """
        begin, end = since, until
        while True:
            step = max(1, ceil((end - begin) / POINTS))
            answer = self._ask(
                "query_range",
                query=f"count(last_over_time({selector}[{step}s]))",
                start=f"{begin + step:.3f}",
                end=f"{end + step:.3f}",
                step=str(step),
            )
            if not answer["result"]:
                return None
            begin = float(answer["result"][0]["values"][0][0]) - step
            if step == 1:
                return begin
            end = begin + step

    def forget(self, selector: str, since: float, until: float) -> None:
        """Delete a selector's samples between two instants, both included.

        Raises:
            StackError: the server was started without its admin API.
        """
        form = {"match[]": selector, "start": f"{since:.3f}", "end": f"{until:.3f}"}
        if self.flags.get("web.enable-admin-api") != "true":
            raise StackError(
                f"{self.url} has merged blocks of history into others, so samples must be deleted "
                "first: start it with --web.enable-admin-api (as `quaymark up` does)"
            )
        self._ask("admin/tsdb/delete_series", "POST", **form)

    def _ask(self, path: str, method: str = "GET", **form: str) -> Any:
        query = urllib.parse.urlencode(form)
        request = urllib.request.Request(f"{self.url}/api/v1/{path}?{query}", method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=ASK_SECONDS) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:300]
            raise StackError(f"{self.url}/api/v1/{path}: {error.code} {said}") from None
        except OSError as error:
            raise StackError(
                f"no Prometheus answers at {self.url}: {error}; `quaymark up` starts one, "
                "QUAYMARK_PROMETHEUS_PORT names another port"
            ) from None
        return json.loads(body)["data"] if body else None


def _text(metric: dict[str, str]) -> str:
    """`name{label="value"}` with sorted labels."""
    labels = ",".join(f'{k}="{v}"' for k, v in sorted(metric.items()) if k != "__name__")
    return metric.get("__name__", "") + (f"{{{labels}}}" if labels else "")
