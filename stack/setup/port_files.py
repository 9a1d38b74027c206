"""The four files of a port as text, and their check by the readers that will read them."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from contract.alerting import Alerting, Email, Webhook, read_alerting
from contract.book import Book, read_book
from contract.errors import Misconfigured
from contract.events import Target
from contract.settings import Settings
from contract.target_file import read_targets
from kpis.target.measures import measure_of
from stack.service.env_file import read_env_file
from stack.setup.book_text import book_text
from stack.setup.toml_text import named, quoted

NAMES = ("quaymark.toml", "targets.toml", "alerting.toml", ".env")

_TARGETS = """\
# What the port and the zone are judged by: docs/targets.md.  `quaymark up` sends it at its
# start, `quaymark targets apply` makes a change stand at any time.  目标：计划值与考核期。
"""
_TARGET_EXAMPLE = """# [[target]]
# owner = {owner}                     # a port area or the zone
# target = {target}
# name = {{ zh = "年度目标", en = "Target of the year" }}
# measures = {measures} # any KPI of docs/kpis.md
{labels}# period = {period}         # a year; 2026-Q1, 2026-03 and 2026/2028 are periods, too
# value = {value}
# unit = {unit}
"""
_PLAN = """# The plan is a straight line unless one of these says otherwise:
# monthly = [0.08, 0.06, 0.08, 0.08, 0.09, 0.085, 0.085, 0.09, 0.085, 0.09, 0.085, 0.09]  # sum: 1
# steps = [{{ on = {year}-06-30, value = {half} }}]  # what is expected by the end of a day
"""
_ALERTING = """\
# Who receives alerts: docs/alerts.md.  Passwords are in files of their own, which are named here.
# Without a receiver Alertmanager only shows alerts.  `quaymark alerts test NAME` sends one.
# 告警接收人；口令不写在此处，只写口令文件的路径。
"""
_RECEIVER_EXAMPLE = """
# [[receiver]]
# name = "desk"          # the receiver of every alert that no [[route]] matches
# language = "both"      # "zh", "en" or "both"
# [[receiver.email]]
# to = "harbour-office@port.example"
# from = "quaymark@port.example"
# smarthost = "mail.port.example:587"   # the mail server and its port
# username = "quaymark"
# password_file = "/etc/quaymark/mail-password"
# [[receiver.webhook]]
# url = "https://chat.port.example/hook"
"""
_ENV = """\
# What differs between machines: docs/settings.md.  Commands in this folder and the service read
# it; in a terminal a variable of the environment comes before it.
{kafka}
# The ports of this machine; another quaymark may have them.
# QUAYMARK_METRICS_PORT=6066
# QUAYMARK_INBOX_METRICS_PORT=6068
# QUAYMARK_PROMETHEUS_PORT=9090
# QUAYMARK_ALERTMANAGER_PORT=9093
# QUAYMARK_GRAFANA_PORT=3000
# The folder of data, logs and the pid file.
# QUAYMARK_FOLDER=.quaymark
"""


class PortFiles(Struct, frozen=True):
    """All that is known of a port before its files are written.

    Attributes:
        book: the contents of quaymark.toml.
        targets: those of targets.toml.
        alerting: those of alerting.toml.
        kafka: Kafka's addresses; "" means those of a machine's own broker.
        evidence: name of a partner -> what its lines were seen in.
        year: the year of the examples.
    """

    book: Book
    year: int
    targets: tuple[Target, ...] = ()
    alerting: Alerting = Alerting()
    kafka: str = ""
    evidence: Mapping[str, tuple[str, ...]] = {}

    def texts(self) -> dict[str, str]:
        """Return name of a file -> text."""
        texts = (self.book_text(), self._targets(), self._alerting(), self._env())
        return dict(zip(NAMES, texts, strict=True))

    def book_text(self) -> str:
        """Return quaymark.toml."""
        return book_text(self.book, self.evidence)

    def check(self, paths: Mapping[str, Path]) -> None:
        """Read the files as every command will read them.

        Raises:
            Misconfigured: one is not valid, or says another thing than was asked for.
        """
        texts = {name: path.read_text(encoding="utf-8") for name, path in paths.items()}
        book = read_book(texts["quaymark.toml"], "quaymark.toml")
        targets = read_targets(
            texts["targets.toml"], "targets.toml", lambda target: void(measure_of(target, book))
        )
        read = (book, targets, read_alerting(texts["alerting.toml"], "alerting.toml"))
        Settings.from_env(read_env_file(paths[".env"]))
        if read != (self.book, self.targets, self.alerting):
            raise Misconfigured("the files as written say another thing than was asked for")

    def _targets(self) -> str:
        text = _TARGETS
        for target in self.targets:
            text += (
                f"\n[[target]]\nowner = {quoted(target.owner)}  # a port area or the zone\n"
                f"target = {quoted(target.target)}  # names it in series and alerts\n"
                f"name = {named(target.name)}\n"
                f"measures = {quoted(target.measures)}  # any KPI of docs/kpis.md\n"
                f"period = {quoted(target.period)}  # a year; also 2026-Q1, 2026-03, 2026/2028\n"
                f"value = {target.value}\nunit = {quoted(target.unit)}\n"
            )
            if target.monthly:
                shares = ", ".join(map(repr, target.monthly))
                text += f"monthly = [{shares}]  # the plan: shares of the year by month\n"
            else:
                half = target.value // 2
                text += _PLAN.format(year=self.year, half=half)
        if not self.targets:
            port = bool(self.book.area)
            text += "\n" + _TARGET_EXAMPLE.format(
                owner=quoted(self.book.owners[0]),
                target=quoted("annual-teu" if port else "projects-signed"),
                measures=quoted("port_throughput_ytd_teu" if port else "project_signed_projects"),
                labels=""
                if port
                else '# labels = { tier = "100M" }  # of CNY 100 million and more\n',
                period=quoted(str(self.year)),
                value=1_100_000 if port else 36,
                unit=quoted("TEU" if port else "projects"),
            )
        return text

    def _alerting(self) -> str:
        text = _ALERTING
        for receiver in self.alerting.receiver:
            text += (
                f"\n[[receiver]]\nname = {quoted(receiver.name)}  # gets what no route has\n"
                f'language = {quoted(receiver.language)}  # "zh", "en" or "both"\n'
            )
            text += "".join(map(_email, receiver.email)) + "".join(map(_webhook, receiver.webhook))
        return text if self.alerting.receiver else text + _RECEIVER_EXAMPLE

    def _env(self) -> str:
        default = Settings().kafka
        line = f"QUAYMARK_KAFKA={self.kafka}" if self.kafka else f"# QUAYMARK_KAFKA={default}"
        says = "# Kafka's addresses; at 127.0.0.1 `quaymark up` starts a broker of its own.\n"
        return _ENV.format(kafka=says + line)


def _email(email: Email) -> str:
    text = (
        f"[[receiver.email]]\nto = {quoted(email.to)}\nfrom = {quoted(email.sender)}\n"
        f"smarthost = {quoted(email.smarthost)}  # the mail server and its port\n"
        f"tls = {str(email.tls).lower()}  # false for a server that offers no STARTTLS\n"
    )
    if email.username:
        text += f"username = {quoted(email.username)}\n"
    if email.password_file:
        text += f"password_file = {quoted(email.password_file)}  # a file; Alertmanager reads it\n"
    return text


def _webhook(webhook: Webhook) -> str:
    return f"[[receiver.webhook]]\nurl = {quoted(webhook.url or '')}  # gets Alertmanager's JSON\n"


def void(_: object) -> None:
    """Drop a value of which only the check that made it was wanted."""
