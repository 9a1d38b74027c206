"""E-mail by real SMTP on loopback: STARTTLS, login, refused addresses, silence."""

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path
from ssl import SSLContext

import pytest
from msgspec.structs import replace

from contract.alerting import Email
from stack.delivery.delivery_error import DeliveryFault, FaultKind
from stack.delivery.mail import Mail, RefusedAddresses, addresses, message_id, send_mail
from stack.processes.tcp_ports import free_port
from tests.unit.stack.delivery.mail_server import FULL, NEVER, Mailbox, mail_server

PDF = "tonghai-daily-2026-11-25-zh.pdf"
MAIL = Mail(
    "<1@port.example>",
    "生产日报 2026-11-25：495 标箱\r\nBcc: x@evil.example",
    "495 标箱",
    '<p>495 标箱<img src="cid:page"></p>',
    b"\x89PNG",
    {PDF: b"%PDF-1.7"},
)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def way(tmp_path: Path) -> Email:
    (tmp_path / "password").write_text("right\n")
    return Email(
        to="王芳 <wang@port.example>, li@port.example",
        sender="quaymark@port.example",
        smarthost=f"127.0.0.1:{free_port()}",
        username="quaymark",
        password_file=str(tmp_path / "password"),
    )


@pytest.fixture
def trusted(mailbox: Mailbox, way: Email) -> Iterator[SSLContext]:
    with mail_server(mailbox, int(way.smarthost.rpartition(":")[2])) as context:
        yield context


def test_a_message_arrives_whole_after_starttls_and_login(
    mailbox: Mailbox, way: Email, trusted: SSLContext
) -> None:
    assert send_mail(MAIL, way, addresses(way), trusted) == RefusedAddresses()

    (envelope,) = mailbox.came
    assert envelope.rcpt_tos == ["wang@port.example", "li@port.example"]
    came = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert came["Subject"] == "生产日报 2026-11-25：495 标箱 Bcc: x@evil.example"
    assert came["Bcc"] is None
    assert came["Message-ID"] == "<1@port.example>"
    kinds = {part.get_content_type(): part for part in came.walk()}
    assert kinds["application/pdf"].get_filename() == PDF
    assert kinds["application/pdf"].get_content() == b"%PDF-1.7"
    assert kinds["image/png"]["Content-ID"] == "<page>"
    assert kinds["text/plain"].get_content().strip() == "495 标箱"


def test_a_refused_address_keeps_the_others_from_nothing(
    mailbox: Mailbox, way: Email, trusted: SSLContext
) -> None:
    refused = send_mail(MAIL, way, ("li@port.example", NEVER, FULL), trusted)

    assert refused == RefusedAddresses({NEVER: "550 no such user"}, {FULL: "450 mailbox full"})
    assert [one.rcpt_tos for one in mailbox.came] == [["li@port.example"]]
    assert send_mail(MAIL, way, (NEVER,), trusted) == RefusedAddresses({NEVER: "550 no such user"})


def fault(way: Email, trusted: SSLContext | None = None) -> DeliveryFault:
    with pytest.raises(DeliveryFault) as found:
        send_mail(MAIL, way, addresses(way), trusted, 0.3)
    return found.value


def test_what_is_wrong_is_told_by_its_kind(
    mailbox: Mailbox, way: Email, trusted: SSLContext, tmp_path: Path
) -> None:
    assert fault(way).kind is FaultKind.UNREACHABLE  # the server's certificate is not trusted
    plain = fault(replace(way, tls=False, username=""), trusted)
    assert "STARTTLS" in str(plain)
    (tmp_path / "password").write_text("wrong")
    wrong = fault(way, trusted)
    assert (wrong.kind, "535" in str(wrong)) == (FaultKind.REFUSED, True)
    assert "wrong" not in str(wrong).replace("refuses", "")
    (tmp_path / "password").unlink()
    assert fault(way, trusted).kind is FaultKind.UNREADABLE
    assert mailbox.came == []


def test_a_server_that_is_silent_or_gone_is_given_up_in_time(
    mailbox: Mailbox, way: Email, trusted: SSLContext
) -> None:
    mailbox.silent = True
    silent = fault(way, trusted)
    assert "did not answer within 0.3 s" in str(silent)

    gone = fault(replace(way, smarthost=f"127.0.0.1:{free_port()}"), trusted)
    assert (gone.kind, "refused" in str(gone)) == (FaultKind.UNREACHABLE, True)


def test_the_id_of_a_message_is_the_same_each_time(way: Email) -> None:
    assert message_id("tonghai/daily/2026-11-25/1", "office.email-1", way) == (
        "<tonghai.daily.2026-11-25.1.office.email-1@port.example>"
    )
