"""The sending of issued reports to their receivers: each once, tried again while it fails."""

import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from contract.alerting import Alerting, Email, Folder, Receiver, Robot
from contract.book import Book
from contract.errors import StackError
from contract.reporting.issued_report import IssuedReport
from reports.issuing.packed_values import unpacked
from reports.tree import Lang
from stack.context import Say
from stack.delivery.delivery_error import DeliveryFault, FaultKind
from stack.delivery.delivery_state import GIVEN_UP, DeliveryStep, DeliveryStore, ReportDelivery
from stack.delivery.folder_copy import copy_report
from stack.delivery.mail import addresses, message_id, send_mail
from stack.delivery.report_message import ReportMessage
from stack.delivery.robot_client import ask_robot
from stack.delivery.robot_messages import picture_request, text_request
from stack.reporting.report_making import built
from stack.reporting.report_store import ReportStore, decode_issue

Way = Email | Robot | Folder
SPREAD_MINUTES = 9
"""Robots go out 1 to 9 minutes after the issue, since their services are full at the hour."""


def ways(receiver: Receiver) -> dict[str, Way]:
    """Return name -> way of a receiver, such as email-1."""
    kinds: tuple[tuple[str, tuple[Way, ...]], ...] = (
        ("email", receiver.email),
        ("robot", receiver.robot),
        ("folder", receiver.folder),
    )
    return {
        f"{name}-{number}": way for name, found in kinds for number, way in enumerate(found, 1)
    }


class Dispatcher:
    """Sends what is issued; its state lies beside the reports, so that a restart goes on."""

    def __init__(
        self,
        store: ReportStore,
        alerting: Alerting,
        book: Book,
        now: Callable[[], datetime],
        say: Say,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._store, self._alerting, self._book = store, alerting, book
        self._now, self._say, self._trusted = now, say, trusted
        self._receivers = {one.name: one for one in alerting.receiver}
        self.states = DeliveryStore(store.root)
        self.on_fault: Callable[[str, FaultKind], None] = lambda receiver, kind: None

    def recover(self) -> None:
        """Go on after a kill: an e-mail is due again, a robot's message is unknown."""
        for one in self.states.all():
            if one.step is DeliveryStep.SENDING:
                is_robot = one.way.startswith("robot")
                step = DeliveryStep.UNKNOWN if is_robot else DeliveryStep.DUE
                error = "the sender was ended while it sent" if is_robot else ""
                self.states.put(replace(one, step=step, error=error))

    def plan(self, issued: Iterable[IssuedReport]) -> None:
        """Note what receivers are to get of the reports that were issued within a day."""
        now = self._now()
        for report in issued:
            if now > report.issued_at + GIVEN_UP:
                continue
            for receiver in self._alerting.receiver:
                if report.kind not in receiver.reports:
                    continue
                for name in ways(receiver):
                    if self.states.held(report.number, receiver.name, name) is None:
                        self.states.put(self._due(report, receiver.name, name))

    def run(self, issued: Iterable[IssuedReport]) -> None:
        """Send what is due now; what fails is due again after a pause."""
        known = {one.number: one for one in issued}
        for one, also in self._sendable(known):
            self._send(one, known[one.number], also)

    def pending(self) -> dict[str, int]:
        """Return receiver -> reports of the last two days that it does not have for certain."""
        found = dict.fromkeys((one.name for one in self._alerting.receiver if one.reports), 0)
        for one in self.states.all():
            if one.receiver in found and one.is_open and self._now() < one.since + 2 * GIVEN_UP:
                found[one.receiver] += 1
        return found

    def send(self, report: IssuedReport, receiver: Receiver, *, again: bool = False) -> None:
        """Send a report to a receiver now, by each of its ways.

        Raises:
            StackError: it was sent, or may have been, and `again` does not ask for it once more.
        """
        for name in ways(receiver):
            held = self.states.held(report.number, receiver.name, name)
            done = held and held.step in (DeliveryStep.SENT, DeliveryStep.UNKNOWN)
            if held and done and not again:
                raise StackError(
                    f"{report.number} to {receiver.name} by {name} is {held.step}: --again sends "
                    "it once more"
                )
            one = self._send(self._due(report, receiver.name, name), report, ())
            if one.step is not DeliveryStep.SENT:
                raise StackError(f"{report.number} to {receiver.name} by {name}: {one.error}")

    def test(self, report: IssuedReport, receiver: Receiver) -> None:
        """Send a report, marked as a test, by each way of a receiver; no state is kept.

        Raises:
            DeliveryFault: a way fails.
        """
        message = replace(self._message(report, receiver, ()), is_test=True)
        for name, way in ways(receiver).items():
            mail_id = message_id(
                f"test.{self._now():%Y%m%d%H%M%S}", f"{receiver.name}.{name}", way
            )
            left = addresses(way) if isinstance(way, Email) else ()
            self._by(way, message, mail_id, left)

    def _due(self, report: IssuedReport, receiver: str, way: str) -> ReportDelivery:
        minutes = 0
        if way.startswith("robot"):
            minutes = 1 + zlib.crc32(receiver.encode()) % SPREAD_MINUTES
        next_at = report.issued_at + timedelta(minutes=minutes)
        return ReportDelivery(
            report.number, receiver, way, DeliveryStep.DUE, report.issued_at, next_at
        )

    def _sendable(
        self, known: dict[str, IssuedReport]
    ) -> Iterator[tuple[ReportDelivery, tuple[str, ...]]]:
        """What is due now; of several reports of one kind a robot sends the newest alone."""
        due = [
            one
            for one in self.states.all()
            if one.step is DeliveryStep.DUE
            and one.next_at <= self._now()
            and one.number in known
            and one.way in ways(self._receivers.get(one.receiver, Receiver("none")))
        ]
        groups: dict[tuple[str, ...], list[ReportDelivery]] = {}
        for one in due:
            report = known[one.number]
            alone = () if one.way.startswith("robot") else (one.number,)
            key = (one.receiver, one.way, report.owner, report.kind, *alone)
            groups.setdefault(key, []).append(one)
        for found in groups.values():
            found.sort(key=lambda one: (known[one.number].last, known[one.number].edition))
            *before, newest = found
            for one in before:
                self.states.put(replace(one, step=DeliveryStep.NAMED))
            periods = dict.fromkeys(known[one.number].period for one in before)
            yield newest, tuple(on for on in periods if on != known[newest.number].period)

    def _send(
        self, one: ReportDelivery, report: IssuedReport, also: tuple[str, ...]
    ) -> ReportDelivery:
        receiver = self._receivers[one.receiver]
        way = ways(receiver)[one.way]
        left = one.left or (addresses(way) if isinstance(way, Email) else ())
        self.states.put(replace(one, step=DeliveryStep.SENDING, left=left))
        try:
            message = self._message(report, receiver, also)
            mail_id = message_id(report.number, f"{receiver.name}.{one.way}", way)
            for_good, for_now = self._by(way, message, mail_id, left)
        except DeliveryFault as fault:
            self.on_fault(one.receiver, fault.kind)
            done = one.failed(self._now(), str(fault), for_good=fault.kind is FaultKind.REJECTED)
            if fault.kind is FaultKind.UNKNOWN:
                done = replace(done, step=DeliveryStep.UNKNOWN)
            done = replace(done, left=left)
        else:
            refused = (*one.refused, *(f"{name}: {said}" for name, said in for_good.items()))
            if for_good:
                self.on_fault(one.receiver, FaultKind.REJECTED)
            done = replace(one, step=DeliveryStep.SENT, error="", refused=refused, left=())
            if for_now:
                self.on_fault(one.receiver, FaultKind.REFUSED)
                said = "; ".join(f"{name}: {text}" for name, text in for_now.items())
                done = replace(one.failed(self._now(), said), refused=refused, left=tuple(for_now))
            elif len(for_good) == len(left) and left:
                said = "; ".join(refused)
                done = replace(done, step=DeliveryStep.FAILED, error=said)
        self.states.put(done)
        why = f": {done.error}" if done.error else ""
        self._say(f"{one.number} to {one.receiver} by {one.way}: {done.step}{why}")
        return done

    def _by(
        self, way: Way, message: ReportMessage, mail_id: str, left: tuple[str, ...]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Send by one way; return the addresses that were refused for good, and for now."""
        match way:
            case Email():
                refused = send_mail(message.mail(mail_id), way, left, self._trusted)
                return refused.for_good, refused.for_now
            case Robot():
                url, secret = _secret(way.url_file), _secret(way.secret_file)
                picture = picture_request(message.picture()) if way.kind == "wecom" else None
                said = text_request(
                    way.kind, message.robot_text(), secret, self._now().timestamp()
                )
                for request in (picture, said):
                    if request:
                        ask_robot(url, request)
            case Folder():
                copy_report(Path(way.path), message.files)
        return {}, {}

    def _message(
        self, report: IssuedReport, receiver: Receiver, also: tuple[str, ...]
    ) -> ReportMessage:
        try:
            values = unpacked(decode_issue(self._store.record(report)).values)
            place = self._store.folder_of(report)
            files = {one.name: (place / one.name).read_bytes() for one in report.files}
        except (OSError, ValueError, StackError, msgspec.MsgspecError) as error:
            raise DeliveryFault(FaultKind.UNREADABLE, f"{report.number}: {error}") from None
        languages: tuple[Lang, ...] = tuple(
            lang for lang in self._book.report.languages if receiver.language in (lang, "both")
        )
        pages = tuple(
            built(values, self._book, lang) for lang in languages or self._book.report.languages
        )
        base = self._alerting.reports
        link = f"{base.rstrip('/')}/reports?area={quote(report.owner)}" if base else ""
        return ReportMessage(report, receiver, pages, files, link, also=also)


def _secret(path: str) -> str:
    """The text of a file that holds an address or a key; it is read at each sending."""
    if not path:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        kind = FaultKind.UNREADABLE
        raise DeliveryFault(kind, f"{path}: {type(error).__name__}") from None
    if not text:
        raise DeliveryFault(FaultKind.UNREADABLE, f"{path} is empty, expected the secret in it")
    return text
