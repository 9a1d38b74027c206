"""The text of quaymark.toml: a book with comments that say what each line does."""

from collections.abc import Iterator, Mapping

from contract.book import Area, Book, Documents, Partner, Port, Zone
from contract.events import Label
from stack.setup.toml_text import comment, inline, key, listed, named, quoted

HEAD = """\
# What this port is: its areas, terminals and senders.  `quaymark init` wrote it; it is yours now.
# docs/your-port.md leads through it.  `quaymark up` reads it at its start.
# 港口的描述：港区、码头、数据发送方。zh 为中文名称，en 为英文名称。
"""
EXAMPLE_PARTNER = """
# One profile for each sender of files; docs/import.md explains every line.
# [[partner]]
# name = "east"                    # for --partner, and its folder in the inbox
# senders = ["EASTTERM"]           # as it signs: the sender in UNB, the code of a carrier
# time_zone = {zone}   # of its times that name no offset
# terminals = {{ ETCT = "T1" }}      # its code of a terminal = ours
# sizes = {{ "9510" = "L5G1" }}      # its word for a size = a code of ISO 6346
# columns = {{ "箱 号" = "container" }} # a header in its CSV files = our name of the column
"""


def book_text(book: Book, evidence: Mapping[str, tuple[str, ...]]) -> str:
    """Return quaymark.toml; `evidence` is name of a partner -> what its lines were seen in."""
    return "\n".join(_parts(book, evidence)).rstrip() + "\n"


def _parts(book: Book, evidence: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield HEAD
    yield from _port(book)
    for area in book.area:
        yield from _area(area)
    if not book.area:
        yield "# There is no [[area]]: only the zone is watched.\n"
    if book.zone is None:
        yield "# There is no [zone]: only the port is watched.  docs/your-port.md shows one.\n"
    else:
        yield from _zone(book.zone)
    for rate in book.rate:
        yield "[[rate]]  # CNY for one unit of a currency from a day on, for amounts without rate"
        yield f"currency = {quoted(rate.currency)}\nsince = {quoted(rate.since)}"
        yield f"rate = {rate.rate!r}\n"
    for partner in book.partner:
        yield from _partner(partner, evidence.get(partner.name, ()))
    if book.area and not book.partner:
        yield EXAMPLE_PARTNER.format(zone=quoted(book.port.time_zone))


def _port(book: Book) -> Iterator[str]:
    port = book.port
    yield "[port]"
    yield f"time_zone = {quoted(port.time_zone)}  # decides when a day begins"
    if port.un_location_code is not None:
        yield f"un_location_code = {quoted(port.un_location_code)}  # the port in UN/LOCODE"
    yield "simulated = false  # no invented event is ever sent into these books"
    if book.area:
        yield from _moves(port)
    yield ""


def _moves(port: Port) -> Iterator[str]:
    """Yield what a port says of its moves; a zone without a port has none."""
    yield f'teu = {quoted(port.teu)}  # "china": 45 ft = 2.25, by length; "eurostat": by groups'
    yield f"open_days = {port.open_days}  # for so many days a day can still be corrected"
    yield f"quiet_hours = {port.quiet_hours:g}  # of working time without a move: then an alert"
    yield f"work_from = {port.work_from}  # the quay works from this hour …"
    yield f"work_to = {port.work_to}  # … to this one"
    yield "closed = []  # days without work, such as 2027-02-17 (no quotes)"
    yield f'festival = {quoted(port.festival)}  # "spring" compares January and February together'


def _area(area: Area) -> Iterator[str]:
    yield "[[area]]  # a port area, which has a target and boards of its own; 港区"
    yield f"code = {quoted(area.code)}  # names it in series, targets and alerts; keep it for ever"
    yield f"name = {named(area.name)}\n"
    for terminal in area.terminal:
        yield "[[area.terminal]]  # 码头"
        yield f"code = {quoted(terminal.code)}  # as files name it"
        yield f"name = {named(terminal.name)}"
        if terminal.aliases:
            yield f"aliases = {listed(terminal.aliases)}  # other codes of it, with all senders"
        yield ""


def _zone(zone: Zone) -> Iterator[str]:
    yield "[zone]  # the development zone, whose projects and figures are watched; 开发区"
    yield f"code = {quoted(zone.code)}  # names it in series, targets and alerts; keep it for ever"
    yield f"name = {named(zone.name)}\n"
    for table, says, codes in (
        ("clusters", "the industries of its projects; a project of another is refused; 产业集群",
         zone.clusters),
        ("functional_areas", "where its projects lie; one elsewhere is refused; 功能区",
         zone.functional_areas),
        ("parks", "parks within it, which a project need not name; 园区", zone.parks),
    ):  # fmt: skip
        yield f"[zone.{table}]  # {says}"
        yield from _labels(codes)
        yield ""


def _labels(codes: Mapping[str, Label]) -> Iterator[str]:
    if not codes:
        yield '# example = { zh = "示例", en = "Example" }'
    for code, name in codes.items():
        yield f"{key(code)} = {named(name)}"


def _partner(partner: Partner, evidence: tuple[str, ...]) -> Iterator[str]:
    yield from (comment(line) for line in evidence)
    yield "[[partner]]  # a sender of files, and how it writes; docs/import.md"
    yield f"name = {quoted(partner.name)}  # for --partner, and its folder in the inbox"
    yield f"senders = {listed(partner.senders)}  # as it signs"
    yield f"time_zone = {quoted(partner.time_zone)}  # of its times that name no offset"
    if partner.local_times_marked_z:
        yield "local_times_marked_z = true  # its event times that end in Z are local ones"
    if partner.terminals:
        yield f"terminals = {inline(partner.terminals)}  # its code of a terminal = ours"
    if partner.sizes:
        yield f"sizes = {inline(partner.sizes)}  # its word for a size = a code of ISO 6346"
    if partner.terminal_from:
        yield f"terminal_from = {listed(partner.terminal_from)}  # fields that name the terminal"
    if partner.terminal is not None:
        yield f"terminal = {quoted(partner.terminal)}  # of messages that name none"
    if partner.identity != "move":
        yield f"identity = {quoted(partner.identity)}  # by what its moves are told apart"
    if partner.document_numbers_repeat:
        yield "document_numbers_repeat = true  # no correction is matched by document number"
    if partner.columns:
        yield f"columns = {inline(partner.columns)}  # a header in its CSV files = our column"
    if partner.documents != Documents():
        yield "[partner.documents]  # its document codes (UN/EDIFACT 1001) of each move"
        for move in Documents.__struct_fields__:
            yield f"{move} = {listed(getattr(partner.documents, move))}"
    yield ""
