"""E-mail with text, HTML, a picture and attachments, through a server that may ask a login.

Each address is told apart: one that the server refuses for good keeps the others from nothing.
"""

import smtplib
import ssl
from collections.abc import Iterable, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses
from pathlib import Path

from msgspec import Struct

from contract.alerting import Email
from stack.delivery.delivery_error import DeliveryFault, FaultKind

TIMEOUT_SECONDS = 30.0
TLS_AT_ONCE_PORT = 465
PICTURE_ID = "page"
MIME = {
    "pdf": ("application", "pdf"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("text", "csv"),
    "json": ("application", "json"),
    "png": ("image", "png"),
    "html": ("text", "html"),
}


class Mail(Struct, frozen=True):
    """What a message says; its id stays the same when it is sent again."""

    message_id: str
    subject: str
    text: str
    html: str = ""
    """A page that may show the picture as `cid:page`."""
    picture: bytes = b""
    attachments: Mapping[str, bytes] = {}


class RefusedAddresses(Struct, frozen=True):
    """The addresses that a server refused: address -> what it said."""

    for_good: dict[str, str] = {}
    for_now: dict[str, str] = {}


def addresses(way: Email) -> tuple[str, ...]:
    """Return the addresses of a way, of which `to` may have several with commas between."""
    return tuple(address for _, address in getaddresses([way.to]) if address)


def message(mail: Mail, way: Email) -> EmailMessage:
    """Return a message as it is sent; names of files and subjects may be in any script."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = " ".join(mail.subject.split())  # a line break would begin a header
    made["From"], made["To"] = way.sender, ", ".join(addresses(way))
    made["Message-ID"] = mail.message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text)
    if mail.html:
        made.add_alternative(mail.html, subtype="html")
        if mail.picture:
            page = made.get_payload()[1]  # type: ignore[index]  # the alternatives: text, HTML
            page.add_related(mail.picture, "image", "png", cid=f"<{PICTURE_ID}>")  # type: ignore[union-attr]
    for name, content in mail.attachments.items():
        main, sub = MIME[name.rpartition(".")[2]]
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made


def message_id(number: str, receiver: str, way: object) -> str:
    """Return the id of the message by which a receiver gets a report, always the same."""
    sender = way.sender if isinstance(way, Email) else ""
    domain = sender.rpartition("@")[2].strip(" >") or "localhost"
    return f"<{number.replace('/', '.')}.{receiver}@{domain}>"


def send_mail(
    mail: Mail,
    way: Email,
    to: Iterable[str],
    trusted: ssl.SSLContext | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> RefusedAddresses:
    """Send a message to some addresses, and return those that the server refused.

    Raises:
        DeliveryFault: none of them was accepted for delivery.
    """
    host, _, port = way.smarthost.rpartition(":")
    context = trusted or ssl.create_default_context()
    made, wanted = message(mail, way), list(to)
    try:
        with _connected(host, int(port), way, context, timeout) as server:
            if way.username:
                server.login(way.username, _password(way))
            sender = Address(addr_spec=getaddresses([way.sender])[0][1]).addr_spec
            refused = server.send_message(made, sender, wanted)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except smtplib.SMTPAuthenticationError as error:
        raise _fault(FaultKind.REFUSED, error, f"{way.smarthost} refuses the login") from None
    except smtplib.SMTPResponseException as error:
        kind = FaultKind.REJECTED if error.smtp_code >= 500 else FaultKind.REFUSED
        raise _fault(kind, error, f"{way.smarthost} refuses the message") from None
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryFault(FaultKind.REFUSED, f"{way.smarthost}: {error}") from None
    except TimeoutError:
        text = f"{way.smarthost} did not answer within {timeout:g} s"
        raise DeliveryFault(FaultKind.UNREACHABLE, text) from None
    except (OSError, smtplib.SMTPException) as error:
        if "timed out" in str(error):  # smtplib hides the time-out in an error of its own
            text = f"{way.smarthost} did not answer within {timeout:g} s"
            raise DeliveryFault(FaultKind.UNREACHABLE, text) from None
        said = getattr(error, "strerror", None) or str(error)
        raise DeliveryFault(FaultKind.UNREACHABLE, f"{way.smarthost}: {said}") from None
    for_good: dict[str, str] = {}
    for_now: dict[str, str] = {}
    for address, (code, said) in refused.items():
        kept = for_good if code >= 500 else for_now
        kept[address] = f"{code} {said.decode(errors='replace')}"[:200]
    return RefusedAddresses(for_good, for_now)


def _connected(
    host: str, port: int, way: Email, context: ssl.SSLContext, timeout: float
) -> smtplib.SMTP:
    if port == TLS_AT_ONCE_PORT:
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    server = smtplib.SMTP(host, port, timeout=timeout)
    if way.tls:
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _password(way: Email) -> str:
    try:
        return Path(way.password_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DeliveryFault(
            FaultKind.UNREADABLE, f"password_file {way.password_file}: {type(error).__name__}"
        ) from None


def _fault(kind: FaultKind, error: smtplib.SMTPResponseException, what: str) -> DeliveryFault:
    said = error.smtp_error
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return DeliveryFault(kind, f"{what}: {error.smtp_code} {text}"[:300])
