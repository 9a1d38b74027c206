"""Parts of Go templates that Prometheus expands: numbers with commas, values of other series."""

from collections.abc import Iterable

from kpis.model.kpi import Series

VALUE = "$value"
_THOUSANDS = (
    r' | reReplaceAll "(\\d)(\\d{3})$" "$1,$2"' + r' | reReplaceAll "(\\d)(\\d{3})," "$1,$2,"' * 3
)
"""Puts a comma after every three digits, up to a million millions."""


def figure(value: str = VALUE) -> str:
    """Return the template of a number: `41,300`, and below a thousand `48.5`."""
    return (
        f"{{{{ if and (lt {value} 1000.0) (gt {value} -1000.0) }}}}"
        f'{{{{ {value} | printf "%.1f" | reReplaceAll "\\\\.0$" "" }}}}'
        f'{{{{ else }}}}{{{{ {value} | printf "%.0f"{_THOUSANDS} }}}}{{{{ end }}}}'
    )


def whole(value: str = VALUE) -> str:
    """Return the template of a count: `12,345`."""
    return f'{{{{ {value} | printf "%.0f"{_THOUSANDS} }}}}'


def look_up(
    series: Series | str, labels: Iterable[tuple[str, str]], found: str, otherwise: str = "?"
) -> str:
    """Return the template of a text with a value from a series that shares the alert's labels.

    `labels` are pairs of a label of the series and the alert's label with the same value.  The
    series must also be of the alert's run; in the live books that label is empty.  The template
    expands to `found`, in which `$found` is the first sample, or to `otherwise` without a sample.
    """
    pairs = (*labels, ("run", "run"))
    matchers = ",".join(f"{name}='%s'" for name, _ in pairs)
    own = " ".join(f"$labels.{name}" for _, name in pairs)
    return (
        f'{{{{ with printf "{series}{{{matchers}}}" {own} | query }}}}'
        f"{{{{ $found := first . }}}}{found}{{{{ else }}}}{otherwise}{{{{ end }}}}"
    )


def number(series: Series | str, labels: Iterable[tuple[str, str]]) -> str:
    """Return the template of the value of a series that shares the alert's labels."""
    return look_up(series, labels, "{{ $n := value $found }}" + figure("$n"))


def label(
    series: Series | str, labels: Iterable[tuple[str, str]], name: str, otherwise: str
) -> str:
    """Return the template of a label's value, from a series that shares the alert's labels."""
    return look_up(series, labels, f'{{{{ label "{name}" $found }}}}', otherwise)
