"""Prometheus's and Alertmanager's own tools on what is rendered for them."""

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from rules.alerts import ALERTS
from rules.config_files import COMPOSE, Site, render
from tests.unit.promtool import promtool

CASES = Path(__file__).parents[2] / "rules"
LOCAL = Site("local")


def written(site: Site, folder: Path) -> Path:
    for path, text in render(site).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def sound(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a tool that found no fault."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("site", [LOCAL, COMPOSE], ids=["local", "compose"])
def test_the_tools_accept_the_files_of_a_site(site: Site, tmp_path: Path) -> None:
    folder = written(site, tmp_path)

    output = sound(promtool("check", "config", folder / "prometheus/prometheus.yml"))
    assert output.count("rule files found") == 1
    sound(promtool("check", "rules", *(folder / "prometheus/rules").iterdir()))
    amtool = ["amtool", "check-config", str(folder / "alertmanager/alertmanager.yml")]
    sound(subprocess.run(amtool, capture_output=True, text=True, check=False))


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yml")), ids=lambda path: path.stem)
def test_the_rules_do_what_their_cases_say(case: Path, tmp_path: Path) -> None:
    rules = written(COMPOSE, tmp_path) / "prometheus/rules"
    shutil.copy(case, rules / f"test-{case.name}")

    sound(promtool("test", "rules", rules / f"test-{case.name}"))


def test_every_alert_has_cases_that_fire_stay_quiet_and_end() -> None:
    fires: dict[str, set[bool]] = defaultdict(set)
    ends, severities = set(), set()
    for case in CASES.glob("*.yml"):
        for test in yaml.safe_load(case.read_text(encoding="utf-8"))["tests"]:
            fired = set()  # in this test so far
            for expected in test.get("alert_rule_test", ()):
                name, alerts = expected["alertname"], expected["exp_alerts"]
                fires[name].add(bool(alerts))
                if alerts:
                    fired.add(name)
                elif name in fired:
                    ends.add(name)
                for alert in alerts:
                    severities.add((name, alert["exp_labels"]["severity"]))

    assert fires == {alert.name: {True, False} for alert in ALERTS}
    assert ends == {alert.name for alert in ALERTS}
    assert severities == {(alert.name, alert.severity) for alert in ALERTS}
