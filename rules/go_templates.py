"""Pieces of Go templates that Prometheus fills in: figures in threes, looked-up words."""

from collections.abc import Iterable

from kpis.model.kpi import Series

VALUE = "$value"
_THOUSANDS = (
    r' | reReplaceAll "(\\d)(\\d{3})$" "$1,$2"' + r' | reReplaceAll "(\\d)(\\d{3})," "$1,$2,"' * 3
)
"""A figure's digits in threes: up to a million millions."""


def figure(value: str = VALUE) -> str:
    """A number as people write it: `41,300`, and below a thousand `48.5`."""
    return (
        f"{{{{ if and (lt {value} 1000.0) (gt {value} -1000.0) }}}}"
        f'{{{{ {value} | printf "%.1f" | reReplaceAll "\\\\.0$" "" }}}}'
        f'{{{{ else }}}}{{{{ {value} | printf "%.0f"{_THOUSANDS} }}}}{{{{ end }}}}'
    )


def whole(value: str = VALUE) -> str:
    """A count as people write it: `12,345`."""
    return f'{{{{ {value} | printf "%.0f"{_THOUSANDS} }}}}'


def look_up(
    series: Series | str, labels: Iterable[tuple[str, str]], found: str, otherwise: str = "?"
) -> str:
    """What is said of a series that has the alert's labels: (its label, the alert's).

    It is of the alert's run, too; the live books have none, and an empty label says so.
    In `found`, `$found` is the first sample; without one it is `otherwise`.
    """
    pairs = (*labels, ("run", "run"))
    matchers = ",".join(f"{name}='%s'" for name, _ in pairs)
    own = " ".join(f"$labels.{name}" for _, name in pairs)
    return (
        f'{{{{ with printf "{series}{{{matchers}}}" {own} | query }}}}'
        f"{{{{ $found := first . }}}}{found}{{{{ else }}}}{otherwise}{{{{ end }}}}"
    )


def number(series: Series | str, labels: Iterable[tuple[str, str]]) -> str:
    """The value of a series that has the alert's labels, as people write it."""
    return look_up(series, labels, "{{ $n := value $found }}" + figure("$n"))


def label(
    series: Series | str, labels: Iterable[tuple[str, str]], name: str, otherwise: str
) -> str:
    """The value of a label of a series that has the alert's labels."""
    return look_up(series, labels, f'{{{{ label "{name}" $found }}}}', otherwise)
