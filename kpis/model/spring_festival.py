"""The first day of the lunar year (正月初一), from which Spring Festival is counted."""

from datetime import date

FIRST_DAYS = {
    on.year: on
    for on in (
        *(date(2015, 2, 19), date(2016, 2, 8), date(2017, 1, 28), date(2018, 2, 16)),
        *(date(2019, 2, 5), date(2020, 1, 25), date(2021, 2, 12), date(2022, 2, 1)),
        *(date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17)),
        *(date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3)),
        *(date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19)),
        *(date(2035, 2, 8), date(2036, 1, 28), date(2037, 2, 15), date(2038, 2, 4)),
        *(date(2039, 1, 24), date(2040, 2, 12), date(2041, 2, 1), date(2042, 1, 22)),
        *(date(2043, 2, 10), date(2044, 1, 30), date(2045, 2, 17), date(2046, 2, 6)),
        *(date(2047, 1, 26), date(2048, 2, 14), date(2049, 2, 2), date(2050, 1, 23)),
    )
}
"""Year -> its first lunar day, 2015 to 2050."""
