"""What the chain took, as a section in Markdown."""

from collections.abc import Sequence

from bench.chain.chain_run import Round
from bench.results import ChainResult, ProcessResult, Spread, StageResult, YearsResult
from bench.table import MB

STAGES = (
    "the archive into Kafka",
    "the rest of it booked, and shown",
    "history into blocks",
)
LIMIT, WHOLE = "the bare limit", "the whole chain"
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


def result(rounds: Sequence[Round], by_years: Sequence[Round]) -> ChainResult:
    """All rounds of the year, and the rounds of several years."""
    limits = [one.limit_seconds for one in rounds]
    return ChainResult(
        events=rounds[0].events,
        rounds=len(rounds),
        stages=(
            _stage(LIMIT, limits, limits),
            *(
                _stage(name, [one.stages[number] for one in rounds], limits)
                for number, name in enumerate(STAGES)
            ),
            _stage(WHOLE, [one.seconds for one in rounds], limits),
        ),
        processes=tuple(_process(name, rounds) for name in rounds[0].peaks),
        by_years=tuple(
            YearsResult(
                one.name,
                one.events,
                {name: round(peak / MB, 1) for name, peak in one.peaks.items()},
            )
            for one in by_years
        ),
        exact=all(one.exact for one in (*rounds, *by_years)),
    )


def section(chain: ChainResult) -> str:
    """The section: stages, processes, and memory by years."""
    lines = [
        "## The chain",
        "",
        f"A year of {chain.events:,} events from Parquet through Kafka and the worker to "
        f"blocks of Prometheus; {_rounds(chain.rounds)}; "
        f"sums {'exact' if chain.exact else '**wrong**'}.",
        "",
        "| stage | seconds | of the limit |",
        "|---|---:|---:|",
        *(
            f"| {f'**{one.stage}**' if one.stage == WHOLE else one.stage} "
            f"| {one.seconds.shown('.1f')} | {one.times_limit.shown('.1f')} |"
            for one in chain.stages
        ),
        "",
        "| process | CPU s | peak MB |",
        "|---|---:|---:|",
        *(
            f"| {one.process} | {one.cpu_seconds.shown('.1f') if one.cpu_seconds else ''} "
            f"| {one.peak_mb.shown('.0f')} |"
            for one in chain.processes
        ),
        "",
    ]
    return "\n".join([*lines, *(_years(chain.by_years) if chain.by_years else ()), *NOTES, ""])


def _rounds(rounds: int) -> str:
    return "one round" if rounds == 1 else f"{rounds} rounds, median (lowest – highest)"


def _stage(name: str, seconds: Sequence[float], limits: Sequence[float]) -> StageResult:
    shares = [one / limit for one, limit in zip(seconds, limits, strict=True)]
    return StageResult(name, Spread.of(seconds), Spread.of(shares))


def _process(name: str, rounds: Sequence[Round]) -> ProcessResult:
    cpu = [one.cpu_seconds[name] for one in rounds if name in one.cpu_seconds]
    peaks = [one.peaks[name] / MB for one in rounds]
    return ProcessResult(name, Spread.of(cpu) if cpu else None, Spread.of(peaks))


def _years(by_years: Sequence[YearsResult]) -> list[str]:
    """Peak MB of each process by the number of years."""
    names = list(by_years[0].peak_mb)
    return [
        "Memory by the number of years, peak MB:",
        "",
        f"| | events | {' | '.join(names)} |",
        f"|---|{'---:|' * (len(names) + 1)}",
        *(
            f"| {one.years} | {one.events:,} | "
            + " | ".join(f"{one.peak_mb[name]:.0f}" for name in names)
            + " |"
            for one in by_years
        ),
        "",
    ]
