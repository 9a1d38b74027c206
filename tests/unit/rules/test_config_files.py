import json
import re
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from contract.http.access import HttpAccess
from kpis.catalogue import KPIS
from kpis.inbox import INBOX
from kpis.model.kpi import hourly, recorded, total
from kpis.partners import PARTNER_METERS
from kpis.pipeline import PIPELINE
from kpis.receiver import RECEIVER, RECEIVER_JOB
from kpis.register import REGISTER_METERS
from kpis.reporting import REPORT_METERS
from rules.alert import Links
from rules.alerts import ALERTS
from rules.config_files import CERTIFICATES, COMPOSE, Site, by_tls, render, run_targets, workers

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
def test_an_alert_speaks_both_languages_and_leads_to_runbook_and_board(alert: Any) -> None:
    rule = alert.rule(Links("http://ops:3000/", "https://wiki.example/runbook"))
    annotations = rule["annotations"]

    assert alert.severity in {"critical", "warning", "info"}
    assert rule["keep_firing_for"] == alert.keep
    assert annotations["runbook_url"] == f"https://wiki.example/runbook#{alert.name.lower()}"
    assert annotations["dashboard_url"] == f"http://ops:3000/d/quaymark-{alert.board}-en"
    assert annotations["dashboard_url_zh"] == f"http://ops:3000/d/quaymark-{alert.board}-zh"
    for part in ("summary", "description"):
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", without_units(annotations[part]))
        assert re.search(r"[\u4e00-\u9fff]", annotations[f"{part}_zh"])


def without_units(text: str) -> str:
    """A text without what it looks up."""
    return re.sub(r"\{\{.*?\}\}", "", text)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.severity}")
def test_an_alert_says_a_number(alert: Any) -> None:
    for text in (alert.text.description, alert.text.description_zh):
        assert "$value" in text or re.search(r"\b0\b|0个|为0", text)


def test_no_rule_holds_a_pace() -> None:
    paces = [alert.expr for alert in ALERTS if "pace" in alert.expr]

    assert len(paces) == 2
    for expr in paces:
        assert not re.search(r"\b0\.\d", expr)
        assert "target_warn_ratio" in expr or "target_critical_ratio" in expr


def test_alerts_read_only_series_that_exist() -> None:
    every = (recorded, hourly, total)
    names = {str(name(kpi)) for kpi in KPIS.values() for name in every if name(kpi)}
    ours = (*PIPELINE, *INBOX, *RECEIVER, *REPORT_METERS)
    meters = (*ours, *REGISTER_METERS, *PARTNER_METERS)
    known = names | {meter.name for meter in meters}
    texts = " ".join(
        alert.expr + " ".join(alert.rule(Links())["annotations"].values()) for alert in ALERTS
    )

    kpis = "port:port|target:target|zone:project"
    first = rf"{kpis}|pipeline_|inbox_|receiver_|report_|register_|partner_"
    used = set(re.findall(rf"\b(?:{first})[a-z_:]+", texts))

    assert {name.partition(":")[0] for name in used} >= {"port", "target", "zone"}
    assert used <= known


def test_in_a_trial_nothing_waits() -> None:
    trial = Site("local", at_once=True)

    assert read(trial, "prometheus/prometheus.yml")["global"]["evaluation_interval"] == "1s"
    assert read(trial, "alertmanager/alertmanager.yml")["route"]["group_wait"] == "1s"
    (group,) = read(trial, "prometheus/rules/alerts.yml")["groups"]
    assert all("for" not in rule for rule in group["rules"])


def test_the_receiver_is_scraped_where_it_runs_and_not_missed_where_it_is_off() -> None:
    def found(site: Site) -> dict[str, Any]:
        jobs = read(site, "prometheus/prometheus.yml")["scrape_configs"]
        return next((job for job in jobs if job["job_name"] == RECEIVER_JOB), {})

    assert found(Site("local")) == {}
    (here,) = found(Site("local", receiver="127.0.0.1:6069"))["static_configs"]
    assert here["targets"] == ["127.0.0.1:6069"]
    # a name that leads nowhere, as that of a service whose profile is off, is no target
    (named,) = found(COMPOSE)["dns_sd_configs"]
    assert (named["names"], named["type"], named["port"]) == (["receive"], "A", 6069)


def test_rendering_twice_gives_the_same_bytes_and_says_who_made_them() -> None:
    assert render(COMPOSE) == render(COMPOSE)
    heads = {text.partition("\n")[0] for text in render(COMPOSE).values()}
    assert all("Rendered by `quaymark render`" in head for head in heads)


def test_a_run_is_scraped_beside_the_live_books_and_its_alerts_reach_nobody() -> None:
    prometheus = read(LOCAL, "prometheus/prometheus.yml")

    jobs = {job["job_name"]: job for job in prometheus["scrape_configs"]}
    [drop] = prometheus["alerting"]["alert_relabel_configs"]

    assert jobs["quaymark-run"]["file_sd_configs"][0]["files"] == ["targets/runs/*.json"]
    assert run_targets("what-if") == "targets/runs/what-if.json"
    assert drop["action"] == "drop"
    for run, drill, is_dropped in (("", "", False), ("x", "", True), ("x", "yes", False)):
        assert bool(re.fullmatch(drop["regex"], f"{run};{drill}")) is is_dropped


def test_the_receiver_is_scraped_where_one_runs() -> None:
    def targets(site: Site) -> dict[str, object]:
        jobs = read(site, "prometheus/prometheus.yml")["scrape_configs"]
        return {job["job_name"]: job.get("static_configs") for job in jobs}

    assert "quaymark-receiver" not in targets(LOCAL)
    found = targets(Site("local", receiver="127.0.0.1:6069"))["quaymark-receiver"]
    assert found == [{"targets": ["127.0.0.1:6069"]}]


ACCESS = HttpAccess(
    ca_file="/x/ca.pem",
    client_cert_file="/x/client.pem",
    client_key_file="/x/client.key",
    token_file="/x/token",
    server_name="quaymark",
)


def test_our_servers_are_asked_as_the_settings_say_and_others_plainly() -> None:
    site = replace(LOCAL, access=ACCESS, reports="127.0.0.1:7004", receiver="127.0.0.1:7005")
    jobs = read(site, "prometheus/prometheus.yml")["scrape_configs"]

    ours = {one["job_name"] for one in jobs if "scheme" in one}
    assert ours == {one["job_name"] for one in jobs} - {"prometheus", "alertmanager"}
    for name in ours:
        assert job(site, name)["scheme"] == "https"
        assert job(site, name)["authorization"] == {"credentials_file": "/x/token"}
        assert job(site, name)["tls_config"] == {
            "ca_file": "/x/ca.pem",
            "cert_file": "/x/client.pem",
            "key_file": "/x/client.key",
            "server_name": "quaymark",
        }


def test_the_containers_certificates_are_whole_settings_and_what_prometheus_shows() -> None:
    CERTIFICATES.refuse_half()
    jobs = yaml.safe_load(by_tls(COMPOSE))["scrape_configs"]
    plain = read(COMPOSE, "prometheus/prometheus.yml")["scrape_configs"]

    added = {"scheme", "tls_config"}
    assert [{k: v for k, v in one.items() if k not in added} for one in jobs] == plain
    assert jobs[0]["tls_config"]["cert_file"] == CERTIFICATES.client_cert_file
