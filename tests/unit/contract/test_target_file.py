"""Reading targets.toml: each mistake with line and reason, and the changes against the topic."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contract.errors import Misconfigured, Reason, Rejected
from contract.events import Label, Step, Target, TargetSet
from contract.target_changes import changes, newest, target_set
from contract.target_file import read_targets
from contract.wire import decode, encode

GOOD = """\
[[target]]
owner = "tonghai"
target = "annual-teu"
name = { zh = "吞吐量", en = "TEU" }
measures = "port_throughput_ytd_teu"
period = "2026"
value = 1100000
"""
RANK = """\
[[target]]
owner = "haimen"
target = "rank"
name = { zh = "排名", en = "Rank" }
measures = "indicator_value"
labels = { indicator = "national-rank", scope = "zone" }
period = "2024/2026"
direction = "at_most"
start = 58
value = 40
"""


def mistakes(text: str, **given: Any) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        read_targets(text, "t.toml", **given)
    return str(caught.value).splitlines()


def set_at(day: int, target: Target, source: str = "/t") -> TargetSet:
    when = datetime(2026, 3, day, tzinfo=UTC)
    return TargetSet(
        id=f"{day}", source=source, time=when, recordedtime=when, specversion="1.0", data=target
    )


def test_a_file_gives_its_targets() -> None:
    teu, rank = read_targets(GOOD + RANK, "t.toml")

    assert teu.key == "tonghai|annual-teu|2026"
    assert (teu.value, teu.monthly, teu.steps) == (Decimal(1_100_000), (), ())
    assert (teu.direction, rank.direction) == ("at_least", "at_most")
    assert (rank.period, rank.start) == ("2024/2026", Decimal(58))
    assert rank.labels == {"indicator": "national-rank", "scope": "zone"}


def test_steps_are_shares_of_the_way() -> None:
    text = RANK + "steps = [{ on = 2024-12-31, value = 52 }, { on = 2025-12-31, share = 0.75 }]\n"

    # from 58 to 40 are 18 ranks: 52 is 6 of them, a third
    ((first, third), second) = read_targets(text, "t.toml")[0].step_shares

    assert first == date(2024, 12, 31)
    assert third == pytest.approx(1 / 3)
    assert second == (date(2025, 12, 31), 0.75)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("1100000", "-5"), "t.toml:7: value is -5, expected a number > 0"),
        (
            GOOD + "monthly = [0.5, 0.5]\n",
            "t.toml:8: monthly has 2 shares that sum to 1, expected 12, none negative, "
            "that sum to 1",
        ),
        (
            GOOD + f"monthly = {[0.09] * 12}\n",
            "t.toml:8: monthly has 12 shares that sum to 1.08, expected 12, none negative, "
            "that sum to 1",
        ),
        (
            GOOD.replace('"2026"', '"2024/2026"') + f"monthly = {[0.25] * 4 + [0] * 8}\n",
            "t.toml:8: monthly has shares of a year, and the period is 2024/2026; "
            "expected steps, or a period of one year",
        ),
        (
            GOOD.replace('"2026"', '"2026/2024"'),
            "t.toml:6: period is 2026/2024, expected a range that ends after it begins",
        ),
        (GOOD + "valeu = 3\n", "t.toml:8: 'valeu' is unknown; did you mean value?"),
        (GOOD + "withdrawn = true\n", "t.toml:8: withdrawn does not belong in the file; "
         "remove the target instead"),
        (GOOD.replace("1100000", "= 1"), "t.toml:7: not TOML: Invalid value"),
        (GOOD.replace("1100000", "["), "t.toml:7: not TOML: Invalid value"),
        ("[target]\n" + GOOD[11:], ""),
        ("[goals]\n", "t.toml:1: 'goals' is unknown, expected [[target]]"),
        (GOOD.replace("annual-teu", "a|b"), "t.toml:3: target and owner are parts of a key "
         "and must not contain |"),
        (
            GOOD + "steps = [{ on = 2026-06-30 }]\n",
            "t.toml:8: steps: 2026-06-30 gives both or neither, expected value or share "
            "- at steps[0]",
        ),
        (
            GOOD + "steps = [{ on = 2027-01-01, share = 1.0 }]\n",
            "t.toml:8: steps are dated 2027-01-01, expected rising days of 2026",
        ),
        (
            GOOD
            + "steps = [{ on = 2026-06-30, share = 0.6 }, { on = 2026-09-30, value = 550000 }]\n",
            "t.toml:8: steps have the shares 0.6, 0.5 of the way from start to value, "
            "expected rising ones from 0 to 1",
        ),
        (GOOD + "critical = 0.98\n", "t.toml:8: critical is 0.98 and warn 0.97, expected paces, "
         "critical above 0 and at most warn"),
        (
            GOOD + GOOD.replace('"2026"', '"2026-H1"'),
            "t.toml:13: period 2026-H1 of tonghai's annual-teu overlaps with its period 2026; "
            "expected each day in one of them",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_by_line_and_reason(text: str, expected: str) -> None:
    if not expected:
        assert len(read_targets(text, "t.toml")) == 1  # one table is a list of one
        return
    assert mistakes(text) == [expected]


def test_every_mistake_is_reported_at_once() -> None:
    text = GOOD.replace("1100000", "-5") + RANK.replace("value = 40", 'value = "forty"')

    first, second = mistakes(text)

    assert first.startswith("t.toml:7: ")
    assert second.startswith("t.toml:17: ")


def test_what_the_reader_knows_to_be_wrong_has_its_line_too() -> None:
    def check(target: Target) -> None:
        if target.owner == "haimen":
            raise Rejected(Reason.UNKNOWN_CODE, "no such series", where="$.data.labels.scope")

    assert mistakes(GOOD + RANK, check=check) == ["t.toml:13: no such series"]


def test_periods_of_one_target_may_follow_one_another() -> None:
    text = GOOD.replace('"2026"', '"2025"') + GOOD + GOOD.replace("tonghai", "other")

    assert len(read_targets(text, "t.toml")) == 3


def test_an_event_of_the_first_release_is_still_read() -> None:
    old = (
        b'{"type":"port.target.set.v1","id":"x","source":"/quaymark/targets","time":'
        b'"2026-01-05T00:00:00Z","recordedtime":"2026-01-05T00:00:00Z","specversion":"1.0",'
        b'"data":{"owner":"tonghai","target":"annual-teu","name":{"zh":"a","en":"b"},"measures":'
        b'"port_throughput_ytd_teu","period":"2026","value":1100000}}'
    )
    event = decode(old)

    assert isinstance(event, TargetSet)
    assert event.data == Target(
        "tonghai", "annual-teu", Label("a", "b"), "port_throughput_ytd_teu", "2026",
        Decimal(1_100_000),
    )  # fmt: skip
    assert decode(encode(event)) == event


def test_a_target_with_steps_reads_back() -> None:
    (target,) = read_targets(RANK, "t.toml")
    stepped = replace(target, steps=(Step(date(2025, 6, 30), share=0.5),))
    event = set_at(1, stepped)

    assert decode(encode(event)) == event


def test_the_newest_record_counts_in_any_order() -> None:
    (target,) = read_targets(GOOD, "t.toml")
    old, new = set_at(2, target), set_at(3, replace(target, value=Decimal(7)))

    assert newest([old, new]) == newest([new, old]) == {target.key: new}


def test_a_target_dated_more_than_an_hour_ahead_of_its_record_is_refused() -> None:
    (target,) = read_targets(GOOD, "t.toml")
    event = set_at(2, target)
    hour_before = int(event.recordedtime.timestamp() * 1000) - 3_600_000

    assert target_set(encode(event), hour_before) == event
    with pytest.raises(Rejected, match=r"\$\.recordedtime: .* the sender's clock") as refused:
        target_set(encode(event), hour_before - 1)
    assert refused.value.reason is Reason.FUTURE_TIME


def test_only_what_differs_is_to_be_said() -> None:
    teu, rank = read_targets(GOOD + RANK, "t.toml")
    raised = replace(teu, value=Decimal(1_200_000))
    current = newest([set_at(1, teu), set_at(1, rank)])

    assert changes([teu, rank], current) == ()
    (changed,) = changes([raised, rank], current)
    assert (changed.kind, list(changed.fields)) == (
        "changed",
        [("value", Decimal(1_100_000), Decimal(1_200_000))],
    )
    (gone,) = changes([teu], current)
    assert (gone.kind, gone.key, gone.wanted) == ("withdrawn", rank.key, None)


def test_a_withdrawn_target_is_new_when_it_comes_back() -> None:
    teu, rank = read_targets(GOOD + RANK, "t.toml")
    current = newest([set_at(1, teu), set_at(2, replace(rank, withdrawn=True))])

    assert changes([teu], current) == ()
    assert [(one.kind, one.key) for one in changes([teu, rank], current)] == [("new", rank.key)]
