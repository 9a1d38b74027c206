import json
import re
from typing import Any

import pytest
import yaml

from kpis.catalogue import KPIS
from kpis.kpi import hourly, recorded, total
from kpis.pipeline import PIPELINE
from rules.alerts import ALERTS
from rules.files import COMPOSE, Site, render, workers

LOCAL = Site("local", worker_port=7001, prometheus="127.0.0.1:7002", alertmanager="127.0.0.1:7003")


def read(site: Site, path: str) -> Any:
    return yaml.safe_load(render(site)[path])


def job(site: Site, name: str) -> Any:
    jobs = read(site, "prometheus/prometheus.yml")["scrape_configs"]
    return next(one for one in jobs if one["job_name"] == name)


def test_a_local_site_lists_its_workers_in_a_file_that_may_change() -> None:
    files = render(LOCAL)

    assert job(LOCAL, "quaymark")["file_sd_configs"][0]["files"] == ["targets/workers.json"]
    assert json.loads(files["prometheus/targets/workers.json"]) == [
        {"targets": ["127.0.0.1:7001"]}
    ]
    assert json.loads(workers("a:1", "b:2")) == [{"targets": ["a:1", "b:2"]}]


def test_a_local_site_keeps_to_the_ports_it_was_given() -> None:
    config = read(LOCAL, "prometheus/prometheus.yml")

    assert job(LOCAL, "prometheus")["static_configs"] == [{"targets": ["127.0.0.1:7002"]}]
    assert config["alerting"]["alertmanagers"][0]["static_configs"] == [
        {"targets": ["127.0.0.1:7003"]}
    ]


def test_in_compose_workers_are_the_addresses_behind_their_service() -> None:
    found = job(COMPOSE, "quaymark")["dns_sd_configs"][0]

    assert (found["names"], found["type"], found["port"]) == (["worker"], "A", 6066)
    assert "prometheus/targets/workers.json" not in render(COMPOSE)


def test_every_kpi_is_recorded_once_without_its_worker_and_sums_come_after_their_parts() -> None:
    groups = read(COMPOSE, "prometheus/rules/kpis.yml")["groups"]
    rules = [(rule["record"], rule["expr"]) for group in groups for rule in group["rules"]]
    names = [record for record, _ in rules]

    expected = [str(name(kpi)) for kpi in KPIS.values() for name in (recorded, hourly)]
    expected += [str(name) for kpi in KPIS.values() if (name := total(kpi))]
    assert sorted(names) == sorted(expected)
    assert dict(rules)["port:port_throughput_pace_ratio:max"] == (
        "max without (instance, job) (port_throughput_pace_ratio)"
    )
    assert dict(rules)["port:port_throughput_gate_moves:sum"] == (
        "sum without (terminal, direction) (terminal:port_throughput_gate_moves:max)"
    )
    assert names.index("terminal:port_throughput_ytd_teu:max") < names.index(
        "port:port_throughput_ytd_teu:sum"
    )
    assert len({group["name"] for group in groups}) == len(groups)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.severity}")
def test_an_alert_speaks_both_languages_and_names_the_runbook(alert: Any) -> None:
    annotations = alert.rule["annotations"]

    assert alert.severity in {"critical", "warning", "info"}
    assert annotations["runbook"] == f"docs/runbook.md#{alert.name.lower()}"
    for part in ("summary", "description"):
        assert not re.search(r"[\u4e00-\u9fff]", annotations[part])
        assert re.search(r"[\u4e00-\u9fff]", annotations[f"{part}_zh"])


def test_alerts_read_only_series_that_exist() -> None:
    known = {str(recorded(kpi)) for kpi in KPIS.values()} | {meter.name for meter in PIPELINE}
    texts = " ".join(alert.expr + " ".join(alert.rule["annotations"].values()) for alert in ALERTS)

    used = set(re.findall(r"\b(?:port:port|zone:|pipeline_)[a-z_:]+", texts))

    assert used
    assert used <= known


def test_a_webhook_is_told_of_alerts_and_of_their_end() -> None:
    quiet, told = Site("local"), Site("local", webhook="http://127.0.0.1:5001/")

    assert read(quiet, "alertmanager/alertmanager.yml")["receivers"] == [{"name": "desk"}]
    assert read(told, "alertmanager/alertmanager.yml")["receivers"] == [
        {
            "name": "desk",
            "webhook_configs": [{"url": "http://127.0.0.1:5001/", "send_resolved": True}],
        }
    ]


def test_rendering_twice_gives_the_same_bytes_and_says_who_made_them() -> None:
    assert render(COMPOSE) == render(COMPOSE)
    assert all(
        text.startswith("# Rendered by `quaymark render`") for text in render(COMPOSE).values()
    )
