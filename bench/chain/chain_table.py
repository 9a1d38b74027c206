"""The Markdown section about what the chain took."""

from collections.abc import Sequence

from bench.chain.chain_run import Round
from bench.results import ChainResult, ProcessResult, Spread, StageResult, YearsResult
from bench.table import MB

STAGES = (
    "the archive into Kafka",
    "the remaining events booked and shown",
    "history into blocks",
)
LIMIT, WHOLE = "the bare limit", "the whole chain"
NOTES = (
    "The first stage is `quaymark replay --into live`, from its start to its end.  The second is "
    "the wait until the worker has booked all events and shows them.  The third is `quaymark "
    "history load --no-wait`, from its start to its end.  Kafka, a worker with empty books and "
    "Prometheus already run.  Prometheus looks for new blocks once a minute; this wait is not "
    "measured.",
    "The bare limit reads the same Parquet in one process with pyarrow, the contract's decoder "
    "and a dict; it uses no Kafka, removes no duplicates and makes no blocks.  The ratio compares "
    "seconds of the same round.",
    "Sums are compared with a recount of the archive by plain code: the limit's sums by terminal "
    "and day, the worker's by terminal and year, and those that Prometheus returns for the end of "
    "each year.",
    "CPU s is the CPU time of a process and its children while the chain runs.  Peak MB is the "
    "peak memory of the largest process of a kind.",
)


def result(rounds: Sequence[Round], by_years: Sequence[Round]) -> ChainResult:
    """Return the result of all rounds of one year, and of the rounds over several years."""
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
    """Return the section: stages, processes, and memory by the number of years."""
    lines = [
        "## The chain",
        "",
        f"A year of {chain.events:,} events goes from Parquet through Kafka and the worker to "
        f"Prometheus blocks.  The table shows {_rounds(chain.rounds)}.  "
        f"The sums are {'exact' if chain.exact else '**wrong**'}.",
        "",
        "| stage | seconds | times the limit |",
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
    """Return the table of each process's peak MB by the number of years."""
    names = list(by_years[0].peak_mb)
    return [
        "Peak memory in MB by the number of years:",
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
