"""Prometheus's and Alertmanager's own tools on what is rendered for them."""

import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="module")
def rule_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Name of a rule file -> its groups."""
    folder = written(COMPOSE, tmp_path_factory.mktemp("site")) / "prometheus/rules"
    return {
        file.name: yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        for file in folder.iterdir()
    }


def asked_for(groups: list[dict[str, Any]], test: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules that a test names, and those that these read; promtool evaluates no others.

    All rules at every minute of every test would take ten times as long and show the same, since
    an alert depends on no other alert.
    """
    text = json.dumps([test.get(kind) for kind in ("alert_rule_test", "promql_expr_test")])
    names: set[str] = set()
    while more := set(re.findall(r"[\w:]+", text)) - names:
        names |= more
        found = [
            rule
            for group in groups
            for rule in group["rules"]
            if (rule.get("alert") or rule["record"]) in names
        ]
        text = " ".join(rule["expr"] for rule in found)
    kept = [{**group, "rules": [r for r in group["rules"] if r in found]} for group in groups]
    return [group for group in kept if group["rules"]]


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yml")), ids=lambda path: path.stem)
def test_the_rules_do_what_their_cases_say(
    case: Path, rule_files: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    cases = yaml.safe_load(case.read_text(encoding="utf-8"))
    [rules] = cases["rule_files"]
    files = []
    for number, test in enumerate(cases["tests"]):
        cut = tmp_path / f"rules-{number}.json"
        cut.write_text(json.dumps({"groups": asked_for(rule_files[rules], test)}))
        files.append(tmp_path / f"{case.stem}-{number}.json")
        files[-1].write_text(json.dumps({**cases, "rule_files": [cut.name], "tests": [test]}))

    said = sound(promtool("test", "rules", *files))

    assert said.count("SUCCESS") == len(files) > 0


def test_a_case_is_tried_on_the_rules_that_it_names_and_what_they_read() -> None:
    groups = [
        {"name": "a", "rules": [{"record": "a:x:max", "expr": "max without (job) (x)"}]},
        {
            "name": "b",
            "rules": [
                {"record": "b:x:sum", "expr": "sum(a:x:max)"},
                {"record": "b:y:sum", "expr": "sum(y)"},
                {"alert": "Low", "expr": "b:x:sum < 1"},
            ],
        },
    ]

    def names(test: dict[str, Any]) -> list[list[str]]:
        kept = asked_for(groups, test)
        return [[r.get("alert") or r["record"] for r in group["rules"]] for group in kept]

    assert names({"alert_rule_test": [{"alertname": "Low"}]}) == [["a:x:max"], ["b:x:sum", "Low"]]
    assert names({"promql_expr_test": [{"expr": "b:y:sum > 2"}]}) == [["b:y:sum"]]


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
