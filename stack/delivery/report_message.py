"""What a receiver is told of an issued report: subject, text, page, picture and attachments."""

from collections.abc import Mapping

from msgspec import Struct

from contract.alerting import Receiver
from contract.reporting.issued_report import IssuedReport
from reports.forms.markup import Markup, element, joined
from reports.forms.plain_text import run_text
from reports.language.numbers import NO_BREAK, written
from reports.tree import Lang, ReportTree
from stack.delivery.mail import PICTURE_ID, Mail
from stack.delivery.robot_messages import RobotText

PICTURE_WIDTH = 800
TEST = {"zh": "【测试】", "en": "[test] "}
PROVISIONAL = {"zh": "【暂发】", "en": "[provisional] "}
OPEN = {"zh": "打开网页", "en": "Open the page"}
ALSO = {"zh": "另已签发：", "en": "Also issued: "}


class ReportMessage(Struct, frozen=True):
    """An issued report as one receiver gets it, in one language or two."""

    report: IssuedReport
    receiver: Receiver
    pages: tuple[ReportTree, ...]
    """The report in each language of the receiver."""
    files: Mapping[str, bytes]
    link: str = ""
    """The address of the web page's report; empty where there is none."""
    is_test: bool = False
    also: tuple[str, ...] = ()
    """Periods of the same kind whose reports this message names instead of sending them."""

    @property
    def subject(self) -> str:
        """What it is, the first figure and its status."""
        page = self.pages[0]
        marks = TEST[page.lang] if self.is_test else ""
        marks += PROVISIONAL[page.lang] if self.report.provisional else ""
        said = f"{marks}{page.title} {self.report.period}"
        if not page.heads:
            return said
        head = page.heads[0]
        unit = f" {head.unit}" if head.unit else ""
        tag = f" [{head.tag.word}]" if head.tag else ""
        return f"{said}: {written(head.value, page.lang)}{unit}{tag}".replace(NO_BREAK, " ")

    def lines(self) -> list[str]:
        """Return the warning and the sentence at the head, in each language, as text."""
        found = []
        for page in self.pages:
            found += [page.warning] if page.warning else []
            found.append(run_text(page.lead, page.lang).replace(NO_BREAK, " "))
        if self.also:
            found.append(ALSO[self.pages[0].lang] + ", ".join(self.also))
        return found

    def robot_text(self) -> RobotText:
        """Return what a group robot says."""
        return RobotText(self.subject, tuple(self.lines()), self.link, OPEN[self.pages[0].lang])

    def picture(self) -> bytes:
        """Return the picture for chats; empty where the report has none."""
        wanted = f"-{self.pages[0].lang}-chat.png"
        return next((self.files[name] for name in self.files if name.endswith(wanted)), b"")

    def attachments(self) -> dict[str, bytes]:
        """Return the files that the receiver asks for, in its languages."""
        languages: tuple[Lang, ...] = tuple(page.lang for page in self.pages)
        endings = tuple(
            ending
            for form in self.receiver.attach
            for ending in (
                f".{form}" if form in ("csv", "json") else "",
                *(f"-{lang}.{form}" for lang in languages),
                *(f"-{lang}-{n}.{form}" for lang in languages for n in range(1, 10)),
            )
            if ending
        )
        return {name: content for name, content in self.files.items() if name.endswith(endings)}

    def mail(self, message_id: str) -> Mail:
        """Return the e-mail; its page shows the picture of the first page."""
        lines, picture = self.lines(), self.picture()
        link = [self.link] if self.link else []
        parts = [element("p", None, line) for line in lines]
        if self.link:
            parts.append(
                element("p", None, element("a", {"href": self.link}, OPEN[self.pages[0].lang]))
            )
        if picture:
            parts.append(
                Markup(f'<p><img src="cid:{PICTURE_ID}" width="{PICTURE_WIDTH}" alt=""></p>')
            )
        body = element("html", None, element("body", None, joined(parts)))
        return Mail(
            message_id,
            self.subject,
            "\n".join([*lines, *link]) + "\n",
            f"<!DOCTYPE html>\n{body}\n",
            picture,
            self.attachments(),
        )
