"""Projects: counted once, grown by increments, re-attributed; amounts worked by hand."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.book import Rates
from contract.errors import Reason, Rejected
from contract.events import (
    Amount,
    AmountChanged,
    Milestone,
    MilestoneDate,
    MilestoneMet,
    MilestonePlanned,
    Money,
    Project,
    ProjectEvent,
    ProjectRegistered,
    Stage,
    StageDate,
    StageReached,
)
from contract.snapshots import MilestoneCard, ProjectCard, StageSince
from ledger.project import post_project, reused_id
from tests.unit.ledger.records import BOOK, at

SOURCE = "/haimen/projects"


def envelope(event_id: str, day: int) -> dict[str, Any]:
    time = at(f"2020-01-{day:02}T10:00:00+08:00")
    return {
        "id": event_id,
        "source": SOURCE,
        "time": time,
        "recordedtime": time,
        "specversion": "1.0",
    }


def registered(
    event_id: str = "r",
    day: int = 1,
    signed: str = "2020-01-01",
    value: Money | None = None,
    **changes: Any,
) -> ProjectRegistered:
    project = Project(
        zone="haimen",
        project="p1",
        title="Cruise ships",
        signed=date.fromisoformat(signed),
        value=value or Money(Decimal(100_000_000)),
        cluster="offshore",
        functional_area="riverside",
    )
    return ProjectRegistered(
        **envelope(event_id, day),
        data=msgspec.structs.replace(project, **changes),
    )


def grown(event_id: str, day: int, amount: int, currency: str = "CNY") -> AmountChanged:
    increment = Money(Decimal(amount), currency)
    return AmountChanged(**envelope(event_id, day), data=Amount("haimen", "p1", increment))


def reached(event_id: str, day: int, stage: Stage, on: str) -> StageReached:
    return StageReached(
        **envelope(event_id, day),
        data=StageDate("haimen", "p1", stage, date.fromisoformat(on)),
    )


def planned(event_id: str, day: int, due: str) -> MilestonePlanned:
    milestone = Milestone("haimen", "p1", "m1", "First steel", date.fromisoformat(due))
    return MilestonePlanned(**envelope(event_id, day), data=milestone)


def met(event_id: str, day: int, on: str) -> MilestoneMet:
    milestone = MilestoneDate("haimen", "p1", "m1", date.fromisoformat(on))
    return MilestoneMet(**envelope(event_id, day), data=milestone)


def card(*events: ProjectEvent) -> ProjectCard:
    return posted(list(enumerate(events)))


def posted(arrivals: list[tuple[int, ProjectEvent]]) -> ProjectCard:
    state: bytes | None = None
    for offset, event in arrivals:
        state, result = post_project(state, event, BOOK, 3, offset)
    return result


def test_a_signed_project_is_at_the_stage_signed_with_its_amount() -> None:
    assert card(registered()) == ProjectCard(
        zone="haimen",
        project="p1",
        partition=3,
        offset=0,
        title="Cruise ships",
        signed=date(2020, 1, 1),
        yuan=100_000_000,
        cluster="offshore",
        functional_area="riverside",
        stages=(StageSince(Stage.SIGNED, date(2020, 1, 1)),),
    )


def test_15_a_second_signing_is_no_second_amount_but_attributes_the_project_anew() -> None:
    result = card(
        registered("r1", 1, "2020-01-01"),
        registered("r2", 5, "2020-01-05", Money(Decimal(900_000_000)), cluster="materials"),
    )

    assert (result.signed, result.yuan) == (date(2020, 1, 1), 100_000_000)
    assert result.cluster == "materials"


def test_15_an_increase_adds_its_increment_once() -> None:
    # 100 M + 50 M + 20 M; "g1" sent twice
    result = card(
        registered(),
        grown("g1", 2, 50_000_000),
        grown("g1", 2, 50_000_000),
        grown("g2", 3, 20_000_000),
    )

    assert result.yuan == 170_000_000


def test_an_amended_registration_corrects_its_amount() -> None:
    result = card(
        registered("r", 1),
        registered("r", 2, value=Money(Decimal(80_000_000))),
        registered("r", 1),
    )

    assert result.yuan == 80_000_000


def test_15_foreign_capital_is_counted_at_the_rate_of_the_event() -> None:
    # USD 150 million at 6.9 = 1,035 million yuan
    usd = Money(Decimal(150_000_000), "USD", Decimal("6.9"))

    assert card(registered(value=usd)).yuan == 1_035_000_000


def test_15_or_at_the_books_rate_in_force_that_day_or_refused_with_the_way_out() -> None:
    book = msgspec.structs.replace(
        BOOK,
        rate=(
            Rates("USD", "2019-01-01", 6.5),
            Rates("USD", "2020-01-01", 7.0),
            Rates("USD", "2020-02-01", 8.0),
            Rates("EUR", "2020-01-02", 7.5),
        ),
    )
    event = registered(value=Money(Decimal(10), "USD"))
    assert post_project(None, event, book, 0, 0)[1].yuan == 70

    with pytest.raises(Rejected, match=r"EUR for 2020-01-01.*quaymark\.toml") as refused:
        post_project(None, registered(value=Money(Decimal(10), "EUR")), book, 0, 0)
    assert refused.value.reason is Reason.UNKNOWN_CURRENCY


def test_15_a_regress_is_kept_in_the_history() -> None:
    result = card(
        registered(),
        reached("s1", 2, Stage.CONSTRUCTION_START, "2020-01-10"),
        reached("s2", 3, Stage.FILED, "2020-01-20"),
    )

    assert result.stages == (
        StageSince(Stage.SIGNED, date(2020, 1, 1)),
        StageSince(Stage.CONSTRUCTION_START, date(2020, 1, 10)),
        StageSince(Stage.FILED, date(2020, 1, 20)),
    )


def test_a_replanned_milestone_keeps_its_first_date() -> None:
    result = card(
        registered(), planned("m-1", 2, "2020-06-01"), planned("m-2", 9, "2020-08-01"),
        met("m-3", 10, "2020-08-15"),
    )  # fmt: skip

    assert result.milestones == (
        MilestoneCard("m1", "First steel", date(2020, 6, 1), date(2020, 8, 1), date(2020, 8, 15)),
    )


def test_an_orphan_is_kept_until_it_is_registered() -> None:
    orphan = card(met("m", 2, "2020-08-15"), grown("g", 3, 5))
    assert (orphan.signed, orphan.yuan, orphan.stages) == (None, 5, ())
    assert orphan.milestones == (MilestoneCard("m1", "", None, None, date(2020, 8, 15)),)

    whole = card(met("m", 2, "2020-08-15"), grown("g", 3, 5), registered())
    assert (whole.signed, whole.yuan) == (date(2020, 1, 1), 100_000_005)


def test_other_content_without_a_newer_record_is_refused_and_both_are_shown() -> None:
    state, _ = post_project(None, grown("g", 2, 5), BOOK, 0, 0)

    with pytest.raises(Rejected, match="booked as yuan 5; came as yuan 6") as refused:
        post_project(state, grown("g", 2, 6), BOOK, 0, 1)
    assert refused.value.reason is Reason.CONFLICT


@pytest.mark.parametrize("field", ["zone", "cluster", "functional_area", "park"])
def test_a_code_unknown_to_the_book_is_refused(field: str) -> None:
    event = registered()
    changed = msgspec.structs.replace(event.data, **{field: "moon"})

    with pytest.raises(Rejected, match=rf"{field}: 'moon' is not in quaymark\.toml") as refused:
        card(msgspec.structs.replace(event, data=changed))
    assert refused.value.reason is Reason.UNKNOWN_CODE


def test_a_new_name_under_an_id_is_booked_and_reported_in_any_order() -> None:
    ships, jars = registered("r1", 1), registered("r2", 4, "2020-01-04", title="Jars")
    for order in itertools.permutations(enumerate((ships, jars, ships))):
        result = posted(list(order))
        # once, at the first signing; named by what was recorded last
        assert (result.signed, result.yuan) == (date(2020, 1, 1), 100_000_000)
        assert (result.title, result.others) == ("Jars", ("Cruise ships",))

        rejected = reused_id(jars, result)
        assert rejected is not None
        assert rejected.reason is Reason.REUSED_ID
        assert "'p1' is registered as 'Jars', and as 'Cruise ships'" in str(rejected)
        assert reused_id(grown("g", 5, 1), result) is None


def test_an_amendment_or_a_name_in_the_other_language_is_no_other_name() -> None:
    amended = card(registered("r", 1), registered("r", 2, title="Jars"))
    both = registered("r2", 3, title="邮轮", title_zh="Cruise ships")

    assert (amended.title, amended.others) == ("Jars", ())
    assert card(registered("r1", 1), both).others == ()
    assert reused_id(both, card(registered("r1", 1), both)) is None


def test_a_terminated_project_keeps_its_stages_and_its_amount() -> None:
    result = card(registered(), reached("s", 2, Stage.TERMINATED, "2020-06-01"))

    assert result.stages[-1] == StageSince(Stage.TERMINATED, date(2020, 6, 1))
    assert result.yuan == 100_000_000


EVENTS: tuple[ProjectEvent, ...] = (
    registered("r1", 1),
    registered("r1", 4, value=Money(Decimal(90_000_000))),
    registered("r2", 3, "2019-12-30", title="Older signing"),
    grown("g1", 2, 7),
    grown("g1", 5, 9),
    reached("s1", 2, Stage.FILED, "2020-01-10"),
    reached("s2", 6, Stage.TERMINATED, "2020-08-10"),
    planned("m1", 2, "2020-06-01"),
    planned("m2", 3, "2020-07-01"),
    met("m3", 6, "2020-06-30"),
)


@settings(max_examples=60)
@given(st.data())
def test_order_of_arrival_and_repeats_change_nothing(data: st.DataObject) -> None:
    arrivals = list(enumerate(EVENTS))
    again = data.draw(st.lists(st.sampled_from(arrivals), max_size=6))
    shuffled = data.draw(st.permutations(arrivals + again))

    assert posted(shuffled) == posted(arrivals)


def test_of_records_of_one_moment_their_ids_decide_not_which_came_first() -> None:
    """Two registrations signed on one day, and two plans; the greater id is the newer."""
    events: tuple[ProjectEvent, ...] = (
        registered("r1", 1, title="Ships"),
        registered("r2", 1, title="Jars", value=Money(Decimal(200_000_000))),
        planned("m1", 2, "2020-09-30"),
        planned("m2", 2, "2020-12-31"),
    )
    for order in itertools.permutations(events):
        result = card(*order)
        assert (result.title, result.yuan) == ("Jars", 100_000_000)
        [milestone] = result.milestones
        assert (str(milestone.first_due), str(milestone.due)) == ("2020-09-30", "2020-12-31")


def test_the_earliest_signing_brings_its_amount_whichever_came_first() -> None:
    # r2 was signed on 30 December 2019: its 100 M count, plus the newest g1, 9
    for order in itertools.permutations(list(enumerate(EVENTS))[:5]):
        result = posted(list(order))
        assert (result.signed, result.yuan) == (date(2019, 12, 30), 100_000_009)
        assert result.title == "Cruise ships"  # r1's newest record is the last


def test_an_increase_at_the_end_of_the_calendar_stops_nothing() -> None:
    last = msgspec.structs.replace(grown("g", 2, 5), time=at("9999-12-31T23:59:59-12:00"))

    assert card(registered(), last).yuan == 100_000_005


def test_more_yuan_than_there_are_is_refused() -> None:
    dollars = Money(Decimal(10) ** 14, "USD", Decimal("7.2"))  # 7.2 x 10^14 yuan: accepted
    pounds = Money(Decimal(10) ** 14, "GBP", Decimal("10"))  # 10^15

    assert card(registered(value=dollars)).yuan == 720_000_000_000_000
    with pytest.raises(Rejected, match="more than any project has") as refused:
        card(registered(value=pounds))
    assert refused.value.reason is Reason.BAD_VALUE
