"""The summary of an import, as one JSON object or as tables for people."""

from collections import Counter

import msgspec
from rich.console import Console
from rich.table import Table

from producers.importing.tally import ImportTally


def as_json(tally: ImportTally, *, sent: int, dry_run: bool) -> bytes:
    """Return the summary as one JSON object."""
    by_year = {str(y): _teu(h) for y, h in sorted(tally.hundredths.items()) if h}
    return msgspec.json.encode(
        {
            "files": tally.files,
            "messages": tally.messages,
            "records": tally.records,
            "moves": tally.moves,
            "teu": _teu(tally.hundredths.total()),
            "teu_by_year": by_year,
            "counted": tally.counted,
            "flagged": {**tally.flagged, "total": tally.flagged_records},
            "uncounted": _with_total(tally.uncounted),
            "rejected": _with_total(tally.rejected),
            "skipped": _with_total(tally.skipped),
            "amended": tally.amended,
            "retracted": tally.retracted,
            "warnings": tally.warnings,
            "habits": tally.habits() if dry_run else {},
            "events": dict(tally.events),
            "sent": sent,
            "dry_run": dry_run,
            "items": tally.items,
            "items_left_out": tally.items_left_out,
        }
    )


def _with_total(counts: Counter[str]) -> dict[str, int]:
    return {**counts, "total": counts.total()}


def _teu(hundredths: int) -> float:
    return hundredths / 100


def show(tally: ImportTally, console: Console, *, sent: int, dry_run: bool) -> None:
    """Print the counts by outcome and reason, then each finding with its place."""
    counts = Table(title="Import (dry run)" if dry_run else "Import", title_justify="left")
    counts.add_column("what")
    counts.add_column("why")
    counts.add_column("number", justify="right")
    for name, number in (
        ("files", tally.files),
        ("messages", tally.messages),
        ("records", tally.records),
    ):
        counts.add_row(name, "", f"{number:,}")
    counts.add_section()
    counts.add_row("moves", "net of corrections", f"{tally.moves:,}")
    counts.add_row("TEU", "of throughput, net", f"{_teu(tally.hundredths.total()):,.2f}")
    for year, hundredths in sorted(tally.hundredths.items()):
        if hundredths:
            counts.add_row("", str(year), f"{_teu(hundredths):,.2f}")
    counts.add_section()
    counts.add_row("counted", "without a flag", f"{tally.counted:,}")
    _groups(counts, tally)
    counts.add_section()
    counts.add_row("amended", "", f"{tally.amended:,}")
    counts.add_row("retracted", "", f"{tally.retracted:,}")
    counts.add_row("warnings", "", f"{tally.warnings:,}")
    counts.add_row("sent", "none: dry run" if dry_run else "to Kafka", f"{sent:,}")
    console.print(counts)
    for item in tally.items:
        place = f"{item.file}: {item.at}" if item.at else item.file
        reason = f" {item.reason}" if item.reason else ""
        console.print(
            f"{place}: {item.kind}{reason}: {item.message}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if dry_run:
        _show_habits(tally, console)
    if tally.items_left_out:
        console.print(f"… and {tally.items_left_out:,} more, in the counts above")


def _show_habits(tally: ImportTally, console: Console) -> None:
    """Print how the senders of EDIFACT use document numbers and message functions."""
    for source, habits in tally.habits().items():
        table = Table(title=f"Habits of {source}", title_justify="left")
        table.add_column("what")
        table.add_column("which")
        table.add_column("number", justify="right")
        table.add_row("moves reported", "", f"{habits.reports:,}")
        for function, number in sorted(habits.functions.items()):
            table.add_row("message function", function, f"{number:,}")
        for kind, number in sorted(habits.documents.items()):
            table.add_row("document number", kind, f"{number:,}")
        table.add_row("document numbers", "of several lifts", f"{habits.documents_repeated:,}")
        table.add_row("moves", "reported by several messages", f"{habits.moves_told_twice:,}")
        table.add_row("containers", "under two ids in one minute", f"{habits.same_minute:,}")
        console.print(table)
        for line in habits.advice():
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def _groups(counts: Table, tally: ImportTally) -> None:
    for name, group, total in (
        ("flagged", tally.flagged, tally.flagged_records),
        ("uncounted", tally.uncounted, tally.uncounted.total()),
        ("rejected", tally.rejected, tally.rejected.total()),
        ("skipped", tally.skipped, tally.skipped.total()),
    ):
        counts.add_row(name, "", f"{total:,}")
        for why, number in sorted(group.items()):
            counts.add_row("", why, f"{number:,}")
