"""alerts test, alerts config: send an alert by hand, write Alertmanager's files for elsewhere."""

import re
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
from rules.config_files import ALERTMANAGER
from rules.config_files import render as render_config_files
from stack.context import CommandContext, text_of
from stack.render import local_site, write_files
from stack.status.alertmanager_api import Alertmanager, NotificationCounts

SENDING_SECONDS = 2.0  # after the wait of its group an alert's message is on its way
POLL_SECONDS = 0.5
LASTS = timedelta(minutes=15)  # the alert ends by itself if this command is killed
LOG = "log/alertmanager.log"  # of a server that `quaymark up` started
FAILURE = re.compile(r'^.* err="((?:[^"\\]|\\.)*)"', re.MULTILINE)
NAMES = tuple(dict.fromkeys(alert.name for alert in ALERTS))


@click.group()
def alerts() -> None:
    """See that alerts reach people.

    Example: quaymark alerts test TargetBehind
    """


@alerts.command("test")
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
@click.option("--target", metavar="TARGET", help="The target of targets.toml that it is about.")
@click.option(
    "--severity",
    type=click.Choice(["critical", "warning", "info"]),
    help="Default: the severity of the first alert of this name.",
)
@click.option(
    "--wait",
    "seconds",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="Seconds to wait for a message; Alertmanager groups alerts for 30 s first.",
)
@click.pass_obj
def test(
    context: CommandContext, name: str, target: str | None, severity: str | None, seconds: int
) -> None:
    """Fire an alert by hand, see that a message goes out, and resolve it.

    The alert passes through Alertmanager as a real one does: the same routes, receivers and
    inhibitions.  Its text says that it is a test.  Exits with 1 if no message went out.

    Example: quaymark alerts test TargetBehind --target annual-teu
    """
    manager = Alertmanager(context.settings.alertmanager)
    alert = next(a for a in ALERTS if a.name == name and severity in (None, a.severity))
    labels = {
        "alertname": name,
        "severity": severity or alert.severity,
        **(_target_labels(context, target) if target else {}),
        "test": "by-hand",
    }
    before, begins = manager.notifications(), context.now()
    site = local_site(context.settings)
    annotations = _annotations(alert, site.links)
    running = context.folder / ALERTMANAGER
    if running.exists() and running.read_text("utf-8") != render_config_files(site)[ALERTMANAGER]:
        context.say(
            f"Alertmanager runs with receivers of before: {context.settings.alerting} was changed "
            "since; `quaymark up` reads it at its start"
        )
    manager.post_alert(labels, annotations, begins, begins + LASTS)
    try:
        _wait_for_message(context, manager, labels, before, seconds)
    finally:
        manager.post_alert(labels, annotations, begins, context.now())
    context.say("the alert is resolved; the next message of its group says so, within 5 minutes")


@alerts.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def config(context: CommandContext, folder: Path) -> None:
    """Write Alertmanager's files with the receivers of alerting.toml, for another server.

    `quaymark up` writes them for its own Alertmanager.  The files may hold secrets, so only you
    may read them.

    Example: quaymark alerts config /etc/quaymark/alertmanager
    """
    head = "alertmanager/"
    rendered = render_config_files(local_site(context.settings))
    files = {
        path.removeprefix(head): text for path, text in rendered.items() if path.startswith(head)
    }
    write_files(folder, files, private=tuple(files))
    context.say(f"{folder}: {', '.join(files)}")


def _target_labels(context: CommandContext, name: str) -> Mapping[str, str]:
    """Return owner, target and period as an alert on the target has them in its labels."""
    path, today = context.settings.targets, context.now().date()
    targets = read_targets(text_of(path, "QUAYMARK_TARGETS"), path)
    named = [one for one in targets if one.target == name]
    if named:  # of several periods the current one, or else the last
        one = max(named, key=lambda one: (_contains(one.period, today), one.period))
        return {"owner": one.owner, "target": one.target, "period": one.period}
    known = ", ".join(dict.fromkeys(one.target for one in targets)) or "none"
    raise Misconfigured(f"--target is {name!r}, expected a target of {path}: {known}")


def _contains(period: str, on: date) -> bool:
    first, end = days_of_period(period)
    return first <= on < end


def _annotations(alert: Alert, links: Links) -> dict[str, str]:
    """Return the annotations of a test: a text of its own, and the links of the alert."""
    texts = {
        "summary": f"TEST {alert.name}: sent by hand",
        "summary_zh": f"测试 {alert.name}：手动发送",
        "description": "This is a test of the notification channel; nothing is wrong.",
        "description_zh": "通知链路测试，数据无异常。",
    }
    return {**alert.rule(links)["annotations"], **texts}


def _wait_for_message(
    context: CommandContext,
    manager: Alertmanager,
    labels: Mapping[str, str],
    before: NotificationCounts,
    seconds: int,
) -> None:
    """Say which receivers the alert is routed to, and wait until a message goes out.

    Alertmanager does not say which alert a message was about.  A message of another alert may go
    out while this one still waits for its group, and an alert that is resolved while it waits is
    never sent.  So a message counts only after that wait.

    Raises:
        StackError: the alert is silenced, or no message went out in time, or one failed.
    """
    receivers: tuple[str, ...] = ()
    begins = time.monotonic()
    due = begins + manager.group_wait_seconds() + SENDING_SECONDS
    while time.monotonic() < begins + seconds:
        if not receivers and (found := manager.find_alert(labels)):
            receivers = found.receivers
            context.say(f"Alertmanager has the alert, for {', '.join(receivers)}")
            if found.silenced_by:
                raise StackError(f"the alert is silenced, by {', '.join(found.silenced_by)}")
        now = manager.notifications()
        if now.sent > before.sent and time.monotonic() > due:
            context.say("a message went out")
            return
        if now.failed > before.failed and time.monotonic() > due:
            break
        time.sleep(POLL_SECONDS)
    if manager.notifications().failed > before.failed:
        raise StackError(
            f"a message could not be delivered{_last_failure(context.folder / LOG)}; "
            f"{context.settings.alerting} says how each receiver is reached (docs/alerts.md)"
        )
    raise StackError(
        f"no message went out within {seconds} s: has {', '.join(receivers) or 'the receiver'} an "
        f"e-mail, webhook, wecom or robot in {context.settings.alerting}?"
    )


def _last_failure(log: Path) -> str:
    """Return what Alertmanager's log says last of a failure, after a colon; "" if nothing."""
    try:
        said = FAILURE.findall(log.read_text("utf-8", errors="replace"))
    except OSError:  # it runs elsewhere
        return ""
    return ": " + re.sub(r"\\(.)", r"\1", said[-1]) if said else ""
