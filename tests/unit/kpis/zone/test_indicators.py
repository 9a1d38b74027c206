from kpis.zone import indicators
from kpis.zone.indicators import IndicatorBook
from tests.unit.kpis.builders import BOOK, at, indicator, seconds

NOW = at("2020-06-30 12:00")
TEU = ("teu", "port", "TEU")


def test_the_newest_period_counts_whichever_is_reported_last() -> None:
    books = IndicatorBook(BOOK, "haimen")
    for period, value in (("2019-02", "90"), ("2019-04", "110.5"), ("2019-03", "100")):
        books.post(indicator(period, value))

    assert indicators.value(books, NOW) == {TEU: 110.5}
    assert indicators.ended(books, NOW) == {TEU: seconds("2019-05-01 00:00")}
    assert indicators.periods(books, NOW) == {TEU: 3.0}


def test_a_later_version_replaces_its_period() -> None:
    books = IndicatorBook(BOOK, "haimen")

    assert books.post(indicator("2013-Q1", "43210000", offset=1))
    assert books.post(indicator("2013-Q1", "43040000", offset=4))
    assert not books.post(indicator("2013-Q1", "1", offset=3))

    assert indicators.value(books, NOW) == {TEU: 43_040_000.0}
    assert indicators.periods(books, NOW) == {TEU: 1.0}


def test_of_two_periods_that_end_together_the_longer_counts() -> None:
    books = IndicatorBook(BOOK, "haimen")
    for period, value in (("2019-12", "1"), ("2019", "12"), ("2019-Q4", "3")):
        books.post(indicator(period, value))

    assert indicators.value(books, NOW) == {TEU: 12.0}


def test_indicators_do_not_mix() -> None:
    books = IndicatorBook(BOOK, "haimen")
    books.post(indicator("2019", "1135800"))
    books.post(indicator("2020", "40", name="national-rank", unit="rank"))

    assert indicators.value(books, NOW) == {
        TEU: 1_135_800.0,
        ("national-rank", "port", "rank"): 40.0,
    }


def test_the_last_revision_shows_the_value_before_and_after() -> None:
    books = IndicatorBook(BOOK, "haimen")
    books.post(indicator("2013-Q1", "43040000", before="43210000", revised="2013-05-20 09:00"))
    books.post(indicator("2013-02", "12180000", before="12200000", revised="2013-04-02 09:00"))
    books.post(indicator("2013-Q2", "47000000"))  # the newest period, never revised
    books.post(indicator("2020", "40", name="rank", unit="rank"))

    q1 = ("teu", "port", "TEU", "2013-Q1")
    assert indicators.value_before(books, NOW) == {q1: 43_210_000.0}
    assert indicators.value_after(books, NOW) == {q1: 43_040_000.0}
    assert indicators.revised(books, NOW) == {q1: seconds("2013-05-20 09:00")}
    assert indicators.value(books, NOW)[TEU] == 47_000_000.0
