"""What a port is to reach, and who is told when it falls behind: asked for, or given by flags."""

from decimal import Decimal

from contract.alerting import DEFAULT_RECEIVER, Alerting, Email, Receiver, Webhook
from contract.book import Book
from contract.errors import Misconfigured
from contract.events import Label, Target
from stack.setup import answers
from stack.setup.description import DescriptionFlags
from stack.setup.questions import Questions


def targets(
    flags: DescriptionFlags, questions: Questions, book: Book, year: int
) -> tuple[Target, ...]:
    """Ask for the TEU of the year, which is a target of the first port area.

    Raises:
        Misconfigured: a flag has a mistake.
    """
    if not book.area:
        return ()
    given = flags["teu"]
    wanted = answers.number(given) if given else questions.text(
        f"Target of {year} in TEU (empty: none yet)", flag="", check=answers.number
    )  # fmt: skip
    if not wanted:
        return ()
    teu = int(wanted)
    return (
        Target(
            owner=book.area[0].code,
            target="annual-teu",
            name=Label(zh=f"年集装箱吞吐量{teu:,}标箱", en=f"{teu:,} TEU a year"),
            measures="port_throughput_ytd_teu",
            period=str(year),
            value=Decimal(teu),
            unit="TEU",
            monthly=_monthly(flags),
        ),
    )


def alerting(flags: DescriptionFlags, questions: Questions) -> Alerting:
    """Ask who receives alerts.

    Raises:
        Misconfigured: a flag has a mistake, or one that belongs to it is missing.
    """
    to, hook = flags["email"], flags["webhook"]
    if not to and not hook:
        to = questions.text("E-mail address for alerts (empty: none yet)", flag="")
    emails: tuple[Email, ...] = ()
    if to:
        sender = flags["email_from"] or questions.text(
            "  from which address", to, flag="--email-from"
        )
        server = flags["smtp"] or questions.text(
            "  mail server, HOST:PORT", flag="--smtp HOST:PORT"
        )
        questions.refuse_missing()
        emails = (Email(to=to, sender=sender, smarthost=server),)
    hooks = (Webhook(url=hook),) if hook else ()
    if not emails and not hooks:
        return Alerting()
    return Alerting((Receiver(DEFAULT_RECEIVER, email=emails, webhook=hooks),))


def _monthly(flags: DescriptionFlags) -> tuple[float, ...]:
    given = flags["monthly"]
    if not given:
        return ()
    try:
        return tuple(float(share) for share in given.split(","))
    except ValueError:
        raise Misconfigured(
            f"--monthly {given!r}: expected 12 shares that sum to 1, between commas"
        ) from None
