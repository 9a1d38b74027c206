"""What robots are sent; the signatures are made by openssl, not by the program."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from stack.delivery.robot_messages import (
    RobotText,
    dingtalk_query,
    feishu_signature,
    picture_request,
    refusal,
    text_request,
)

SECRET, NOW = "SEC0123456789", 1_700_000_000.0
TEXT = RobotText("日报", ("495 标箱", "<@all> [x](http://evil) *b*"), "http://page/", "网页")


def test_dingtalk_signs_milliseconds_and_secret() -> None:
    """By: printf '1700000000000\\nSEC…' | openssl dgst -sha256 -hmac 'SEC…' -binary | base64."""
    query = parse_qs(dingtalk_query(SECRET, NOW))

    assert query == {
        "timestamp": ["1700000000000"],
        "sign": ["VloEIlTtJU6a/AGf2pud1WypXdicIlyQAOpspu6OP6s="],
    }
    assert "%2FAGf" in dingtalk_query(SECRET, NOW)


def test_feishu_signs_nothing_with_seconds_and_secret_as_the_key() -> None:
    """By openssl dgst -sha256 -mac HMAC -macopt hexkey:<'1700000000\\nSEC…'> of no bytes."""
    assert feishu_signature(SECRET, NOW) == {
        "timestamp": "1700000000",
        "sign": "ukltNRENYMvqlIpTDbO14XaB5X9Lc3nYKcFTY1Yb7Rk=",
    }


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_free_text_is_no_markup_in_any_robot(kind: Any) -> None:
    made = text_request(kind, TEXT, "", NOW)

    said = msgspec.json.encode(made.body).decode()
    assert made.query == ""
    assert "http://page/" in said
    if kind != "feishu":  # its text is plain by declaration
        assert "<@all>" not in said
        assert "[x](" not in said
    else:
        assert '"tag":"plain_text"' in said


@pytest.mark.parametrize(
    ("kind", "most"), [("wecom", 4096), ("dingtalk", 20_000), ("feishu", 20_000)]
)
def test_a_long_text_is_cut_to_what_the_robot_takes(kind: Any, most: int) -> None:
    long = RobotText("t", ("标" * 30_000,))

    body = text_request(kind, long, SECRET, NOW).body

    said = body["markdown"]["content"] if kind == "wecom" else msgspec.json.encode(body).decode()
    assert len(said.encode()) <= most
    assert "…" in said


def test_a_picture_is_sent_in_base64_with_the_digest_of_its_bytes() -> None:
    made = picture_request(b"\x89PNG")

    assert made is not None
    assert base64.b64decode(made.body["image"]["base64"]) == b"\x89PNG"
    assert made.body["image"]["md5"] == hashlib.md5(b"\x89PNG", usedforsecurity=False).hexdigest()
    assert picture_request(b"x" * 2_000_001) is None


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b'{"errcode":0,"errmsg":"ok"}', ""),
        (b'{"code":0,"msg":"success"}', ""),
        (b'{"StatusCode":0,"StatusMessage":"success"}', ""),
        (b'{"errcode":310000,"errmsg":"sign not match"}', "code 310000: sign not match"),
        (b'{"code":11232,"msg":"frequency limited"}', "code 11232: frequency limited"),
        (b"<html>", "the answer is no JSON"),
        (b"[]", "the answer is no JSON object"),
        (b"{}", "code None: "),
    ],
)
def test_http_200_with_a_code_is_a_refusal(answer: bytes, why: str) -> None:
    assert refusal(answer) == why
