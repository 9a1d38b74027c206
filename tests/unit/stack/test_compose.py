"""There is no container engine where tests run: what can be read off the files is checked."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from contract.settings import Settings
from dashboards.files import Grafana
from rules.files import COMPOSE
from stack.jars import KAFKA_VERSION
from stack.render import OWNED

ROOT = Path(__file__).parents[3]
FILE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
LASTING = sorted(name for name, one in SERVICES.items() if one.get("restart") == "unless-stopped")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

each_service = pytest.mark.parametrize("name", sorted(SERVICES))
each_lasting = pytest.mark.parametrize("name", LASTING)


def _mounts(name: str) -> list[list[str]]:
    """Source, target and mode of each volume; a variable's default stands for it."""
    volumes = SERVICES[name].get("volumes", [])
    return [re.sub(r"\$\{\w+:-(.*?)\}", r"\1", volume).split(":") for volume in volumes]


def test_the_path_is_complete() -> None:
    assert (
        sorted(["kafka", "worker", "producers", "prometheus", "alertmanager", "grafana"])
        == LASTING
    )
    assert sorted(SERVICES.keys() - set(LASTING)) == ["figures", "projects", "targets", "topics"]


@each_service
def test_every_image_is_pinned_to_a_full_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+", SERVICES[name]["image"])


@each_service
def test_only_loopback_ports_are_published(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


@each_service
def test_every_mounted_file_is_there_and_read_only(name: str) -> None:
    for source, *rest in _mounts(name):
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
            assert rest[-1] == "ro", source
            if source.startswith("./deploy/"):
                assert source.removeprefix("./").startswith(OWNED), "what it mounts is rendered"
        elif not source.startswith("/"):
            assert source in FILE["volumes"]


def test_every_volume_is_mounted() -> None:
    mounted = {source for name in SERVICES for source, *_ in _mounts(name)}
    assert set(FILE["volumes"]) <= mounted


@each_lasting
def test_everything_that_lasts_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= check.keys()


@each_service
def test_nothing_runs_as_root(name: str) -> None:
    user = SERVICES[name].get("user")
    if user is None:
        assert SERVICES[name]["image"].startswith("quaymark:")
        assert DOCKERFILE.rstrip().splitlines()[-2] == "USER quaymark"
    else:
        assert str(user).split(":")[0] not in ("0", "root")


@each_service
def test_no_password_stands_in_the_file(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|SECRET|TOKEN", variable):
            given = r"\$\{[A-Z_]+:-\}|\$\{[A-Z_]+:\+\$\{[A-Z_]+:\?\}\}"
            assert re.fullmatch(given, value), variable


@each_service
def test_services_wait_for_those_that_are_there(name: str) -> None:
    for awaited, how in SERVICES[name].get("depends_on", {}).items():
        lasts = awaited in LASTING
        assert how["condition"] == (
            "service_healthy" if lasts else "service_completed_successfully"
        )


@each_service
def test_every_setting_given_is_one(name: str) -> None:
    given = {
        key: str(value)
        for key, value in SERVICES[name].get("environment", {}).items()
        if key.startswith("QUAYMARK_")
    }
    baked = dict(re.findall(r"(QUAYMARK_[A-Z_]+)=(\S+)", DOCKERFILE))

    assert Settings.from_env({**baked, **given}).kafka in ("kafka:19092", Settings().kafka)


def test_the_worker_scales() -> None:
    worker = SERVICES["worker"]

    assert "container_name" not in worker
    assert "ports" not in worker
    assert worker["expose"] == [str(COMPOSE.worker_port)] == [str(Settings().metrics_port)]
    assert COMPOSE.worker_host in SERVICES  # where Prometheus looks its addresses up
    folders = [mount for mount in _mounts("worker") if not mount[0].startswith("./")]
    assert folders == [["/var/lib/quaymark"]]  # not shared: two RocksDBs can't be one folder


def test_services_know_each_other_as_the_rendered_files_say() -> None:
    assert COMPOSE.alertmanager == "alertmanager:9093"
    assert Grafana().prometheus == "http://prometheus:9090"
    assert {"prometheus", "alertmanager"} <= SERVICES.keys()
    assert ["./deploy/grafana/dashboards", Grafana().dashboards, "ro"] in _mounts("grafana")


def test_clients_inside_and_outside_are_told_addresses_they_can_reach() -> None:
    kafka = SERVICES["kafka"]["environment"]

    assert kafka["KAFKA_ADVERTISED_LISTENERS"] == ("INSIDE://kafka:19092,OUTSIDE://127.0.0.1:9092")
    assert FILE["x-quaymark"]["environment"]["QUAYMARK_KAFKA"] == "kafka:19092"
    assert SERVICES["kafka"]["ports"] == ["127.0.0.1:9092:9092"]


def test_kafka_is_of_the_version_that_the_tests_run() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


def test_the_image_is_made_in_two_stages_from_one_pinned_base() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm", bases[0])


def test_the_image_holds_every_room_and_only_what_is_let_in() -> None:
    project = msgspec.toml.decode((ROOT / "pyproject.toml").read_bytes())
    rooms = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert copied == rooms
    assert rooms <= let_in
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert source in let_in, f"{source} is copied but kept out by .dockerignore"
            assert (ROOT / source).exists()


def test_the_images_python_is_one_we_support() -> None:
    found = re.search(r"python:3\.(\d+)\.", DOCKERFILE)

    assert found is not None
    assert 11 <= int(found[1]) < 14
