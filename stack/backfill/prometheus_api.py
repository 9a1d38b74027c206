"""The HTTP API of a running Prometheus: version, flags, queries, and deleting samples."""

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

LEAST_VERSION = (2, 39)  # the first that merges overlapping blocks without a flag
POINTS = 1000  # of one range query; Prometheus returns 11,000 at most
TIMEOUT_SECONDS = 60.0

STARTED = "process_start_time_seconds"
HEAD_MIN = "prometheus_tsdb_head_min_time_seconds"
RELOADS = "prometheus_tsdb_reloads_total"
RELOADS_FAILED = "prometheus_tsdb_reloads_failures_total"
COMPACTIONS_FAILED = "prometheus_tsdb_compactions_failed_total"
BLOCKS_LOADED = "prometheus_tsdb_blocks_loaded"


class Prometheus:
    """A Prometheus server at an address."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def version(self) -> tuple[int, int]:
        """The major and minor version.

        Raises:
            StackError: no Prometheus answers there.
        """
        text = str(self._request("status/buildinfo")["version"])
        major, minor, *_ = text.split(".")
        return int(major), int(minor)

    @property
    def flags(self) -> Mapping[str, str]:
        """The flags of its command line: name -> value."""
        flags: dict[str, str] = self._request("status/flags")
        return flags

    def data_folder(self) -> Path:
        """Return the folder of its blocks, as its own flag names it.

        Raises:
            StackError: the path is one of another machine or container.
        """
        folder = Path(self.flags["storage.tsdb.path"])
        if not folder.is_absolute() or not folder.is_dir():
            raise StackError(
                f"{self.url} keeps its data in {folder}, which is not on this machine or is "
                "relative to its working folder: name it with --data"
            )
        return folder

    def keeps_years(self) -> bool:
        """Return whether it keeps samples for years, and without a limit of size."""
        kept, size = (self.flags[f"storage.tsdb.retention.{by}"] for by in ("time", "size"))
        return kept.endswith("y") and size in ("0B", "")

    def metric(self, name: str) -> float:
        """Return the value of one of its own metrics now.

        Raises:
            StackError: it does not answer, or has no such metric.
        """
        value = Exposition(page(f"{self.url}/metrics") or "").one(name)
        if value is None:
            raise StackError(
                f"{self.url}/metrics has no {name}: is the server there a Prometheus?"
            )
        return value

    def clock(self) -> float:
        """Return the time of the server's clock, in Unix seconds."""
        return float(self._request("query", query="time()")["result"][1])

    def query(self, expr: str, at: float) -> dict[str, float]:
        """Run an instant query; returns series name (may be empty) with its labels -> value."""
        answer = self._request("query", query=expr, time=f"{at:.3f}")
        return {_text(one["metric"]): float(one["value"][1]) for one in answer["result"]}

    def labelled_values(self, expr: str, at: float) -> list[tuple[dict[str, str], float]]:
        """Run an instant query; returns (labels, value) of each series."""
        answer = self._request("query", query=expr, time=f"{at:.3f}")
        return [(one["metric"], float(one["value"][1])) for one in answer["result"]]

    def first_sample(self, selector: str, since: float, until: float) -> float | None:
        """Return the last second before the first sample of a selector; None without any.

        `since` and `until` are included.  The search narrows the range a thousandfold with each
        query.  `last_over_time` keeps the names of the series, many of which have equal labels.
        """
        begin, end = since, until
        while True:
            step = max(1, ceil((end - begin) / POINTS))
            answer = self._request(
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

    def delete_samples(self, selector: str, since: float, until: float) -> None:
        """Delete the samples of a selector between two instants, both included.

        Raises:
            StackError: the server runs without its admin API.
        """
        form = {"match[]": selector, "start": f"{since:.3f}", "end": f"{until:.3f}"}
        if self.flags.get("web.enable-admin-api") != "true":
            raise StackError(
                f"{self.url} has merged blocks of history with others, so their samples must be "
                "deleted first: start it with --web.enable-admin-api (as `quaymark up` does)"
            )
        self._request("admin/tsdb/delete_series", "POST", **form)

    def snapshot(self) -> str:
        """Make a snapshot of all blocks and of the newest samples; return its folder's name.

        Raises:
            StackError: the server does not answer, or was started without its admin API.
        """
        if self.flags.get("web.enable-admin-api") != "true":
            raise StackError(
                f"{self.url} makes no snapshots: start it with --web.enable-admin-api (as "
                "`quaymark up` does)"
            )
        return str(self._request("admin/tsdb/snapshot", "POST")["name"])

    def _request(self, path: str, method: str = "GET", **form: str) -> Any:
        query = urllib.parse.urlencode(form)
        request = urllib.request.Request(f"{self.url}/api/v1/{path}?{query}", method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                body = response.read()
        except urllib.error.HTTPError as error:
            answer = error.read().decode(errors="replace")[:300]
            raise StackError(f"{self.url}/api/v1/{path}: {error.code} {answer}") from None
        except OSError as error:
            raise StackError(
                f"no Prometheus answers at {self.url}: {error}; `quaymark up` starts one, "
                "QUAYMARK_PROMETHEUS_PORT is its port"
            ) from None
        return json.loads(body)["data"] if body else None


def refuse_unsuitable(server: Prometheus) -> None:
    """Make sure that a Prometheus can hold history.

    Raises:
        StackError: it is too old, or its retention would delete history at once.
    """
    if (version := server.version) < LEAST_VERSION:
        raise StackError(
            f"{server.url} is Prometheus {version[0]}.{version[1]}; history needs "
            f"{'.'.join(map(str, LEAST_VERSION))} or newer"
        )
    if not server.keeps_years():
        raise StackError(
            f"{server.url} keeps samples for {server.flags['storage.tsdb.retention.time']} and "
            "would delete history at once: start it with --storage.tsdb.retention.time=100y"
        )


def _text(metric: dict[str, str]) -> str:
    """Return `name{label="value"}` with sorted labels."""
    labels = ",".join(f'{k}="{v}"' for k, v in sorted(metric.items()) if k != "__name__")
    return metric.get("__name__", "") + (f"{{{labels}}}" if labels else "")
