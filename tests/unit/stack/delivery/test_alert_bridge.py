"""Alerts to group robots: who may hand them on, what is said, and what Alertmanager is told."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from prometheus_client import CollectorRegistry

from contract.alerting import Alerting, Receiver, Robot
from contract.http.access import HttpAccess
from rules.routing import Bridge as Address
from rules.routing import bridge_token, routing
from stack.delivery.alert_bridge import AlertBridge
from stack.delivery.report_server import serve
from stack.delivery.robot_messages import dingtalk_query
from tests.unit.stack.delivery.robot import LoopbackRobot

NOW, KEY = 1_700_000_000.0, "SEC0123456789"
ALERT = {
    "status": "firing",
    "labels": {"alertname": "TargetBehind", "severity": "warning"},
    "annotations": {
        "summary": "Behind",
        "summary_zh": "落后计划 <@all>",
        "description": "By 4 %.",
        "description_zh": "落后 4 %。",
    },
}
BODY = {"version": "4", "status": "firing", "alerts": [ALERT]}


@pytest.fixture
def robot() -> Iterator[LoopbackRobot]:
    with LoopbackRobot().running() as running:
        yield running


class Bridge:
    """The bridge behind its HTTP server."""

    def __init__(self, folder: Path, robot: LoopbackRobot) -> None:
        (folder / "url").write_text(robot.url)
        (folder / "key").write_text(KEY)
        one = Robot("dingtalk", str(folder / "url"), str(folder / "key"))
        self.alerting = Alerting((Receiver("duty", language="zh", robot=(one,)),))
        self.secrets = {str(folder / "url"): robot.url}
        bridge = AlertBridge(self.alerting, lambda: NOW)
        self.port = serve("127.0.0.1", 0, CollectorRegistry(), bridge, HttpAccess())

    def post(self, path: str, body: Any, token: str) -> tuple[int, str]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode().strip()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode().strip()


@pytest.fixture
def bridge(tmp_path: Path, robot: LoopbackRobot) -> Bridge:
    return Bridge(tmp_path, robot)


def test_alertmanager_is_told_the_address_and_the_token_that_the_bridge_takes(
    bridge: Bridge, robot: LoopbackRobot
) -> None:
    config = routing(
        bridge.alerting, bridge.secrets, "t", Address(f"http://127.0.0.1:{bridge.port}")
    )
    (hook,) = next(one for one in config["receivers"] if one["name"] == "duty")["webhook_configs"]
    token = hook["http_config"]["authorization"]["credentials"]

    assert bridge.post(urlsplit(hook["url"]).path, BODY, token) == (200, "passed on")

    ((path, said),) = robot.came
    query = parse_qs(urlsplit(path).query)
    assert query["sign"] == parse_qs(dingtalk_query(KEY, NOW))["sign"]
    assert said["markdown"]["text"] == "**告警 (1)**\n\n落后计划 ＜@all>\n\n落后 4 %。"


def test_nobody_without_the_token_uses_a_robot(bridge: Bridge, robot: LoopbackRobot) -> None:
    assert bridge.post("/alerts/duty/1", BODY, "wrong")[0] == 401
    token = bridge_token(robot.url)
    assert bridge.post("/alerts/duty/2", BODY, token)[0] == 404
    assert bridge.post("/alerts/nobody/1", BODY, token)[0] == 404
    assert bridge.post("/other", BODY, token)[0] == 404
    assert bridge.post("/alerts/duty/1", {"alerts": 1}, token)[0] == 400
    assert robot.came == []


def test_a_refusal_is_a_502_so_that_alertmanager_counts_it_and_tries_again(
    bridge: Bridge, robot: LoopbackRobot
) -> None:
    robot.answer = {"errcode": 310000, "errmsg": "sign not match"}

    status, line = bridge.post("/alerts/duty/1", BODY, bridge_token(robot.url))

    assert status == 502
    assert line == "the robot refuses: code 310000: sign not match"


def test_an_end_and_many_alerts_are_told_as_such(bridge: Bridge, robot: LoopbackRobot) -> None:
    ended = ALERT | {"status": "resolved"}
    many = {"status": "resolved", "alerts": [ended] * 12}

    bridge.post("/alerts/duty/1", many, bridge_token(robot.url))

    said = robot.came[0][1]["markdown"]["text"]
    assert said.startswith("**已恢复 (12)**")
    assert "已恢复: 落后计划" in said
    assert said.endswith("另有 2 条。")
