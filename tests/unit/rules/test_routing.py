"""Which receiver gets which alert, by Alertmanager's own tools, and the text of a message."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.alerting import read_alerting
from rules.config_files import ALERTMANAGER, TEMPLATES, Site, render

ALERTING = read_alerting(
    """
    [[receiver]]
    name = "port-office"
    language = "zh"
    [[receiver.email]]
    to = "office@port.example"
    from = "quaymark@port.example"
    smarthost = "mail:587"
    username = "quaymark"
    password_file = "/run/mail.password"
    [[receiver]]
    name = "duty"
    wecom = [{ corp_id = "c", agent_id = "7", secret_file = "/run/wecom", to_party = "2" }]
    [[receiver]]
    name = "desk"
    language = "en"
    webhook = [{ url_file = "/run/hook", token_file = "/run/token" }]

    [[route]]
    receiver = "duty"
    severity = "critical"
    goes_on = true
    [[route]]
    receiver = "port-office"
    owner = "tonghai"
    target = "annual-teu"
    """,
    "alerting.toml",
)
SECRETS = {"/run/wecom": "s3cret\n", "/run/hook": "http://127.0.0.1:5001/k3y\n"}
SITE = Site("local", alerting=ALERTING, secrets=SECRETS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site")
    for path, text in render(SITE).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def amtool(*command: str | Path) -> str:
    done = subprocess.run(["amtool", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_amtool_accepts_receivers_of_every_kind(folder: Path) -> None:
    output = amtool("check-config", folder / ALERTMANAGER)

    assert "3 receivers" in output
    assert "1 templates" in output


def test_secrets_are_in_the_file_or_in_files_that_it_names() -> None:
    config = yaml.safe_load(render(SITE)[ALERTMANAGER])
    by_name = {receiver["name"]: receiver for receiver in config["receivers"]}

    assert by_name["duty"]["wechat_configs"][0]["api_secret"] == "s3cret"
    hook = by_name["desk"]["webhook_configs"][0]
    assert hook["url"] == "http://127.0.0.1:5001/k3y"
    assert hook["http_config"] == {"authorization": {"credentials_file": "/run/token"}}
    email = by_name["port-office"]["email_configs"][0]
    assert email["auth_password_file"] == "/run/mail.password"


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"alertname": "WorkerAbsent", "severity": "critical"}, "duty,desk"),
        ({"alertname": "NoEvents", "severity": "warning", "port_area": "tonghai"}, "desk"),
        (
            {"owner": "tonghai", "target": "annual-teu", "severity": "critical"},
            "duty,port-office",
        ),
        ({"owner": "tonghai", "target": "annual-teu", "severity": "warning"}, "port-office"),
        ({"owner": "haimen", "target": "annual-teu", "severity": "warning"}, "desk"),
    ],
    ids=["critical", "quiet", "target-critical", "target", "another-owner"],
)
def test_alerts_go_by_target_and_severity(
    labels: dict[str, str], receivers: str, folder: Path
) -> None:
    pairs = (f"{name}={value}" for name, value in labels.items())
    config = f"--config.file={folder / ALERTMANAGER}"

    assert amtool("config", "routes", "test", config, *pairs).strip() == receivers


def test_a_missing_worker_silences_what_follows_and_critical_its_own_warning() -> None:
    rules = yaml.safe_load(render(SITE)[ALERTMANAGER])["inhibit_rules"]

    assert rules[0] == {
        "source_matchers": ['alertname="WorkerAbsent"', 'test=""'],
        "target_matchers": ['alertname=~"NoEvents.*|ConsumerLag|KpiStale"'],
    }
    assert rules[1]["equal"] == ["alertname", "owner", "target", "period", "run"]


BEHIND = {
    "labels": {"alertname": "TargetBehind", "severity": "critical"},
    "status": "firing",
    "startsAt": "2026-10-19T16:00:00+08:00",
    "annotations": {
        "summary": "1.1 million TEU a year (2026) is behind plan",
        "summary_zh": "年吞吐量110万标箱（2026）落后计划",
        "description": "41,300 TEU behind plan.",
        "description_zh": "落后计划41,300标箱。",
        "runbook_url": "docs/runbook.md#targetbehind",
        "dashboard_url": "http://127.0.0.1:3000/d/quaymark-port-en",
        "dashboard_url_zh": "http://127.0.0.1:3000/d/quaymark-port-zh",
        "explain_url": "http://127.0.0.1:6080/explain?lang=en&since=24h",
        "explain_url_zh": "http://127.0.0.1:6080/explain?lang=zh&since=24h",
    },
}
"""An alert as Alertmanager hands it to a template."""


def message(part: str, alerts: list[dict[str, Any]], folder: Path, status: str = "firing") -> str:
    """What a template makes of a message of these alerts."""
    one = alerts[0] if len(alerts) == 1 else {"annotations": {}, "labels": alerts[0]["labels"]}
    data = {
        "receiver": "desk",
        "status": status,
        "alerts": alerts,
        "commonLabels": one["labels"],
        "commonAnnotations": one["annotations"],
        "groupLabels": {},
        "externalURL": "http://127.0.0.1:9093",
    }
    file = folder / "data.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return amtool(
        "template",
        "render",
        f"--template.glob={folder / 'alertmanager' / TEMPLATES}",
        f'--template.text={{{{ template "quaymark.{part}" . }}}}',
        f"--template.data={file}",
    )


def test_a_message_speaks_the_receivers_language(folder: Path) -> None:
    assert message("subject.zh", [BEHIND], folder) == "[严重] 年吞吐量110万标箱（2026）落后计划"
    assert message("subject.en", [BEHIND], folder) == (
        "[critical] 1.1 million TEU a year (2026) is behind plan"
    )
    text = message("text.both", [BEHIND], folder)
    assert "落后计划41,300标箱。" in text
    assert "41,300 TEU behind plan." in text
    assert "看板：http://127.0.0.1:3000/d/quaymark-port-zh" in text
    assert "What to do: docs/runbook.md#targetbehind" in text
    # however much later the message is read, it is asked as of when the alert began
    changed = "http://127.0.0.1:6080/explain?lang=en&since=24h&known=2026-10-19T08:00:00Z"
    assert f"What changed in the 24 hours before: {changed}\nWhat to do" in text


def test_the_end_of_an_alert_is_said_as_such(folder: Path) -> None:
    ended = BEHIND | {"status": "resolved"}

    assert message("subject.zh", [ended], folder, "resolved").startswith("[已恢复] ")
    assert "[resolved] 1.1 million" in message("text.en", [ended], folder, "resolved")


def test_a_message_of_many_alerts_lists_the_first_and_their_number(folder: Path) -> None:
    text = message("text.en", [BEHIND] * 25, folder)

    assert text.startswith("[critical] TargetBehind: 25")
    assert text.count("41,300 TEU behind plan.") == 20
    assert "25 alerts in all; Alertmanager shows the others" in text
