"""Which form a file has, by its first bytes; what is none is refused with what it looks like."""

import re

from contract.book import Partner
from contract.errors import Reason, Rejected
from producers.csv import indicators, moves, projects
from producers.csv.nearest_headings import unknown_headings
from producers.csv.table import header_rows
from producers.reading.outcome import Form

HEAD_BYTES = 1 << 16

_STRANGERS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook (.xlsx)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.xls, .doc)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<", "XML or HTML"),
)
_EDIFACT = re.compile(rb"UNA[^\w\s]{5,6}\s*UNB|UNB[^\w\s]UN[A-Z]{2}[^\w\s]\d")
_JSON = (
    (Form.EVENTS, (b'"specversion"',)),
    (Form.EDI_JSON, (b'"messageRaw"',)),
    (Form.OC4IDS, (b'"projects"', b'"contractingProcesses"', b'"implementationPeriod"')),
    (Form.OCDS, (b'"ocid"', b'"compiledRelease"')),
    (
        Form.DCSA,
        (b'"eventType"', b'"eventTypeCode"', b'"retractedEventID"', b'"equipmentEventTypeCode"'),
    ),
)


def form_of(head: bytes, partner: Partner | None = None) -> Form:
    """The form of a file that begins with `head` (its first `HEAD_BYTES`).

    Raises:
        Rejected: none that is known.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise Rejected(Reason.BAD_SYNTAX, "the file is empty")
    if head[257:262] == b"ustar":
        raise Rejected(Reason.BAD_SYNTAX, "this is a tar archive; unpack it first")
    for mark, name in _STRANGERS:
        if start.startswith(mark):
            raise Rejected(
                Reason.BAD_SYNTAX, f"this is {name}, expected EDIFACT, JSON or CSV; export it so"
            )
    if start[:1] in (b"{", b"["):
        return _json(start)
    if _EDIFACT.search(head) or start.startswith((b"UNA", b"UNB")):
        return Form.EDIFACT
    return _csv(head, partner)


def _json(start: bytes) -> Form:
    for form, marks in _JSON:
        if any(mark in start for mark in marks):
            return form
    raise Rejected(
        Reason.BAD_SYNTAX,
        "this JSON has neither DCSA events (eventType …), OC4IDS projects, OCDS releases (ocid), "
        "nor CloudEvents (specversion); if it is one of them, say --format",
    )


def _csv(head: bytes, partner: Partner | None) -> Form:
    if b"\0" in head[:4096] and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Rejected(Reason.BAD_SYNTAX, "this is binary, expected EDIFACT, JSON or CSV")
    try:
        rows = header_rows(head)
    except Rejected as rejected:
        raise Rejected(
            rejected.reason, f"neither EDIFACT nor JSON, and as CSV {rejected.message}"
        ) from None
    for row in rows:
        if moves.is_header(row, partner):
            return Form.MOVES
        if projects.is_header(row):
            return Form.PROJECTS
        if indicators.is_header(row):
            return Form.INDICATORS
    hints = [hint for row in rows if (hint := unknown_headings(row, partner))]
    raise Rejected(
        Reason.BAD_SYNTAX,
        f"neither EDIFACT, JSON nor a CSV with a known header; it begins {rows[0][:4]!r}; "
        f"{hints[0] if hints else 'if it is one of them, use --format'}",
    )
