"""What the chain took, as a section in Markdown."""

from collections.abc import Sequence

from bench.chain.chain_run import Round
from bench.table import MB, spread

STAGES = (
    "the archive into Kafka",
    "the rest of it booked, and shown",
    "history into blocks",
)
NOTES = (
    "The archive into Kafka is `quaymark replay --into live` from its start to its end, the rest "
    "the wait until the worker has booked all and shows it, history `quaymark history load "
    "--no-wait` from its start to its end.  Kafka, a worker without books and Prometheus run "
    "before.  Prometheus's own look for blocks, once a minute, is left out.",
    "The bare limit reads the same Parquet in one process: pyarrow, the contract's decoder, a "
    "dict; no Kafka, no deduplication, no blocks.  The ratio compares seconds of the same round.",
    "Sums are compared with a recount of the archive by plain code: the limit's by terminal and "
    "day; by terminal and year the worker's, and those that Prometheus tells at the end of each "
    "year.",
    "CPU s is that of a process and its children while the chain runs, peak MB that of the "
    "largest process of its kind.",
)


def section(rounds: Sequence[Round], by_years: Sequence[Round]) -> str:
    """The section: stages, processes, and memory by years."""
    limits = [one.limit_seconds for one in rounds]
    exact = all(one.exact for one in (*rounds, *by_years))
    lines = [
        "## The chain",
        "",
        f"A year of {rounds[0].events:,} events from Parquet through Kafka and the worker to "
        f"blocks of Prometheus; {_told(len(rounds))}; sums {'exact' if exact else '**wrong**'}.",
        "",
        "| stage | seconds | of the limit |",
        "|---|---:|---:|",
        _stage("the bare limit", limits, limits),
        *(
            _stage(name, [one.stages[number] for one in rounds], limits)
            for number, name in enumerate(STAGES)
        ),
        _stage("**the whole chain**", [one.seconds for one in rounds], limits),
        "",
        "| process | CPU s | peak MB |",
        "|---|---:|---:|",
        *(_process(name, rounds) for name in rounds[0].peaks),
        "",
    ]
    return "\n".join([*lines, *(_years(by_years) if by_years else ()), *NOTES, ""])


def _told(rounds: int) -> str:
    return "one round" if rounds == 1 else f"{rounds} rounds, median (lowest – highest)"


def _stage(name: str, seconds: Sequence[float], limits: Sequence[float]) -> str:
    shares = [one / limit for one, limit in zip(seconds, limits, strict=True)]
    return f"| {name} | {spread(seconds, '.1f')} | {spread(shares, '.1f')} |"


def _process(name: str, rounds: Sequence[Round]) -> str:
    cpu = [one.cpu_seconds[name] for one in rounds if name in one.cpu_seconds]
    peaks = [one.peaks[name] / MB for one in rounds]
    return f"| {name} | {spread(cpu, '.1f') if cpu else ''} | {spread(peaks, '.0f')} |"


def _years(by_years: Sequence[Round]) -> list[str]:
    """Peak MB of each process by the number of years."""
    names = list(by_years[0].peaks)
    return [
        "Memory by the number of years, peak MB:",
        "",
        f"| | events | {' | '.join(names)} |",
        f"|---|{'---:|' * (len(names) + 1)}",
        *(
            f"| {one.name} | {one.events:,} | "
            + " | ".join(f"{one.peaks[name] / MB:.0f}" for name in names)
            + " |"
            for one in by_years
        ),
        "",
    ]
