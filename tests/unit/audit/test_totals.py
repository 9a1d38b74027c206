from audit.totals import Difference, TotalKind, TotalName, differences, moved, over_all_areas

EAST = TotalName(TotalKind.TEU, "tonghai", "THE", 2026)
WEST = TotalName(TotalKind.TEU, "tonghai", "THW", 2026)
AREA_OF = {"THE": "tonghai", "THW": "tonghai"}


def test_equal_totals_have_no_difference_and_a_missing_one_is_zero() -> None:
    assert differences({EAST: 100, WEST: 0}, {EAST: 100}) == []


def test_a_difference_names_the_total_and_both_sides() -> None:
    assert differences({EAST: 100}, {EAST: 225, WEST: 1}) == [
        Difference(EAST, 100, 225),
        Difference(WEST, 0, 1),
    ]


def test_a_terminal_shown_in_an_area_that_is_not_its_own_has_moved() -> None:
    old = EAST._replace(area="riverside")

    assert moved({old: 100, WEST: 5}, AREA_OF) == {"THE": "riverside"}
    assert moved({old: 0, WEST: 5}, AREA_OF) == {}
    assert moved({WEST._replace(terminal="GONE"): 5}, AREA_OF) == {}


def test_a_moved_terminal_is_compared_over_its_areas() -> None:
    shown = {EAST._replace(area="riverside"): 100, EAST: 25, WEST: 5}
    recounted = {EAST: 125, WEST: 5}

    assert over_all_areas(shown, {"THE"}) == over_all_areas(recounted, {"THE"})
    assert over_all_areas(shown, {"THE"})[WEST] == 5
