"""DCSA Track & Trace; what each sample must give was read off the sample by hand."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.errors import Reason
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Fill,
    Mode,
    MoveRetracted,
    Retraction,
)
from producers.reading.outcome import (
    Accepted,
    Form,
    Message,
    Outcome,
    ReadingTerms,
    Refused,
    Skip,
    Skipped,
)
from tests.unit.producers.imported import FIXTURES, NOW, imported, outcomes, partner, terms

FLAT: dict[str, Any] = {
    "eventID": "e1",
    "eventCreatedDateTime": "2026-03-01T09:00:00+08:00",
    "eventType": "EQUIPMENT",
    "eventClassifierCode": "ACT",
    "eventDateTime": "2026-03-01T08:00:00+08:00",
    "equipmentEventTypeCode": "LOAD",
    "equipmentReference": "CSQU3054383",
    "ISOEquipmentCode": "45G1",
    "emptyIndicatorCode": "LADEN",
    "transportCall": {"facilityCode": "THE", "modeOfTransport": "VESSEL"},
}


def read(events: object, said: ReadingTerms | None = None) -> list[Outcome]:
    return outcomes(Form.DCSA, json.dumps(events), said)[1:]


def moved(event: dict[str, Any], said: ReadingTerms | None = None) -> ContainerMoved:
    (taken,) = read(event, said)
    assert isinstance(taken, Accepted), taken
    assert isinstance(taken.event, ContainerMoved)
    return taken.event


def refused(event: object) -> Refused:
    (outcome,) = read(event)
    assert isinstance(outcome, Refused), outcome
    return outcome


def test_the_2_2_sample_gives_two_estimates_that_do_not_count_and_skips_the_rest() -> None:
    done = imported([FIXTURES / "dcsa-tnt-2.2-events.json"])

    # seven events: 2 TRANSPORT, 3 SHIPMENT, and 2 EQUIPMENT, both EST
    assert done.summary["records"] == 7
    assert done.summary["skipped"] == {"transport_event": 2, "shipment_event": 3, "total": 5}
    assert done.summary["uncounted"] == {"not_actual": 2, "total": 2}
    assert done.summary["rejected"] == {"total": 0}
    assert (done.summary["moves"], done.summary["teu"]) == (0, 0)
    assert done.exit_code == 0
    first = done.moves[0]
    assert first.id == "3cecb101-7a1a-43a4-9d62-e88a131651e4"
    assert first.source == "/dcsa/carrier"
    # 07:41 at +08:30
    assert first.time == datetime(2019, 11, 11, 23, 11, tzinfo=UTC)
    assert first.recordedtime == datetime(2021, 1, 23, 12, 34, 56, tzinfo=UTC)
    assert first.data.eventClassifierCode is Classifier.EST
    assert first.data.equipmentEventTypeCode is EquipmentEvent.LOAD
    assert first.data.facilityCode == "ADT"
    assert first.data.emptyIndicatorCode is Fill.EMPTY
    assert first.data.transportCall is not None
    assert first.data.transportCall.modeOfTransport is Mode.VESSEL
    assert first.data.transportCall.exportVoyageNumber == "2103S"


def test_the_wrong_samples_hold_shipments_and_one_estimate() -> None:
    # 7, 7 and 3 events; the only EQUIPMENT one is an estimate of RMVD at XYABC
    duplicates = imported([FIXTURES / "dcsa-tnt-2.2-duplicate-event-ids.json"])
    dates = imported([FIXTURES / "dcsa-tnt-2.2-wrong-date-times.json"])
    values = imported([FIXTURES / "dcsa-tnt-2.2-wrong-attribute-values.json"])

    assert duplicates.summary["skipped"] == {"shipment_event": 7, "total": 7}
    assert dates.summary["skipped"] == {"shipment_event": 7, "total": 7}
    assert values.summary["skipped"] == {"transport_event": 1, "shipment_event": 1, "total": 2}
    assert values.summary["uncounted"] == {"not_actual": 1, "total": 1}
    assert values.moves[0].data.facilityCode == "XYABC"  # no facility is named: the port's code


def test_the_3_0_samples_give_moves_at_depots() -> None:
    one = imported([FIXTURES / "dcsa-tnt-3.0-equipment-event.json"])
    five = imported([FIXTURES / "dcsa-tnt-3.0-events.json"])

    assert one.summary["uncounted"] == {"not_at_a_port_terminal": 1, "total": 1}
    assert one.moves[0].source == "/dcsa/EXCO"
    assert one.moves[0].data.facilityCode == "NLRTM"
    assert one.moves[0].data.facilityTypeCode == "DEPO"
    assert one.moves[0].recordedtime == datetime(2026, 1, 20, 14, 20, tzinfo=UTC)
    assert five.summary["skipped"] == {
        "shipment_event": 1,
        "transport_event": 1,
        "other_event": 2,  # IOT and REEFER
        "total": 4,
    }
    assert five.summary["uncounted"] == {"not_at_a_port_terminal": 1, "total": 1}
    assert five.moves[0].data.equipmentEventTypeCode is EquipmentEvent.GTIN


def test_the_2_3_sample_retracts_a_transport_event_which_is_none_of_ours() -> None:
    text = (FIXTURES / "dcsa-tnt-3.0-retracted-event.yaml").read_text()
    events = yaml.safe_load(text[text.index("value:") : text.index("        default:")])["value"]

    first, second = read(events)

    assert first == Skipped("$[0]", Skip.TRANSPORT)
    assert second == Skipped("$[1]", Skip.TRANSPORT)


def test_a_retraction_without_payload_bears_its_publishers_source() -> None:
    retraction = {
        "metadata": {
            "eventID": "e2",
            "eventCreatedDateTime": "2026-03-02T07:41:00+08:00",
            "eventType": "EQUIPMENT",
            "retractedEventID": "e1",
            "publisher": {"carrierCode": "HLC"},
        }
    }

    (taken,) = read(retraction)

    assert isinstance(taken, Accepted)
    assert isinstance(taken.event, MoveRetracted)
    assert taken.event.source == "/dcsa/HLC"
    assert taken.event.data == Retraction("e1")


@pytest.mark.parametrize("retracted_first", [True, False])
def test_a_retracted_move_counts_for_nothing_whichever_comes_first(
    tmp_path: Path, retracted_first: bool
) -> None:
    retraction = {
        "eventID": "e2",
        "eventType": "EQUIPMENT",
        "eventCreatedDateTime": "2026-03-02T00:00:00Z",
        "retractedEventID": "e1",
    }
    path = tmp_path / "x.json"
    events = [retraction, FLAT] if retracted_first else [FLAT, retraction]
    path.write_text(json.dumps(events))

    done = imported([path])

    assert (done.summary["moves"], done.summary["teu"]) == (0, 0)
    assert done.summary["retracted"] == 1


def test_the_newest_record_of_a_3_0_event_stands(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    lines = [
        FLAT,
        FLAT | {"isRetracted": True, "eventUpdatedDateTime": "2026-03-03T00:00:00Z"},
        FLAT | {"ISOEquipmentCode": "22G1", "eventUpdatedDateTime": "2026-03-04T00:00:00Z"},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))

    done = imported([path])

    # the last one is newest: a 20 ft box, 1 TEU
    assert (done.summary["moves"], done.summary["teu"]) == (1, 1)
    assert [event.data.isRetracted for event in done.moves] == [False, True, False]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("LOADED", EquipmentEvent.LOAD),
        ("discharged", EquipmentEvent.DISC),
        ("Gated in", EquipmentEvent.GTIN),
        ("GATE-OUT", EquipmentEvent.GTOT),
        ("disc", EquipmentEvent.DISC),
    ],
)
def test_codes_are_read_in_either_spelling(word: str, code: EquipmentEvent) -> None:
    event = moved(
        FLAT
        | {
            "equipmentEventTypeCode": word,
            "eventClassifierCode": "Actual",
            "emptyIndicatorCode": "Empty",
        }
    )

    assert event.data.equipmentEventTypeCode is code
    assert event.data.eventClassifierCode is Classifier.ACT
    assert event.data.emptyIndicatorCode is Fill.EMPTY


def test_a_list_an_object_events_and_lines_give_the_same() -> None:
    other = FLAT | {"eventID": "e2"}
    both = [FLAT, other]

    as_list = outcomes(Form.DCSA, json.dumps(both))
    as_events = outcomes(Form.DCSA, json.dumps({"events": both}))
    as_lines = outcomes(Form.DCSA, "\n".join(map(json.dumps, both)))

    assert as_list[0] == Message("$")
    assert [o.at for o in as_list[1:]] == ["$[0]", "$[1]"]
    assert [o.at for o in as_events[1:]] == ["$.events[0]", "$.events[1]"]
    assert [o.at for o in as_lines[1:]] == ["$", "line 2 $"]
    ids = [
        [o.event.id for o in some if isinstance(o, Accepted)]
        for some in (as_list, as_events, as_lines)
    ]
    assert ids == [["e1", "e2"]] * 3


def test_a_missing_id_is_derived_and_is_the_same_each_time() -> None:
    nameless = {name: value for name, value in FLAT.items() if name != "eventID"}

    first, again = moved(nameless), moved(nameless)
    in_utc = moved(nameless | {"eventDateTime": "2026-03-01T00:00:00Z"})
    other = moved(nameless | {"eventDateTime": "2026-03-01T08:01:00+08:00"})

    assert first.id == again.id == in_utc.id
    assert first.id != other.id


def test_a_local_time_marked_z_is_read_in_the_partners_zone() -> None:
    marked = FLAT | {"eventDateTime": "2026-07-01T08:00:00Z"}

    event = moved(marked, terms(partner=partner("huelva")))
    honest = moved(
        marked | {"eventDateTime": "2026-07-01T08:00:00+08:00"}, terms(partner=partner("huelva"))
    )

    assert event.time == datetime(2026, 7, 1, 6, tzinfo=UTC)  # Madrid is at +02:00 in summer
    assert event.source == "/dcsa/huelva"
    assert honest.time == datetime(2026, 7, 1, 8, tzinfo=timezone(timedelta(hours=8)))


def test_a_partner_is_known_by_the_carriers_code_too() -> None:
    event = moved(
        {
            "metadata": {
                "eventID": "e1",
                "eventCreatedDateTime": "2026-07-01T09:00:00Z",
                "eventType": "EQUIPMENT",
                "publisher": {"carrierCode": "ESHUV"},
            },
            "payload": FLAT
            | {
                "eventDateTime": "2026-07-01T08:00:00Z",
                "transportCall": {"facilityCode": "CONCHUV"},
            },
        }
    )

    assert event.source == "/dcsa/huelva"
    assert event.data.facilityCode == "THC"
    assert event.time == datetime(2026, 7, 1, 6, tzinfo=UTC)


def test_a_partners_word_for_a_terminal_becomes_the_books() -> None:
    event = moved(
        FLAT | {"transportCall": {"facilityCode": "CONCHUV"}}, terms(partner=partner("huelva"))
    )

    assert event.data.facilityCode == "THC"


@pytest.mark.parametrize(
    ("change", "reason", "at", "says"),
    [
        (
            {"eventDateTime": "2026-03-01T08:00:00"},
            Reason.NAIVE_TIME,
            "$.eventDateTime",
            "has no offset; add one such as +08:00, or name the sender with --partner",
        ),
        ({"eventDateTime": "yesterday"}, Reason.BAD_VALUE, "$.eventDateTime", "RFC 3339"),
        ({"eventDateTime": None}, Reason.MISSING_FIELD, "$", "eventDateTime is missing"),
        ({"eventDateTime": 17}, Reason.WRONG_TYPE, "$.eventDateTime", "Expected `str | null`"),
        (
            {"eventDateTime": "0001-01-01T00:00:00+08:00"},
            Reason.BAD_VALUE,
            "$.eventDateTime",
            "no time that a port has seen",
        ),
        (
            {"equipmentEventTypeCode": "LAOD"},
            Reason.UNKNOWN_CODE,
            "$.equipmentEventTypeCode",
            "known: LOAD, DISC",
        ),
        ({"eventClassifierCode": None}, Reason.MISSING_FIELD, "$", "eventClassifierCode"),
        ({"emptyIndicatorCode": "HALF"}, Reason.UNKNOWN_CODE, "$.emptyIndicatorCode", "'HALF'"),
        ({"transportCall": {}}, Reason.MISSING_FIELD, "$.eventLocation", "send facilityCode"),
        (
            {"eventType": None, "equipmentEventTypeCode": None},
            Reason.MISSING_FIELD,
            "$",
            "eventType",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_path(
    change: dict[str, Any], reason: Reason, at: str, says: str
) -> None:
    outcome = refused(FLAT | change)

    assert outcome.reason is reason
    assert outcome.at == at
    assert says in outcome.message
    assert json.loads(outcome.original) == FLAT | change


def test_a_path_stands_behind_the_place_in_the_list() -> None:
    _, outcome = read([FLAT, FLAT | {"metadata": {"eventID": []}}])

    assert isinstance(outcome, Refused)
    assert outcome.at == "$[1].metadata.eventID"


def test_a_terminal_that_the_book_lacks_is_sent_and_foretold_as_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(
        json.dumps([FLAT, FLAT | {"eventID": "e2", "transportCall": {"facilityCode": "ZZZ"}}])
    )

    done = imported([path])

    assert len(done.events) == 2
    assert done.summary["rejected"] == {"unknown_terminal": 1, "total": 1}
    assert done.items("rejected")[0]["at"] == "$[1]"
    assert (
        "add it to quaymark.toml, or to the aliases of a terminal there"
        in done.items("rejected")[0]["message"]
    )
    assert done.summary["teu"] == 2  # 45G1 is a 40 ft box
    assert done.exit_code == 1


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([FLAT]))

    done = imported([path, path])

    assert done.summary["moves"] == 1
    assert done.summary["skipped"] == {"repeat": 1, "total": 1}
    assert len(done.events) == 1


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'[{"eventType":"EQUIPMENT"', Reason.UNDECODABLE),
        (b'[{"eventType":"EQUIPMENT}]', Reason.UNDECODABLE),
        (b'{"eventType":' + b"[" * 100, Reason.UNDECODABLE),
        (b'[{"eventType":"\xff"}]', Reason.UNDECODABLE),
    ],
)
def test_broken_json_is_refused_without_a_traceback(raw: bytes, reason: Reason) -> None:
    found = [o for o in outcomes(Form.DCSA, raw) if isinstance(o, Refused)]

    assert found
    assert found[-1].reason is reason


def test_one_day_ahead_is_refused_and_an_estimate_is_not(tmp_path: Path) -> None:
    later = (NOW + timedelta(days=1)).isoformat()
    path = tmp_path / "x.json"
    path.write_text(
        json.dumps(
            [
                FLAT | {"eventDateTime": later},
                FLAT | {"eventID": "e2", "eventDateTime": later, "eventClassifierCode": "EST"},
            ]
        )
    )

    done = imported([path])

    assert done.summary["rejected"] == {"future_time": 1, "total": 1}
    assert done.summary["uncounted"] == {"not_actual": 1, "total": 1}


def test_an_element_without_end_is_refused_in_bounded_memory() -> None:
    large = b'{"eventType":"' + b"x" * (5 << 20) + b'"}'

    (outcome,) = outcomes(Form.DCSA, large)[1:]

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.TOO_LARGE
