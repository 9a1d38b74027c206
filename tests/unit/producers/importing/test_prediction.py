"""The prediction of an import is what the ledger comes to: two judges, one outcome."""

from datetime import timedelta
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from contract import wire
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Fill,
    Mode,
    Move,
    MoveEvent,
    MoveRetracted,
    MoveStatus,
    Retraction,
    TransportCall,
)
from ledger.move_ledger import MoveLedger
from producers.importing.tally import ImportTally
from producers.reading.outcome import Accepted
from tests.unit.producers.imported import BOOK, NOW

ids = st.sampled_from("abcd")
# from before the books' first open day (400 days ago) to more than an hour ahead
hours = st.sampled_from([-402 * 24, -300 * 24, -7000, -30, -1, 0, 2, 30])
moves = st.builds(
    Move,
    eventClassifierCode=st.sampled_from([Classifier.ACT, Classifier.ACT, Classifier.EST]),
    equipmentEventTypeCode=st.sampled_from(
        [EquipmentEvent.LOAD, EquipmentEvent.DISC, EquipmentEvent.GTIN, EquipmentEvent.STUF]
    ),
    facilityCode=st.sampled_from(["THE", "EAST", "THC", "ZZZ"]),
    equipmentReference=st.sampled_from(["CSQU3054383", "CSQU3054380", "X1", "", None]),
    ISOEquipmentCode=st.sampled_from(["22G1", "45G1", "L5G1", "0000", "", "?", None]),
    emptyIndicatorCode=st.sampled_from([*Fill, None]),
    isTransshipmentMove=st.booleans(),
    isRetracted=st.sampled_from([False, False, True]),
    moveStatus=st.sampled_from([*MoveStatus, None]),
    transportCall=st.one_of(st.none(), st.builds(TransportCall, st.sampled_from([*Mode, None]))),
    facilityTypeCode=st.sampled_from([None, "POTE", "DEPO"]),
)
recorded = st.integers(0, 3).map(lambda n: NOW - timedelta(hours=n))
happened = st.builds(
    ContainerMoved,
    specversion=st.just("1.0"),
    id=ids,
    source=st.just("s"),
    time=hours.map(lambda n: NOW + timedelta(hours=n)),
    recordedtime=recorded,
    data=moves,
)
retracted = st.builds(
    MoveRetracted,
    specversion=st.just("1.0"),
    id=st.just("r"),
    source=st.just("s"),
    time=recorded,
    recordedtime=recorded,
    data=ids.map(Retraction),
)


@settings(max_examples=100)
@given(st.lists(st.one_of(happened, happened, happened, retracted), max_size=8))
def test_moves_teu_and_refusals_are_those_of_the_ledger(events: list[MoveEvent]) -> None:
    ledger, tally = MoveLedger(0, BOOK), ImportTally(BOOK, NOW)
    stamp = round(NOW.timestamp() * 1000)
    records = [
        SimpleNamespace(offset=offset, timestamp=stamp, value=wire.encode(event), headers=())
        for offset, event in enumerate(events)
    ]

    refused = [r for r in ledger.take(records).refusals if not r.counted]
    for event in events:
        tally.add("x", Accepted("", event))

    sums = [cell for day in ledger.snapshots() for cell in day.classes]
    assert tally.moves == sum(cell.moves for cell in sums)
    assert tally.hundredths.total() == sum(cell.hundredths for cell in sums)
    assert tally.rejected.total() == len(refused)
    assert tally.rejected == {
        reason: sum(r.reason is reason for r in refused) for reason in {r.reason for r in refused}
    }
