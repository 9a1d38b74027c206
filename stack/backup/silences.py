"""Alertmanager's silences: read for a backup, and set again after a restore."""

import json
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

from contract.errors import StackError
from stack.context import Say
from stack.http_client import page
from stack.processes import monitoring
from stack.processes.children import Children
from stack.processes.tcp_ports import free_port

NAME = "silences.json"
READY_SECONDS = 60
KEPT = ("active", "pending")  # states of a silence that still says something
NO_RECEIVER = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


def read_silences(url: str) -> bytes:
    """Return the silences that hold or will hold, as JSON.

    Raises:
        StackError: no Alertmanager answers there.
    """
    answer = page(f"{url}/api/v2/silences")
    if answer is None:
        raise StackError(f"no Alertmanager answers at {url}")
    found = [one for one in json.loads(answer) if one["status"]["state"] in KEPT]
    found.sort(key=lambda one: str(one["id"]))
    return (json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def set_silences(url: str, content: bytes, now: datetime) -> tuple[int, int]:
    """Set silences again; return how many, and how many are over by now.

    Raises:
        StackError: Alertmanager does not take one.
    """
    silences = json.loads(content)
    holding = [one for one in silences if datetime.fromisoformat(one["endsAt"]) > now]
    for silence in holding:
        # an id would name a silence that this Alertmanager does not have
        wanted = ("matchers", "startsAt", "endsAt", "createdBy", "comment")
        _post(f"{url}/api/v2/silences", {key: silence[key] for key in wanted})
    return len(holding), len(silences) - len(holding)


def restore_silences(folder: Path, content: bytes, now: datetime, say: Say) -> None:
    """Set silences in the data folder of an Alertmanager, which runs for that alone.

    Its own file is not written by hand: its form is Alertmanager's affair.

    Raises:
        StackError: Alertmanager does not come up, or does not take one.
    """
    if not json.loads(content):
        return
    program = monitoring.found(monitoring.ALERTMANAGER)
    if program is None:
        say("Alertmanager is not installed: its silences stay in the backup")
        return
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "restore.yml"
    config.write_text(NO_RECEIVER, encoding="utf-8")
    port = free_port()
    url, children = f"http://127.0.0.1:{port}", Children(folder.parent / "log", say)
    try:
        child = children.start(monitoring.alertmanager(program, config, folder, port))
        children.wait(child, lambda: page(f"{url}/-/ready") is not None, READY_SECONDS)
        held, over = set_silences(url, content, now)
    finally:
        children.stop()  # it writes its silences to disk as it ends
        config.unlink(missing_ok=True)
    say(f"{held} silences set again" + (f", {over} are over by now" if over else ""))


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10):
            pass
    except urllib.error.HTTPError as error:
        said = error.read().decode(errors="replace")
        raise StackError(f"Alertmanager refused a silence: {said}") from None
    except OSError as error:
        raise StackError(f"Alertmanager at {url}: {error}") from None
