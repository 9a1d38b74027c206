"""The compose file as read, and as Docker Compose reads it where there is one."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from msgspec import structs

from contract.settings import PREFIX, Settings
from dashboards.provisioning import GrafanaSite
from kpis.pipeline import INSTANCE
from rules.config_files import CERTIFICATES, COMPOSE, RUNS, Site, render
from stack.backfill import blocks, prometheus_api
from stack.processes import monitoring
from stack.processes.jars import KAFKA_VERSION
from stack.processes.supervisor import STORY
from stack.render import OWNED

ROOT = Path(__file__).parents[3]
FILE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
LASTING = sorted(name for name, one in SERVICES.items() if one.get("restart") == "unless-stopped")
BY_HAND = sorted(name for name, one in SERVICES.items() if one.get("profiles") == ["by-hand"])
SIMULATED = sorted(
    name for name, one in SERVICES.items() if "simulated" in one.get("profiles", ())
)
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

PROMETHEUS = SERVICES["prometheus"]
DATA = Path("/prometheus")

each_service = pytest.mark.parametrize("name", sorted(SERVICES))
each_lasting = pytest.mark.parametrize("name", LASTING)


def _mounts(name: str) -> list[list[str]]:
    """Source, target and mode of each volume; a variable's default stands for it."""
    volumes = SERVICES[name].get("volumes", [])
    given = [
        volume
        if isinstance(volume, str)
        else f"{volume['source']}:{volume['target']}{':ro' * volume['read_only']}"
        for volume in volumes
    ]
    return [re.sub(r"\$\{\w+:-(.*?)\}", r"\1", volume).split(":") for volume in given]


def test_the_path_is_complete() -> None:
    ours = ("worker", "inbox", "receive", "producers", "register", "web", "report")
    assert sorted([*ours, "kafka", "prometheus", "alertmanager", "grafana"]) == LASTING
    once = ["figures", "past-days", "projects", "targets", "topics", "year"]
    assert sorted(SERVICES.keys() - set(LASTING) - set(BY_HAND)) == once
    assert sorted(BY_HAND) == ["history", "quaymark", "story"]


@each_service
def test_what_ends_is_tried_again_only_where_nobody_waits_for_it(name: str) -> None:
    restart = SERVICES[name].get("restart", "no")

    if name in BY_HAND:
        assert restart == "no"  # somebody sees it fail
    elif name not in LASTING:
        assert restart.startswith("on-failure")


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


def test_a_token_file_that_is_not_there_is_told_and_no_folder_takes_its_place() -> None:
    [tokens] = [one for one in SERVICES["receive"]["volumes"] if isinstance(one, dict)]

    assert tokens["source"].startswith("${RECEIVE_TOKEN_FILE:-")
    assert tokens["bind"] == {"create_host_path": False}


def test_every_volume_is_mounted() -> None:
    mounted = {source for name in SERVICES for source, *_ in _mounts(name)}
    assert set(FILE["volumes"]) <= mounted


def test_without_a_profile_nothing_but_targets_and_dropped_files_is_sent() -> None:
    senders = {
        name: one["command"][3]
        for name, one in SERVICES.items()
        if one.get("command", [])[:3] == ["python", "-m", "producers"]
    }
    by_itself = {name for name in senders if not SERVICES[name].get("profiles")}

    assert by_itself == {"targets", "inbox"}
    assert senders["targets"] == "targets"
    assert SIMULATED == ["figures", "past-days", "producers", "projects", "year"]
    assert not {"producers", *BY_HAND} & {
        awaited for one in SERVICES.values() for awaited in one.get("depends_on", {})
    }


@each_service
def test_nobody_needs_a_service_of_a_profile_that_may_be_off(name: str) -> None:
    mine = set(SERVICES[name].get("profiles", ()))
    for awaited, how in SERVICES[name].get("depends_on", {}).items():
        theirs = set(SERVICES[awaited].get("profiles", ()))
        if theirs and not (mine and mine <= theirs):
            assert how["required"] is False, awaited


def test_services_that_last_are_started_again() -> None:
    assert {"kafka", "worker", "producers", "prometheus", "grafana"} <= set(LASTING)


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
    secret = re.compile("(PASSWORD|SECRET|TOKEN)(?!_FILE)")
    assert not [one for one in SERVICES[name].get("environment", {}) if secret.search(one)]


def test_an_admin_of_grafana_needs_a_password() -> None:
    given = SERVICES["grafana"]["environment"]
    text = (ROOT / "docker-compose.admin.yml").read_text(encoding="utf-8")
    admin = yaml.safe_load(text)["services"]["grafana"]["environment"]

    assert given["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert admin["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "false"
    assert admin["GF_SECURITY_ADMIN_PASSWORD"].startswith("${GRAFANA_ADMIN_PASSWORD:?")


def _config(*options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("docker") or "docker"  # it gets an environment without PATH
    line = [program, "compose", *options, "config", "--quiet"]
    return subprocess.run(line, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.needs("compose")
@pytest.mark.parametrize("profile", ["", "simulated", "by-hand", "receive"])
def test_compose_takes_the_file_as_it_stands(profile: str) -> None:
    done = _config("--profile", profile) if profile else _config()

    assert done.returncode == 0, done.stderr


BY_TLS: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.tls.yml").read_text("utf-8"))


def test_by_tls_every_server_and_whoever_asks_it_has_the_certificates() -> None:
    given = {
        PREFIX + f"HTTP_{name.upper()}": value
        for name, value in structs.asdict(CERTIFICATES).items()
        if value
    }
    listens = {name for name, one in SERVICES.items() if "access" in str(one.get("healthcheck"))}

    services = BY_TLS["services"]
    assert listens < services.keys() < SERVICES.keys()
    for name in services.keys() - {"prometheus"}:
        assert services[name]["environment"] == given
        [folder] = services[name]["volumes"]
        assert Path(CERTIFICATES.ca_file).parent == Path(folder["target"])
        assert folder["bind"] == {"create_host_path": False}
    assert services["prometheus"]["volumes"] == services["worker"]["volumes"]
    config, *rest = services["prometheus"]["command"]
    assert config == "--config.file=/etc/prometheus/prometheus-tls.yml"
    assert set(rest) < set(PROMETHEUS["command"])


@pytest.mark.needs("compose")
def test_compose_refuses_tls_without_its_files() -> None:
    files = "-f", "docker-compose.yml", "-f", "docker-compose.tls.yml"

    assert "a folder with tls.crt" in _config(*files).stderr
    assert _config(*files, HTTP_FILES="/etc/quaymark/http").returncode == 0


@pytest.mark.needs("compose")
def test_compose_refuses_an_admin_without_a_password() -> None:
    files = "-f", "docker-compose.yml", "-f", "docker-compose.admin.yml"

    assert "GRAFANA_ADMIN_PASSWORD" in _config(*files).stderr
    assert _config(*files, GRAFANA_ADMIN_PASSWORD="a long one").returncode == 0


@each_service
def test_no_default_stands_inside_another(name: str) -> None:
    # Compose evaluates the inner one always, so that a required one in it refuses the file
    assert not re.search(r"\$\{[^}]*\$\{", str(SERVICES[name]))


def test_one_service_builds_the_image_which_is_labelled_by_it() -> None:
    builders = [name for name, one in SERVICES.items() if "build" in one]

    assert builders == ["topics"]
    assert not SERVICES["topics"].get("profiles")  # so that every `up --build` builds it


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


def test_a_proxy_may_ask_for_the_web_page_by_names_that_are_given() -> None:
    names = SERVICES["web"]["environment"]["QUAYMARK_WEB_NAMES"]

    # Compose takes it from the environment or .env, and without it no name is added
    assert names == "${QUAYMARK_WEB_NAMES:-}"
    assert Settings.from_env({"QUAYMARK_WEB_NAMES": ""}).web_names == Settings().web_names


def test_the_worker_scales() -> None:
    worker = SERVICES["worker"]

    assert "container_name" not in worker
    assert "ports" not in worker
    assert worker["expose"] == [str(COMPOSE.worker_port)] == [str(Settings().metrics_port)]
    assert COMPOSE.worker_host in SERVICES  # where Prometheus looks its addresses up
    folders = [mount for mount in _mounts("worker") if not mount[0].startswith("./")]
    assert folders == []  # not shared: two RocksDBs can't be one folder; nor left behind
    assert FILE["x-quaymark"]["environment"]["QUAYMARK_WORKER_HOST"] == COMPOSE.worker_host
    assert f"{FILE['x-quaymark']['environment']['QUAYMARK_ALERTMANAGER_HOST']}:9093" == (
        COMPOSE.alertmanager
    )


def test_the_inbox_takes_files_from_a_folder_that_lasts_and_prometheus_reaches_it() -> None:
    baked = dict(re.findall(r"(QUAYMARK_[A-Z_]+)=(\S+)", DOCKERFILE))
    settings = Settings.from_env(baked)
    host, _, port = COMPOSE.inbox.partition(":")

    assert ["inbox", settings.inbox_folder] in _mounts("inbox")
    assert ["inbox", settings.inbox_folder] in _mounts("quaymark")  # for `inbox retry`
    assert host in SERVICES
    assert SERVICES["inbox"]["expose"] == [port] == [str(settings.inbox_metrics_port)]


def test_prometheus_reaches_the_register_where_it_is_kept_for_the_page_and_the_reports() -> None:
    host, _, port = COMPOSE.register.partition(":")

    assert SERVICES[host]["expose"] == [port] == [str(Settings().register_metrics_port)]
    assert SERVICES[host]["healthcheck"]["test"][-2:] == [f"127.0.0.1:{port}", "/livez"]
    [kept] = [mount for mount in _mounts(host) if mount[0] == "quaymark"]
    for reader in ("web", "report"):
        assert kept[1] in [mount[1] for mount in _mounts(reader)]


def test_services_know_each_other_as_the_rendered_files_say() -> None:
    assert COMPOSE.alertmanager == "alertmanager:9093"
    assert GrafanaSite().prometheus == "http://prometheus:9090"
    assert {"prometheus", "alertmanager"} <= SERVICES.keys()
    assert ["./deploy/grafana/dashboards", GrafanaSite().dashboards, "ro"] in _mounts("grafana")


def test_clients_inside_and_outside_get_addresses_that_they_can_reach() -> None:
    kafka = SERVICES["kafka"]["environment"]

    assert kafka["KAFKA_ADVERTISED_LISTENERS"] == ("INSIDE://kafka:19092,OUTSIDE://127.0.0.1:9092")
    assert FILE["x-quaymark"]["environment"]["QUAYMARK_KAFKA"] == "kafka:19092"
    assert SERVICES["kafka"]["ports"] == ["127.0.0.1:9092:9092"]


def test_kafka_is_of_the_version_that_the_tests_run() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


def test_the_image_is_made_in_two_stages_from_one_pinned_base_and_prometheus() -> None:
    build, server, last = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert build == last
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm", build)
    assert server == PROMETHEUS["image"]


def test_promtool_comes_from_a_prometheus_that_can_take_history_in() -> None:
    assert "COPY --from=prometheus /bin/promtool /usr/local/bin/promtool" in DOCKERFILE
    version = re.fullmatch(r"prom/prometheus:v(\d+)\.(\d+)\.\d+", PROMETHEUS["image"])
    assert version is not None
    found = int(version[1]), int(version[2])
    assert found >= max(prometheus_api.LEAST_VERSION, blocks.LEAST_VERSION)


def test_prometheus_is_started_with_the_options_of_make_up() -> None:
    ours = monitoring.prometheus("", Path("/etc/prometheus/prometheus.yml"), DATA, 9090)
    own = {f"--web.listen-address=127.0.0.1:{Settings().prometheus_port}"}  # of the image: on all

    assert set(ours.command[1:]) - own == set(PROMETHEUS["command"])
    assert PROMETHEUS["ports"] == ["127.0.0.1:9090:9090"]


def test_history_is_made_by_prometheus_s_user_on_its_own_disk_where_it_says() -> None:
    history = SERVICES["history"]

    assert history["user"] == PROMETHEUS["user"] == "65534:65534"
    assert ["prometheus", str(DATA)] in _mounts("history")
    assert ["prometheus", str(DATA)] in _mounts("prometheus")
    holders = [name for name in SERVICES if any(m[0] == "prometheus" for m in _mounts(name))]
    assert holders == [
        "history",
        "past-days",
        "prometheus",
    ]  # what else could write into its blocks
    settings = Settings.from_env(history["environment"])
    assert settings.prometheus == "http://prometheus:9090"


def test_history_waits_for_the_year_and_those_that_read_it() -> None:
    assert set(SERVICES["past-days"]["depends_on"]) == {"year", "worker", "prometheus"}
    # by hand it starts no sender, whatever profiles naming it turns on
    assert set(SERVICES["history"]["depends_on"]) == {"worker", "prometheus"}
    assert SERVICES["past-days"]["command"] == SERVICES["history"]["command"]
    assert SERVICES["history"]["command"] == ["quaymark", "history", "load", "--once-read"]
    assert "--no-live" in SERVICES["year"]["command"]  # so that it ends
    assert "year" in SERVICES["producers"]["depends_on"]
    assert "/readyz" in SERVICES["worker"]["healthcheck"]["test"][-1]


def test_live_samples_have_the_instance_that_history_writes() -> None:
    rendered = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text("utf-8"))
    local = yaml.safe_load(render(Site("local"))["prometheus/prometheus.yml"])

    for job in ("quaymark", "quaymark-run"):
        [compose], [ours] = (
            [one["metric_relabel_configs"] for one in file["scrape_configs"]
             if one["job_name"] == job] for file in (rendered, local)
        )  # fmt: skip
        assert compose == ours
        assert compose[0]["replacement"] == INSTANCE


@pytest.mark.parametrize("name", ["story", "quaymark"])
def test_what_is_started_by_hand_is_the_command_that_the_page_names(name: str) -> None:
    page = (ROOT / "docs/containers.md").read_text("utf-8")

    assert f"docker compose run --rm {name}" in page


def test_the_story_is_that_of_make_demo() -> None:
    said = [word for option in SERVICES["story"]["command"] for word in option.split("=")]

    assert said == ["python", "-m", "producers", "simulate", *STORY]


def test_runs_and_the_archive_outlive_their_containers_and_prometheus_finds_the_runs() -> None:
    baked = dict(re.findall(r"(QUAYMARK_[A-Z_]+)=(\S+)", DOCKERFILE))
    folder = baked["QUAYMARK_FOLDER"]

    assert ["quaymark", folder] in _mounts("quaymark")
    assert ["archive", f"{folder}/archive"] in _mounts("quaymark")
    assert ["quaymark", folder, "ro"] in _mounts("prometheus")
    assert f"{folder}/prometheus/{RUNS}" == COMPOSE.runs
    made = re.search(r"mkdir -p (.+) \\", DOCKERFILE)
    assert made is not None
    # else a volume is root's
    assert made[1].split() == [f"{folder}/archive", f"{folder}/inbox", COMPOSE.runs]
    assert f"chown -R quaymark {folder}" in DOCKERFILE


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
