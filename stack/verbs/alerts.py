"""alerts test, alerts config: does a message arrive, and Alertmanager's files for elsewhere."""

import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import click

from contract.errors import Misconfigured, StackError
from contract.period import days_of_period
from contract.target_file import read_targets
from rules.alert import Alert, Links
from rules.alerts import ALERTS
from rules.config_files import render
from stack import render as rendered
from stack.context import CommandContext, text_of
from stack.status.alertmanager_api import Alertmanager, Notified

STEP_SECONDS = 0.5
LASTS = timedelta(minutes=15)  # if this command is cut short, the alert ends by itself
NAMES = tuple(dict.fromkeys(alert.name for alert in ALERTS))


@click.group()
def alerts() -> None:
    """See that alerts reach people.

    Example: quaymark alerts test TargetBehind
    """


@alerts.command("test")
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
@click.option("--target", metavar="TARGET", help="Of which target of targets.toml it speaks.")
@click.option(
    "--severity",
    type=click.Choice(["critical", "warning", "info"]),
    help="The alert's own, the first of them, if not given.",
)
@click.option(
    "--wait",
    "seconds",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="Seconds for a message to go out; Alertmanager gathers for 30 first.",
)
@click.pass_obj
def test(
    desk: CommandContext, name: str, target: str | None, severity: str | None, seconds: int
) -> None:
    """Fire an alert by hand, see that a message goes out, and resolve it.

    It takes the way of a real one through Alertmanager: the same routes, receivers and
    inhibitions.  Its words say that it is a test.  Exit 1: no message went out.

    Example: quaymark alerts test TargetBehind --target annual-teu
    """
    manager = Alertmanager(f"http://127.0.0.1:{desk.settings.alertmanager_port}")
    alert = next(a for a in ALERTS if a.name == name and severity in (None, a.severity))
    labels = {
        "alertname": name,
        "severity": severity or alert.severity,
        **(_target(desk, target) if target else {}),
        "test": "by-hand",
    }
    before, begins = manager.notified(), desk.now()
    annotations = _words(alert, rendered.local_site(desk.settings).links)
    manager.tell(labels, annotations, begins, begins + LASTS)
    try:
        _watch(desk, manager, labels, before, seconds)
    finally:
        manager.tell(labels, annotations, begins, desk.now())
    desk.say("resolved; that is told with the next message of its group, within 5 minutes")


@alerts.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def config(desk: CommandContext, folder: Path) -> None:
    """Write Alertmanager's files with the receivers of alerting.toml, for a server elsewhere.

    `quaymark up` does that for its own.  The files may hold secrets: only you may read them.

    Example: quaymark alerts config /etc/quaymark/alertmanager
    """
    head = "alertmanager/"
    rendering = render(rendered.local_site(desk.settings))
    files = {
        path.removeprefix(head): text for path, text in rendering.items() if path.startswith(head)
    }
    rendered.write(folder, files, private=tuple(files))
    desk.say(f"{folder}: {', '.join(files)}")


def _target(desk: CommandContext, name: str) -> Mapping[str, str]:
    """Owner, target and period as the labels of an alert on it."""
    path, today = desk.settings.targets, desk.now().date()
    targets = read_targets(text_of(path, "QUAYMARK_TARGETS"), path)
    named = [one for one in targets if one.target == name]
    if named:  # of several periods the one of now, or else the last
        one = max(named, key=lambda one: (_contains(one.period, today), one.period))
        return {"owner": one.owner, "target": one.target, "period": one.period}
    known = ", ".join(dict.fromkeys(one.target for one in targets)) or "none"
    raise Misconfigured(f"--target is {name!r}, expected a target of {path}: {known}")


def _contains(period: str, on: date) -> bool:
    first, end = days_of_period(period)
    return first <= on < end


def _words(alert: Alert, links: Links) -> dict[str, str]:
    """The annotations of a test: its words, and the links of the alert itself."""
    own = {
        "summary": f"TEST {alert.name}: sent by hand",
        "summary_zh": f"测试 {alert.name}：手动发送",
        "description": "This is a test of the way to you; nothing is wrong.",
        "description_zh": "通知链路测试，数据无异常。",
    }
    return {**alert.rule(links)["annotations"], **own}


def _watch(
    desk: CommandContext,
    manager: Alertmanager,
    labels: Mapping[str, str],
    before: Notified,
    seconds: int,
) -> None:
    """Say who is to get it, and wait for a message.

    Raises:
        StackError: it is silenced, no message went out in time, or one failed.
    """
    told: tuple[str, ...] = ()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not told and (seen := manager.seen(labels)):
            told = seen.receivers
            desk.say(f"Alertmanager has it, for {', '.join(told)}")
            if seen.silenced_by:
                raise StackError(f"it is silenced, by {', '.join(seen.silenced_by)}")
        now = manager.notified()
        if now.failed > before.failed:
            raise StackError("a message could not be delivered; Alertmanager's log says why")
        if now.sent > before.sent:
            desk.say(f"{now.sent - before.sent:.0f} message went out")
            return
        time.sleep(STEP_SECONDS)
    raise StackError(
        f"no message went out within {seconds} s: has {', '.join(told) or 'the receiver'} an "
        f"e-mail, webhook or wecom in {desk.settings.alerting}?"
    )
