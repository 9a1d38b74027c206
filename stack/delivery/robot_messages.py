"""The messages of group robots: their bodies, their signatures, and what an answer says.

WeCom: developer.work.weixin.qq.com, 91770.  DingTalk: open.dingtalk.com, custom robot.  Feishu:
open.feishu.cn, custom bot.  Each answers with HTTP 200 also when it refuses a message.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote_plus

import msgspec
from msgspec import Struct

RobotKind = Literal["wecom", "dingtalk", "feishu"]
WECOM_TEXT_BYTES = 4096  # of a Markdown message; of plain text 2,048
WECOM_PICTURE_BYTES = 2_000_000
DINGTALK_BYTES = 20_000
FEISHU_BYTES = 20_000  # of the whole request; the JSON around the text takes some hundred
_ROOM = 1_000


class RobotText(Struct, frozen=True):
    """What a robot says: a title, lines, and an address that it links to (or none)."""

    title: str
    lines: tuple[str, ...]
    link: str = ""
    link_text: str = ""


class RobotRequest(Struct, frozen=True):
    """A request to a robot: the query that is added to its address, and the JSON body."""

    body: Mapping[str, Any]
    query: str = ""


def text_request(kind: RobotKind, text: RobotText, secret: str, now: float) -> RobotRequest:
    """Return the request by which a robot says a text, signed at a moment in Unix seconds.

    Free text is no markup: signs that Markdown reads are taken apart.
    """
    match kind:
        case "wecom":
            content = _cut(_markdown(text), WECOM_TEXT_BYTES)
            return RobotRequest({"msgtype": "markdown", "markdown": {"content": content}})
        case "dingtalk":
            content = _cut(_markdown(text), DINGTALK_BYTES - _ROOM)
            body = {"msgtype": "markdown", "markdown": {"title": text.title, "text": content}}
            return RobotRequest(body, dingtalk_query(secret, now) if secret else "")
        case "feishu":
            signed = feishu_signature(secret, now) if secret else {}
            return RobotRequest({**signed, "msg_type": "interactive", "card": _card(text)})


def picture_request(picture: bytes) -> RobotRequest | None:
    """Return the request by which a WeCom robot shows a picture; None if it is too large."""
    if len(picture) > WECOM_PICTURE_BYTES:
        return None
    md5 = hashlib.md5(picture, usedforsecurity=False).hexdigest()
    image = {"base64": base64.b64encode(picture).decode(), "md5": md5}
    return RobotRequest({"msgtype": "image", "image": image})


def dingtalk_query(secret: str, now: float) -> str:
    """Return timestamp and signature of DingTalk, as the query of an address has them."""
    milliseconds = round(now * 1000)
    signed = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), "sha256")
    return f"timestamp={milliseconds}&sign={quote_plus(base64.b64encode(signed))}"


def feishu_signature(secret: str, now: float) -> dict[str, str]:
    """Return timestamp and signature of Feishu, whose key is the text and whose text is empty."""
    seconds = f"{now:.0f}"
    signed = hmac.digest(f"{seconds}\n{secret}".encode(), b"", "sha256")
    return {"timestamp": seconds, "sign": base64.b64encode(signed).decode()}


def refusal(answer: bytes) -> str:
    """Return why a robot refused a message, by the body of its answer; empty if it took it."""
    try:
        found = msgspec.json.decode(answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "the answer is no JSON"
    if not isinstance(found, dict):
        return "the answer is no JSON object"
    code = next((found[name] for name in ("errcode", "code", "StatusCode") if name in found), None)
    if code == 0:
        return ""
    said = next((found[name] for name in ("errmsg", "msg", "StatusMessage") if name in found), "")
    return f"code {code}: {said}"[:200]


def _markdown(text: RobotText) -> str:
    lines = [f"**{_plain(text.title)}**", *map(_plain, text.lines)]
    if text.link:
        lines.append(f"[{text.link_text or text.link}]({text.link})")
    return "\n\n".join(lines)


def _card(text: RobotText) -> dict[str, Any]:
    said = _cut("\n".join(text.lines), FEISHU_BYTES - _ROOM)
    elements: list[dict[str, Any]] = [
        {"tag": "div", "text": {"tag": "plain_text", "content": said}},
    ]
    if text.link:
        label = {"tag": "plain_text", "content": text.link_text or text.link}
        button = {"tag": "button", "text": label, "url": text.link, "type": "default"}
        elements.append({"tag": "action", "actions": [button]})
    title = {"tag": "plain_text", "content": text.title[:200]}
    return {"header": {"title": title}, "elements": elements}


def _plain(text: str) -> str:
    """A text in which Markdown and the robots' own tags find nothing to read."""
    return text.translate(str.maketrans("<[]*`", "＜［］∗ˋ"))


def _cut(text: str, most: int) -> str:
    """A text of at most so many bytes, with … where it was cut."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - 3].decode(errors="ignore") + "…"
