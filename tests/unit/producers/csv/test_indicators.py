"""Published figures from CSV; values worked by hand: thousands times 1,000, exactly."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.errors import Misconfigured, Reason
from contract.events import IndicatorReported
from producers.reading.outcome import Accepted, Form, Message, ReadingTerms, Refused, Skip, Skipped
from tests.unit.producers.imported import FIXTURES, WRITTEN_AT, imported, outcomes, terms

SAID = terms(scope="singapore", unit="thousand TEU", indicator="teu")


def read(
    text: str | bytes, said: ReadingTerms = SAID, name: str = "x.csv"
) -> list[IndicatorReported]:
    found = []
    for outcome in outcomes(Form.INDICATORS, text, said, name)[1:]:
        assert isinstance(outcome, Accepted), outcome
        assert isinstance(outcome.event, IndicatorReported)
        found.append(outcome.event)
    return found


def refused(text: str, said: ReadingTerms = SAID) -> Refused:
    (outcome,) = outcomes(Form.INDICATORS, text, said)[1:]
    assert isinstance(outcome, Refused), outcome
    return outcome


def test_the_singapore_sample_is_exact_to_the_hundredth() -> None:
    path = FIXTURES / "singapore-monthly-thousand-teu.csv"

    done = imported([path], terms(scope="singapore", unit="thousand TEU"))

    figures = {e.data.period: e.data for e in done.events if isinstance(e, IndicatorReported)}
    # 96 months of 2015 to 2022 less the 12 of 2020
    assert len(figures) == 84
    assert done.summary["counted"] == 84
    assert done.summary["moves"] == 0
    assert done.exit_code == 0
    assert figures["2022-12"].value == Decimal("3252901.75")
    assert figures["2019-02"].value == Decimal("2740530.5")
    assert figures["2015-01"].value == Decimal("2781530")
    assert {(f.indicator, f.scope, f.unit) for f in figures.values()} == {
        ("container_throughput", "singapore", "TEU")
    }


def test_the_same_file_gives_the_same_events_and_a_corrected_one_others(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("month,value\n2019-01,2999.11\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))

    (first,) = imported([path], SAID).events
    (again,) = imported([path], SAID).events
    path.write_text("month,value\n2019-01,3000\n")
    os.utime(path, (1_700_000_060, 1_700_000_060))
    (corrected,) = imported([path], SAID).events

    assert again == first
    assert first.recordedtime == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert corrected.id != first.id
    assert corrected.recordedtime > first.recordedtime


def test_a_version_is_said_by_the_caller_or_by_the_row() -> None:
    (said,) = read(
        "month,value\n2019-01,1\n", terms(scope="s", unit="TEU", indicator="i", version=3)
    )
    (own,) = read("month,value,version\n2019-01,1,4\n")

    assert said.data.version == 3
    assert own.data.version == 4
    assert own.id == "teu|singapore|2019-01|1000|TEU|v4"


def test_a_figure_is_dated_on_the_last_day_of_its_period() -> None:
    zone = ZoneInfo("Asia/Shanghai")

    months = read(
        "period,value\n2019-02,1\n2020-02,1\n2019-Q2,1\n2019,1\n2019-03-05,1\n2019-12,1\n"
    )

    assert [event.time for event in months] == [
        datetime(2019, 2, 28, tzinfo=zone),
        datetime(2020, 2, 29, tzinfo=zone),
        datetime(2019, 6, 30, tzinfo=zone),
        datetime(2019, 12, 31, tzinfo=zone),
        datetime(2019, 3, 5, tzinfo=zone),
        datetime(2019, 12, 31, tzinfo=zone),
    ]
    assert {event.recordedtime for event in months} == {WRITTEN_AT}


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("2019", "2019"),
        ("2019年", "2019"),
        ("2019-03", "2019-03"),
        ("2019/3", "2019-03"),
        ("2019年3月", "2019-03"),
        ("201903", "2019-03"),
        ("2019Q1", "2019-Q1"),
        ("2019年第一季度", "2019-Q1"),
        ("2020/3/1", "2020-03-01"),
        ("31/03/2020", "2020-03-31"),
        ("03/31/2020", "2020-03-31"),
        ("05/05/2020", "2020-05-05"),
        ("2020-03-01 00:00:00", "2020-03-01"),
    ],
)
def test_periods_are_read_as_people_write_them(written: str, period: str) -> None:
    (figure,) = read(f"period,value\n{written},1\n")

    assert figure.data.period == period


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("01/02/2020", "may be 2020-01-02 or 2020-02-01; write the year first"),
        ("2019-13", "is no period"),
        ("2019-02-30", "is no period"),
        ("Jan-15", "is no period"),
        ("0000", "is no period"),
        ("43831", "is no period"),
    ],
)
def test_a_period_that_is_none_or_two_is_refused(written: str, says: str) -> None:
    outcome = refused(f"period,value\n{written},1\n")

    assert outcome.reason is Reason.BAD_VALUE
    assert outcome.at == "line 2, period"
    assert says in outcome.message


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('"3,252.90175"', "3252901.75"),
        ('"3,252"', "3252000"),
        ("3252.90175", "3252901.75"),
        ("1.5E+02", "150000"),
        ("３２５２", "3252000"),
        (" 3252 ", "3252000"),
        ("0", "0"),
    ],
)
def test_numbers_are_read_exactly(line: str, value: str) -> None:
    (figure,) = read(f"period,value\n2019,{line}\n")

    assert str(figure.data.value) == value


@pytest.mark.parametrize("written", ["NaN", "inf", "-inf", "-5", "n/a", '"1,23"', "1" * 30, "٣"])
def test_a_value_that_is_no_number_of_teu_is_refused(written: str) -> None:
    outcome = refused(f"period,value\n2019,{written}\n")

    assert outcome.reason is Reason.BAD_VALUE
    assert outcome.at == "line 2, value"


def test_a_value_of_a_size_that_nothing_has_is_refused() -> None:
    outcome = refused("month,value\n2019-01,9290000000000000000\n")

    assert outcome.reason is Reason.BAD_VALUE
    assert "expected a size between" in outcome.message


def test_a_percentage_may_fall_below_zero() -> None:
    (figure,) = read("period,growth (%)\n2019,-3.5\n", terms(scope="zone"))

    assert (figure.data.value, figure.data.unit) == (Decimal("-3.5"), "percent")
    assert figure.data.indicator == "growth"


def test_semicolons_bring_decimal_commas_and_a_doubtful_one_is_refused() -> None:
    (figure,) = read("period;value\n2019;3252,90175\n")
    doubtful = refused("period;value\n2019;3,252\n")

    assert figure.data.value == Decimal("3252901.75")
    assert "may be 3252 or 3.252" in doubtful.message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-8"])
def test_excels_encodings_are_read(encoding: str) -> None:
    text = "月份,集装箱吞吐量（万标箱）\r\n2019年3月,12.5\r\n"

    (figure,) = read(text.encode(encoding), terms(scope="haimen"))

    assert figure.data.indicator == "集装箱吞吐量"
    assert (figure.data.value, figure.data.unit) == (Decimal(125000), "TEU")


def test_a_wide_table_gives_a_figure_a_column_and_skips_blanks() -> None:
    found = outcomes(
        Form.INDICATORS, "year,GDP (亿元),firms (家)\n2019,10.5,210\n2020,,211\n", terms(scope="z")
    )

    assert found[0] == Message("line 1")
    values = [
        (o.event.data.indicator, o.event.data.value, o.event.data.unit)
        for o in found
        if isinstance(o, Accepted) and isinstance(o.event, IndicatorReported)
    ]
    assert values == [
        ("GDP", Decimal(1_050_000_000), "yuan"),
        ("firms", Decimal(210), "firms"),
        ("firms", Decimal(211), "firms"),
    ]
    assert Skipped("line 3, GDP (亿元)", Skip.NO_VALUE) in found


def test_a_long_table_says_all_of_itself() -> None:
    (figure,) = read(
        "period,scope,indicator,value,unit,published\n2021-Q1,tonghai,teu,35.07,万标箱,2021-04-08\n",
        terms(),
    )

    assert (figure.data.scope, figure.data.indicator) == ("tonghai", "teu")
    assert figure.data.value == Decimal(350_700)
    assert figure.recordedtime == datetime(2021, 4, 8, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_book_may_say_what_a_file_does_not() -> None:
    (figure,) = read("month,throughput\n2019-01,2\n", terms(), "folder/harbour-2019.csv")

    assert (figure.data.scope, figure.data.value) == ("harbour", Decimal(2000))


def test_what_nobody_says_is_asked_for() -> None:
    with pytest.raises(Misconfigured) as error:
        read("month,throughput\n2019-01,2\n", terms())

    assert "add --scope NAME" in str(error.value)
    assert "--unit UNIT" in str(error.value)


def test_an_unknown_unit_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Misconfigured, match="unit 'dozen TEU' is not known"):
        read("month,throughput\n2019-01,2\n", terms(scope="s", unit="dozen TEU"))


@pytest.mark.parametrize(
    "text",
    [
        "period,value\n2019,1,2\n",
        'period,value\n2019,"1\n',
        "period,value\n2019," + "1" * 200_000 + "\n",
    ],
)
def test_rows_that_are_no_csv_are_refused(text: str) -> None:
    assert isinstance(outcomes(Form.INDICATORS, text, SAID)[1], Refused)


def test_a_second_figure_of_a_period_is_refused_with_both_places() -> None:
    # the same month in two spellings, with two values
    text = "month,value\n2019-01,5\n2019-02,7\n2019年1月,6\n2019-01,5\n"

    first, _, second, equal = outcomes(Form.INDICATORS, text, SAID)[1:]

    assert isinstance(first, Accepted)
    assert isinstance(second, Refused)
    assert second.reason is Reason.CONFLICT
    assert "5000 TEU in line 2" in second.message
    assert "6000 TEU here" in second.message
    assert isinstance(equal, Accepted)  # it repeats line 2


def test_a_greater_version_of_a_period_in_the_same_file_replaces() -> None:
    text = "month,value,version\n2019-01,5,1\n2019-01,6,2\n"

    assert [event.data.value for event in read(text)] == [5000, 6000]


def test_a_month_that_lost_its_last_zero_is_refused() -> None:
    # as a number, October is 2019.10, and a program writes it as 2019.1
    assert "2019-01 or 2019-10" in refused("month,value\n2019.1,5\n").message


@pytest.mark.parametrize("unit", ["mt", "MT"])
def test_metric_tons_are_not_taken_for_millions(unit: str) -> None:
    said = terms(scope="singapore", unit=unit, indicator="cargo")

    with pytest.raises(Misconfigured, match="write t or million t"):
        outcomes(Form.INDICATORS, "month,value\n2019-01,5\n", said)


def test_a_megaton_is_a_million_tons() -> None:
    (event,) = read(
        "month,value\n2019-01,5\n", terms(scope="singapore", unit="Mt", indicator="cargo")
    )

    assert (event.data.value, event.data.unit) == (Decimal(5_000_000), "t")
