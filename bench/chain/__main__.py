"""The command `python -m bench.chain`, which takes a year from Parquet to Prometheus blocks.

The year goes through Kafka and the worker.  `python -m bench.chain --events 1400000 --rounds 3`
compares this chain with the bare limit, and measures the memory of each process for one year, two
years and four.
"""

import os
import sys
import tempfile
from datetime import date
from pathlib import Path

import click
import msgspec

from bench import broker
from bench.chain import chain_table
from bench.chain.chain_run import Chain, Round
from bench.chain.years import archive, moves_in
from bench.recount import Count, Truth
from contract.book import Book, read_book
from contract.errors import QuaymarkError

BOOK = Path("quaymark.toml")
YEAR = 2020
EVENTS_OF_YEAR = 1_310_300
"""Events that the simulated port sends in `YEAR` at volume 1."""
YEARS = (1, 2, 4)
COUNT = click.IntRange(1)


@click.command(
    epilog="Example: python -m bench.chain --events 100000 --rounds 1 --small 0",
    context_settings={"show_default": True},
)
@click.option("--events", default=1_400_000, type=COUNT, help="Approximate events of the year.")
@click.option(
    "--rounds", default=3, type=COUNT, help="Rounds; the year goes through once a round."
)
@click.option(
    "--small",
    default=200_000,
    type=click.IntRange(0),
    help="Approximate events of a year where memory is measured by years; 0 leaves that out.",
)
@click.option(
    "--archives",
    type=click.Path(path_type=Path),
    help="Folder that keeps the archives for the next run; a year takes a minute to make.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def main(events: int, rounds: int, small: int, archives: Path | None, as_json: bool) -> None:
    """Take a year of the port from an archive to Prometheus blocks, and print the seconds.

    The command fails if a sum is wrong, and never because a stage is slow.
    """
    book = read_book(BOOK.read_text(encoding="utf-8"), str(BOOK))
    environ = os.environ  # noqa: TID251  # the door reads the environment
    try:
        with (
            tempfile.TemporaryDirectory(prefix="quaymark-chain-") as name,
            broker.started(Path(name)) as (bootstrap, kafka),
        ):
            folder = Path(name)
            chain = Chain(folder, bootstrap, kafka, book, environ)
            kept = archives or folder / "archives"
            year, truth = _archive(kept, book, 1, events)
            done = [chain.round(f"round {n}", year, truth) for n in range(1, rounds + 1)]
            for one in done:
                _print_round(one)
            by_years = _by_years(chain, kept, book, small) if small else []
    except QuaymarkError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(1)
    found = chain_table.result(done, by_years)
    print(msgspec.json.encode(found).decode() if as_json else chain_table.section(found))
    if not found.exact:
        sys.exit(1)


def _by_years(chain: Chain, archives: Path, book: Book, events: int) -> list[Round]:
    done = []
    for years in YEARS:
        made, truth = _archive(archives, book, years, events)
        done.append(chain.round("1 year" if years == 1 else f"{years} years", made, truth))
        _print_round(done[-1])
    return done


def _archive(archives: Path, book: Book, years: int, events: int) -> tuple[Path, Truth]:
    """Return an archive of `years` years with about `events` events each, and its true sums."""
    folder = archives / f"{years}-of-{events}"
    if not folder.exists():
        print(f"making an archive of {years} years", file=sys.stderr, flush=True)
        first, last = date(YEAR, 1, 1), date(YEAR + years - 1, 12, 31)
        making = folder.with_suffix(".making")
        archive(making, book, first, last, events / EVENTS_OF_YEAR)
        making.rename(folder)
    count = Count()
    for value in moves_in(folder):
        count.take(value)
    return folder, count.truth()


def _print_round(one: Round) -> None:
    wrong = "" if one.exact else ", WRONG SUMS"
    stages = " + ".join(f"{seconds:.1f}" for seconds in one.stages)
    print(
        f"{one.events:,} events: {stages} = {one.seconds:.1f} s, the limit "
        f"{one.limit_seconds:.1f} s{wrong}",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    main()
