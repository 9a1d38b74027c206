"""The rendered parts of deploy/kubernetes say what the contract, the rules and the boards say."""

import json
from datetime import UTC, datetime
from typing import Any

import yaml

from contract.alerting import WEB
from contract.book import read_book
from contract.settings import Settings
from contract.topics import MOVES, TOPICS
from dashboards.grafana.panel_frame import DATA_SOURCE
from stack.kubernetes import grafana, monitoring, strimzi
from stack.locales import languages
from streams.app import create_worker
from tests.unit.stack.kubernetes.manifests import FOLDER, ROOT, manifests
from tests.unit.stack.test_compose import DOCKERFILE, PROMETHEUS

BOOK = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")


def _of(kind: str, file: str) -> list[dict[str, Any]]:
    return [one for one in manifests(file) if one["kind"] == kind]


def test_strimzi_makes_every_topic_and_every_changelog_of_a_worker() -> None:
    worker = create_worker(Settings(), BOOK, lambda: datetime(2026, 1, 1, tzinfo=UTC))

    made = {one["metadata"]["name"]: one["spec"] for one in strimzi.topics()}

    assert worker.changelogs == strimzi.CHANGELOGS
    assert made.keys() == {topic.name for topic in TOPICS} | worker.changelogs.keys()
    assert made["port.moves.raw"]["partitions"] == 4
    assert made["port.moves.raw"]["config"]["retention.ms"] == "-1"  # kept for ever
    assert made["quaymark-ledger-changelog"]["config"]["cleanup.policy"] == "compact"
    assert {spec["replicas"] for spec in made.values()} == {3}


def test_a_worker_may_read_moves_and_not_write_them() -> None:
    [worker] = [one for one in strimzi.users() if one["metadata"]["name"] == "quaymark-worker"]
    acls = worker["spec"]["authorization"]["acls"]

    [moves] = [one for one in acls if one["resource"]["name"] == MOVES.name]
    assert moves["operations"] == ["Read"]
    [own] = [one for one in acls if one["resource"]["patternType"] == "prefix"]
    assert own["resource"] == {"type": "topic", "name": "quaymark-", "patternType": "prefix"}
    assert own["operations"] == ["Read", "Write", "Create"]


def test_every_pod_has_a_user_that_strimzi_makes() -> None:
    users = {one["metadata"]["name"] for one in strimzi.users()}

    for user in ("worker", "producer", "history", "archive", "topics"):
        assert f"quaymark-{user}" in users


def test_a_kpi_scraped_in_the_cluster_has_the_labels_of_history_and_no_pod() -> None:
    worker, *_ = monitoring.pod_monitors()
    [endpoint] = worker["spec"]["podMetricsEndpoints"]
    labels = {one["targetLabel"]: one["replacement"] for one in endpoint["metricRelabelings"]}

    assert endpoint["relabelings"] == [{"targetLabel": "job", "replacement": "quaymark"}]
    assert labels == {
        "instance": "port",
        "pod": "",
        "container": "",
        "endpoint": "",
        "namespace": "",
    }


def test_the_clusters_rules_are_those_of_the_own_prometheus() -> None:
    [operators] = _of("PrometheusRule", "components/prometheus-operator/rendered/rules.yaml")
    folder = FOLDER / "components/prometheus/rendered/rules"
    own = [
        group
        for name in ("kpis", "alerts")
        for group in yaml.safe_load((folder / f"{name}.yml").read_text("utf-8"))["groups"]
    ]

    assert operators["spec"]["groups"] == own


def test_the_own_prometheus_finds_workers_and_inbox_by_their_services() -> None:
    path = FOLDER / "components/prometheus/rendered/prometheus.yml"
    jobs = {
        one["job_name"]: one for one in yaml.safe_load(path.read_text("utf-8"))["scrape_configs"]
    }
    parts = ("inbox", "receive", "reports", "register")
    services = {
        one["metadata"]["name"]: one["spec"]["ports"][0]["port"]
        for file in ("base/worker.yaml", *(f"components/{name}/{name}.yaml" for name in parts))
        for one in _of("Service", file)
    }

    [found] = jobs["quaymark"]["dns_sd_configs"]
    assert services[found["names"][0]] == found["port"] == 6066
    [inbox] = jobs["quaymark-inbox"]["static_configs"]
    assert inbox["targets"] == [f"quaymark-inbox:{services['quaymark-inbox']}"]
    for job in ("quaymark-receiver", "quaymark-reports", "quaymark-register"):
        [found] = jobs[job]["dns_sd_configs"]
        assert services[found["names"][0]] == found["port"]


def test_history_has_the_user_and_the_folder_of_its_prometheus() -> None:
    [server] = _of("StatefulSet", "components/prometheus/prometheus.yaml")
    pod = server["spec"]["template"]["spec"]
    prometheus, history = pod["containers"]

    assert prometheus["image"] == PROMETHEUS["image"]
    assert set(prometheus["args"]) == set(PROMETHEUS["command"])
    assert f"{pod['securityContext']['runAsUser']}:65534" == PROMETHEUS["user"]
    for container in (prometheus, history):
        assert "runAsUser" not in container["securityContext"]
        assert {"name": "data", "mountPath": "/prometheus"} in container["volumeMounts"]


def test_a_pod_of_ours_has_the_user_of_the_image() -> None:
    [worker] = _of("Deployment", "base/worker.yaml")

    user = worker["spec"]["template"]["spec"]["securityContext"]["runAsUser"]
    assert f"useradd --uid {user} " in DOCKERFILE


def test_a_board_is_the_same_in_a_cluster_and_has_its_data_source() -> None:
    boards = list(grafana.board_config_maps(BOOK, languages(), WEB))
    [source] = yaml.safe_load(grafana.data_source_config_map(BOOK)["data"]["quaymark.yaml"])[
        "datasources"
    ]

    assert source["uid"] == DATA_SOURCE["uid"]
    names = {one["metadata"]["name"]: one for one in boards}
    text = names["quaymark-port-zh"]["data"]["quaymark-port-zh.json"]
    drawn = (ROOT / "deploy/grafana/dashboards/zh/port.json").read_text("utf-8")
    assert json.loads(text) == json.loads(drawn)
    # kubectl keeps the whole object in an annotation, which may have 256 KiB
    assert all(len(json.dumps(one)) < 256 << 10 for one in boards)


def test_the_operators_boards_are_those_of_the_config_maps() -> None:
    config_maps = {
        (one["metadata"]["name"], key)
        for one in grafana.board_config_maps(BOOK, languages(), WEB)
        for key in one["data"]
    }
    made = list(grafana.operator_manifests(BOOK, languages()))

    referred = {
        (one["spec"]["configMapRef"]["name"], one["spec"]["configMapRef"]["key"])
        for one in made
        if one["kind"] == "GrafanaDashboard"
    }
    assert referred == config_maps


def test_the_examples_book_is_the_book_of_this_repository() -> None:
    for name in ("quaymark.toml", "targets.toml"):
        copy = FOLDER / "overlays/example" / name
        assert copy.read_text("utf-8") == (ROOT / name).read_text("utf-8"), (
            f"copy {name} to {copy}"
        )
