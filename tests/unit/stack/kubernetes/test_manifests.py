"""What a cluster would refuse of deploy/kubernetes, by the schemas of its APIs, is found here."""

import shutil
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.settings import PREFIX, Settings
from tests.unit.stack.kubernetes.manifests import (
    FOLDER,
    Manifest,
    configured,
    faults,
    kustomizations,
    manifest_files,
    manifests,
)

WORKER = "base/worker.yaml"
POD = ("spec", "template", "spec")
CONTAINER = (*POD, "containers", 0)

KUSTOMIZATIONS = dict(kustomizations())
PODS = [
    one
    for file in manifest_files()
    for one in manifests(file)
    if one["kind"] in ("Deployment", "StatefulSet", "CronJob")
]


def _pod(manifest: Manifest) -> dict[str, Any]:
    spec = manifest["spec"]
    found: dict[str, Any] = spec.get("jobTemplate", {}).get("spec", spec)["template"]["spec"]
    return found


@pytest.mark.parametrize("file", manifest_files())
def test_a_cluster_takes_every_manifest(file: str) -> None:
    assert [fault for one in manifests(file) for fault in faults(one)] == []


@pytest.mark.parametrize(
    ("file", "number", "place", "wrong", "said"),
    [
        (WORKER, 0, ("spec", "replicas"), "two", "spec.replicas: 'two' is not of type"),
        (WORKER, 0, (*CONTAINER, "imagee"), "x", "'imagee' was unexpected"),
        (WORKER, 0, (*CONTAINER, "ports", 0, "containerPort"), "http", "'http' is not of type"),
        (WORKER, 0, (*CONTAINER, "livenessProbe", "httpGett"), {}, "'httpGett' was unexpected"),
        (WORKER, 0, (*POD, "securityContext", "runAsNonRoot"), "yes", "'yes' is not of type"),
        (WORKER, 0, (*POD, "volumes", 0, "emptydir"), {}, "'emptydir' was unexpected"),
        (WORKER, 2, ("spec", "maxUnavailible"), 1, "'maxUnavailible' was unexpected"),
        ("base/network.yaml", 0, ("spec", "egres"), [], "'egres' was unexpected"),
        ("base/targets.yaml", 0, ("spec", "schedule"), 15, "15 is not of type 'string'"),
        ("components/prometheus/prometheus.yaml", 0, ("spec", "serviceName"), 1, "1 is not of"),
        ("components/inbox/inbox.yaml", 2, ("spec", "size"), "1Gi", "'size' was unexpected"),
        (
            "components/strimzi-kafka/kafka.yaml",
            0,
            ("spec", "roles", 0),
            "boss",
            "'boss' is not one of",
        ),
        (
            "components/strimzi-kafka/kafka.yaml",
            1,
            ("spec", "kafka", "listeners", 0, "port"),
            "tls",
            "'tls' is not of type 'integer'",
        ),
        (
            "components/strimzi/rendered/topics.yaml",
            0,
            ("spec", "partitions"),
            0,
            "0 is less than the minimum of 1",
        ),
        (
            "components/strimzi/rendered/users.yaml",
            0,
            ("spec", "authorization", "acls", 0, "operations", 0),
            "READ",
            "'READ' is not one of",
        ),
        (
            "components/prometheus-operator/rendered/pod-monitor.yaml",
            0,
            ("spec", "podMetricsEndpoints", 0, "intervall"),
            "15s",
            "'intervall' was unexpected",
        ),
        (
            "components/prometheus-operator/rendered/rules.yaml",
            0,
            ("spec", "groups", 0, "rules", 0, "exprs"),
            "1",
            "'exprs' was unexpected",
        ),
        (
            "components/grafana-operator/boards.yaml",
            0,
            ("spec", "instanceSelector"),
            None,
            "None is not of type 'object'",
        ),
    ],
)
def test_a_wrong_field_is_told_by_its_name(
    file: str, number: int, place: tuple[str | int, ...], wrong: object, said: str
) -> None:
    planted: Any = deepcopy(manifests(file)[number])
    owner = planted
    for step in place[:-1]:
        owner = owner[step]
    owner[place[-1]] = wrong

    found = faults(planted)

    assert len(found) >= 1
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=lambda folder: folder.name)
def test_a_kustomization_names_every_file_of_its_folder_and_no_other(folder: Any) -> None:
    said = KUSTOMIZATIONS[folder]
    named = [*said.get("resources", []), *configured(said)]

    assert all((folder / path).exists() for path in [*named, *said.get("components", [])])
    there = {path for path in folder.rglob("*") if path.is_file()}
    mine = {folder / path for path in named if (folder / path).is_file()}
    assert there == mine | {folder / "kustomization.yaml"}


@pytest.mark.parametrize("manifest", PODS, ids=lambda one: one["metadata"]["name"])
def test_no_pod_is_root_or_writes_to_its_root_or_knows_the_cluster(manifest: Manifest) -> None:
    pod = _pod(manifest)

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    # a service named quaymark-prometheus would set QUAYMARK_PROMETHEUS_PORT to an address
    assert pod["enableServiceLinks"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("manifest", PODS, ids=lambda one: one["metadata"]["name"])
def test_what_a_container_mounts_is_a_volume_of_its_pod(manifest: Manifest) -> None:
    pod = _pod(manifest)
    claimed = manifest["spec"].get("volumeClaimTemplates", [])
    there = [
        *(one["name"] for one in pod["volumes"]),
        *(one["metadata"]["name"] for one in claimed),
    ]

    for container in pod["containers"]:
        assert {mount["name"] for mount in container["volumeMounts"]} <= set(there)
    assert len(there) == len(set(there))


def test_every_setting_of_a_config_map_is_one() -> None:
    given: dict[str, set[str]] = {}
    for said in KUSTOMIZATIONS.values():
        for made in said.get("configMapGenerator", []):
            for literal in made.get("literals", []):
                name, _, value = literal.partition("=")
                given.setdefault(name, set()).add(value)

    assert given
    fields = {PREFIX + field.upper() for field in Settings.__struct_fields__}
    assert given.keys() <= fields


@pytest.mark.parametrize("way", ["scram", "mtls"])
def test_a_login_is_whole_for_every_pod(way: str) -> None:
    made = KUSTOMIZATIONS[FOLDER / "components" / way]["configMapGenerator"]
    literals = {one["name"]: dict(text.split("=", 1) for text in one["literals"]) for one in made}
    common = literals.pop("quaymark-settings")
    users = {
        source["configMapRef"]["name"]
        for manifest in PODS
        for container in _pod(manifest)["containers"]
        for source in container.get("envFrom", [])
    } - {"quaymark-settings"}

    if way == "scram":
        assert literals.keys() == users
    for user in users:
        environ = {**common, **literals.get(user, {})}
        Settings.from_env(environ).kafka_security.refuse_half()


def test_the_pods_of_a_user_mount_its_secret_where_the_login_looks() -> None:
    for manifest in PODS:
        pod = _pod(manifest)
        secrets = {
            volume["name"]: volume["secret"]["secretName"]
            for volume in pod["volumes"]
            if "secret" in volume
        }
        for container in pod["containers"]:
            if container["image"].startswith("quaymark:"):
                user = container["envFrom"][1]["configMapRef"]["name"]
                assert secrets["kafka-user"] == user.replace("quaymark-user-", "quaymark-")
                paths = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
                assert paths["kafka-user"] == "/etc/quaymark/kafka"
                assert paths["kafka-ca"] == "/etc/quaymark/kafka-ca"


def _built(overlay: Path) -> list[Manifest]:
    """Return what kubectl makes of an overlay."""
    line = ["kubectl", "kustomize", str(overlay)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))


@pytest.mark.needs("kubectl")
def test_by_tls_every_pod_has_the_certificates_and_every_probe_asks_by_https(
    tmp_path: Path,
) -> None:
    """All parts at once, which no port has, so that each is patched."""
    copy = tmp_path / "kubernetes"
    shutil.copytree(FOLDER, copy)
    overlay = copy / "overlays/all"
    overlay.mkdir()
    folders = sorted((path.name for path in (copy / "components").iterdir()), reverse=True)
    alone = {"http-tls", "mtls", "scram", "topics"}  # the last one, and what excludes another
    parts = [f"../../components/{name}" for name in folders if name not in alone]
    said = {"resources": ["../../base"], "components": [*parts, "../../components/http-tls"]}
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(said))

    made = _built(overlay)

    assert [fault for one in made for fault in faults(one)] == []
    serving = [one for one in made if one["kind"] in ("Deployment", "StatefulSet")]
    assert {one["metadata"]["name"] for one in serving} >= {"quaymark-worker", "quaymark-inbox"}
    for one in serving:
        [http] = [volume for volume in _pod(one)["volumes"] if volume["name"] == "http"]
        assert http["secret"]["secretName"] == "quaymark-http"
        for container in _pod(one)["containers"]:
            paths = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
            assert paths["http"] == "/etc/quaymark/http"
            if container["image"].startswith("quaymark:"):
                asked = [probe for name, probe in container.items() if name.endswith("Probe")]
                assert {probe["httpGet"]["scheme"] for probe in asked} <= {"HTTPS"}
    [page] = [one for one in serving if one["metadata"]["name"] == "quaymark-web"]
    claim = {"claimName": "quaymark-reports", "readOnly": True}
    [keeper] = [
        one
        for one in made
        if one["kind"] == "Deployment" and one["metadata"]["name"] == "quaymark-register"
    ]
    [its_own] = [one for one in _pod(keeper)["volumes"] if "persistentVolumeClaim" in one]
    assert its_own["persistentVolumeClaim"] == {"claimName": claim["claimName"]}
    assert {"name": "reports", "persistentVolumeClaim": claim} in _pod(page)["volumes"]
    [settings] = [one for one in made if one["metadata"]["name"].startswith("quaymark-settings")]
    Settings.from_env(settings["data"])
    [server] = [one for one in serving if one["metadata"]["name"] == "quaymark-prometheus"]
    [taken] = _pod(server)["volumes"][0]["configMap"]["items"]
    assert taken == {"key": "prometheus-tls.yml", "path": "prometheus.yml"}
    for one in made:
        if one["kind"] == "PodMonitor":
            assert one["spec"]["podMetricsEndpoints"][0]["scheme"] == "https"


@pytest.mark.needs("kubectl")
def test_by_certificate_strimzis_users_and_its_listener_are_of_that_kind(tmp_path: Path) -> None:
    copy = tmp_path / "kubernetes"
    shutil.copytree(FOLDER, copy)
    overlay = copy / "overlays/example/kustomization.yaml"
    overlay.write_text(overlay.read_text().replace("components/scram", "components/mtls"))

    made = _built(overlay.parent)

    assert [fault for one in made for fault in faults(one)] == []
    users = [one for one in made if one["kind"] == "KafkaUser"]
    assert {one["spec"]["authentication"]["type"] for one in users} == {"tls"}
    [kafka] = [one for one in made if one["kind"] == "Kafka"]
    [listener] = kafka["spec"]["kafka"]["listeners"]
    assert listener["authentication"] == {"type": "tls"}


@pytest.mark.needs("kubectl")
def test_the_example_is_whole_as_kubectl_puts_it_together() -> None:
    made = _built(FOLDER / "overlays/example")

    assert [fault for one in made for fault in faults(one)] == []
    config_maps = {one["metadata"]["name"] for one in made if one["kind"] == "ConfigMap"}
    used = {
        source["configMapRef"]["name"]
        for one in made
        if one["kind"] in ("Deployment", "StatefulSet", "CronJob")
        for container in _pod(one)["containers"]
        for source in container.get("envFrom", [])
    }
    assert used <= config_maps
    images = {
        container["image"]
        for one in made
        if one["kind"] in ("Deployment", "StatefulSet", "CronJob")
        for container in _pod(one)["containers"]
    }
    assert images == {"registry.example/port/quaymark:0.1.0", "prom/prometheus:v3.5.0"}
