"""COARRI and CODECO: moves, corrections, contradictions and damage; expected values by hand."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import Reason
from contract.events import ContainerMoved, EquipmentEvent, Fill, Mode, MoveStatus
from producers.reading.outcome import (
    Accepted,
    Form,
    Message,
    Outcome,
    Refused,
    Skip,
    Skipped,
    Warned,
)
from tests.unit.producers.imported import BOOK, FIXTURES, Imported, imported, outcomes, terms


def box(
    number: str = "CSQU3054383",
    size: str = "22G1",
    status: str = "3",
    fill: str = "5",
    *more: str,
    at: str = "202603010830",
) -> str:
    """One container, discharged or loaded at the partner's terminal ETCT, which is our THE."""
    return "'".join(
        (
            f"EQD+CN+{number}+{size}:102:5++{status}+{fill}",
            f"DTM+203:{at}:203",
            "LOC+165+CNNTG:139:6+ETCT:TER:ZZZ",
            *more,
            "",
        )
    )


def coarri(
    *boxes: str,
    code: str = "44",
    number: str = "D1",
    function: str = "9",
    prepared: str = "260301:1000",
    sender: str = "EASTTERM",
    kind: str = "COARRI:D:95B:UN:SMDG16",
) -> str:
    """An interchange of one message."""
    header = (
        f"UNH+M1+{kind}'BGM+{code}+{number}+{function}'"
        "TDT+20+V12E+1++COS:172:20+++9321483:146:11:EVER'"
    )
    body = "".join(boxes)
    count = (header + body).count("'") + 2
    return (
        f"UNB+UNOA:2+{sender}+PORT+{prepared}+R1'{header}{body}"
        f"CNT+16:{len(boxes)}'UNT+{count}+M1'UNZ+1+R1'"
    )


def read(text: str | bytes) -> list[Outcome]:
    return outcomes(Form.EDIFACT, text)


def moves(text: str) -> list[ContainerMoved]:
    found = []
    for outcome in read(text):
        if isinstance(outcome, Accepted):
            assert isinstance(outcome.event, ContainerMoved)
            found.append(outcome.event)
    return found


def run(tmp_path: Path, *texts: str) -> Imported:
    paths = []
    for index, text in enumerate(texts):
        paths.append(tmp_path / f"{index}.edi")
        paths[-1].write_text(text)
    return imported(paths)


def test_a_discharge_report_gives_moves_in_the_partners_zone() -> None:
    message, taken = read(coarri(box()))

    assert message == Message("message M1, segment 2 (UNH)")
    assert isinstance(taken, Accepted)
    event = taken.event
    assert isinstance(event, ContainerMoved)
    assert taken.odd == ()
    assert taken.at == "message M1, segment 5 (EQD)"
    assert event.source == "/edifact/east"
    # 1 March 2026 is in the period of 90 days that begins on 4 January, far from its edges
    assert event.id == "DISC|THE|CSQU3054383|9321483|V12E|2026-01-04"
    assert event.subject == "D1"
    assert taken.reference is not None
    assert taken.reference.edges == ()
    assert event.time == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
    # prepared 10:00 in Shanghai; the first message of its interchange is a millisecond later
    assert event.recordedtime == datetime(2026, 3, 1, 2, 0, 0, 1000, tzinfo=UTC)
    move = event.data
    assert move.equipmentEventTypeCode is EquipmentEvent.DISC
    assert move.facilityCode == "THE"
    assert (move.ISOEquipmentCode, move.emptyIndicatorCode) == ("22G1", Fill.LADEN)
    assert move.moveStatus is MoveStatus.IMPORT
    assert move.UNLocationCode == "CNNTG"
    assert move.transportCall is not None
    assert move.transportCall.modeOfTransport is Mode.VESSEL
    assert move.transportCall.exportVoyageNumber == "V12E"
    assert move.transportCall.vessel is not None
    assert move.transportCall.vessel.vesselIMONumber == "9321483"
    assert move.transportCall.vessel.vesselName == "EVER"


def test_a_days_report_is_summed_exactly(tmp_path: Path) -> None:
    # 20 ft 1 + 40 ft high cube 2 + 45 ft 2.25 + empty 20 ft 1 + transhipment 40 ft 2 + restow 0
    done = run(
        tmp_path,
        coarri(
            box("CSQU3054383", "22G1"),
            box("APZU4812090", "45G1"),
            box("APZU1111116", "L5G1"),
            box("MSKU0000080", "22G1", "3", "4"),
            box("CSQU3054404", "42G1", "6"),
            box("CSQU3054410", "42G1", "5"),
        ),
    )

    assert done.summary["moves"] == 6
    assert done.summary["teu"] == 8.25
    assert done.summary["teu_by_year"] == {"2026": 8.25}
    # CSQU305440: 441 + 3*16 + 5*64 + 4*128 + 4*256 = 2345 = 213*11 + 2, so 4 is wrong
    # CSQU305441: 2345 + 512 = 2857 = 259*11 + 8, so 0 is wrong
    assert done.summary["flagged"] == {"check_digit": 2, "total": 2}
    assert done.summary["counted"] == 4
    assert done.exit_code == 0


def test_the_huelva_gate_in_is_flagged_for_its_check_digit() -> None:
    done = imported(
        [FIXTURES / "codeco-d95b-huelva-gate-in.edi"], now=datetime(2023, 9, 1, tzinfo=UTC)
    )

    # TESI112027: T=31 E=15 S=30 I=19: 31 + 30 + 120 + 152 = 333;
    # 1*16 + 1*32 + 2*64 + 0 + 2*256 + 7*512 = 4272; 4605 = 418*11 + 7, the file says 4
    assert done.summary["moves"] == 1
    assert done.summary["teu"] == 0  # a gate move
    assert done.summary["flagged"] == {"check_digit": 1, "total": 1}
    assert done.summary["warnings"] == 0
    (event,) = done.moves
    assert event.data.equipmentEventTypeCode is EquipmentEvent.GTIN
    assert event.time == datetime(2023, 8, 11, 12, 47, tzinfo=UTC)  # 14:47 in Madrid, summer
    assert event.data.facilityCode == "THC"
    assert event.data.transportCall is not None
    assert event.data.transportCall.modeOfTransport is Mode.TRUCK
    assert event.data.transportCall.exportVoyageNumber == "110823110823CCHRIB"
    assert event.data.moveStatus is MoveStatus.EXPORT


def test_an_unknown_sender_is_told_the_profile_to_add() -> None:
    _, refused, second = read(coarri(box(), box("APZU4812090"), sender="STRANGER"))

    assert isinstance(refused, Refused)
    assert refused.reason is Reason.UNKNOWN_PARTNER
    assert '[[partner]]\nname = "stranger"\nsenders = ["STRANGER"]' in refused.message
    assert isinstance(second, Refused)
    assert "\n" not in second.message


def test_a_partner_may_be_named_by_the_caller() -> None:
    found = outcomes(
        Form.EDIFACT, coarri(box(), sender="STRANGER"), terms(partner=BOOK.partner[0])
    )

    assert isinstance(found[1], Accepted)


@pytest.mark.parametrize("number", ["D1", ""])
@pytest.mark.parametrize("function", ["1", "3"])
def test_a_cancellation_takes_its_move_back(tmp_path: Path, number: str, function: str) -> None:
    done = run(
        tmp_path,
        coarri(box(), box("APZU4812090"), number=number),
        # prepared in the same minute, and without the time of the move
        coarri("EQD+CN+CSQU3054383+22G1'LOC+165++ETCT'", number=number, function=function),
    )

    assert done.summary["moves"] == 1
    assert done.summary["teu"] == 1
    assert done.summary["retracted"] == 1


def test_a_cancellation_before_its_report_wins_and_a_newer_report_counts(tmp_path: Path) -> None:
    cancelled = coarri(box(), function="1", prepared="260301:1200")
    report = coarri(box(), prepared="260301:1000")

    early = run(tmp_path, cancelled, report)
    again = run(tmp_path, cancelled, report, coarri(box(), prepared="260301:1300"))

    assert early.summary["moves"] == 0
    assert early.summary["skipped"] == {"outdated": 1, "total": 1}
    assert again.summary["moves"] == 1


@pytest.mark.parametrize("number", ["D1", ""])
@pytest.mark.parametrize("function", ["4", "5"])
def test_a_change_replaces_the_move_it_names(tmp_path: Path, number: str, function: str) -> None:
    done = run(
        tmp_path,
        coarri(box(size="22G1"), number=number),
        coarri(box(size="45G1", at="202603010900"), number=number, function=function),
    )

    assert done.summary["moves"] == 1
    assert done.summary["teu"] == 2
    assert done.summary["amended"] == 1


def test_a_correction_may_name_the_document_it_corrects(tmp_path: Path) -> None:
    report = coarri(box(), number="D1")
    cancelled = coarri(box(), number="D2", function="1").replace("'TDT+20", "'RFF+ACW:D1'TDT+20")

    done = run(tmp_path, report, cancelled)

    assert done.summary["moves"] == 0


def test_the_same_file_twice_is_counted_once(tmp_path: Path) -> None:
    done = run(tmp_path, coarri(box()), coarri(box()))

    assert done.summary["moves"] == 1
    assert done.summary["skipped"] == {"repeat": 1, "total": 1}


def test_the_same_box_on_two_voyages_moves_twice(tmp_path: Path) -> None:
    first = coarri(box(), number="")

    done = run(tmp_path, first, first.replace("V12E", "V13E").replace("R1'", "R2'"))

    assert done.summary["moves"] == 2


@pytest.mark.parametrize(
    ("code", "status", "place", "says"),
    [
        ("44", "2", "", "document code 44 is DISC, but 8249 is 2 (export)"),
        ("46", "3", "", "document code 46 is LOAD, but 8249 is 3 (import)"),
        (
            "44",
            "",
            "LOC+9+CNNTG:139:6",
            "document code 44 is DISC, but LOC+9 says loaded at CNNTG",
        ),
        ("46", "", "LOC+11+CNNTG:139:6", "but LOC+11 says discharged at CNNTG"),
    ],
)
def test_codes_that_contradict_each_other_are_flagged(
    tmp_path: Path, code: str, status: str, place: str, says: str
) -> None:
    done = run(
        tmp_path,
        coarri(box("CSQU3054383", "22G1", status, "5", *filter(None, [place])), code=code),
    )

    assert done.summary["flagged"] == {"contradiction": 1, "total": 1}
    assert done.summary["moves"] == 1
    assert says in done.items("flagged")[0]["message"]


@pytest.mark.parametrize(
    ("code", "kind", "move"),
    [
        ("44", "COARRI:D:95B:UN", EquipmentEvent.DISC),
        ("98", "COARRI:D:00B:UN", EquipmentEvent.DISC),
        ("46", "COARRI:D:95B:UN", EquipmentEvent.LOAD),
        ("270", "COARRI:D:00B:UN:SMDG20", EquipmentEvent.LOAD),
        ("34", "CODECO:D:95B:UN", EquipmentEvent.GTIN),
        ("36", "CODECO:D:00B:UN", EquipmentEvent.GTOT),
    ],
)
def test_document_codes_say_the_move(code: str, kind: str, move: EquipmentEvent) -> None:
    (event,) = moves(coarri(box(status=""), code=code, kind=kind))

    assert event.data.equipmentEventTypeCode is move


def test_overlanded_counts_and_shortlanded_does_not(tmp_path: Path) -> None:
    done = run(tmp_path, coarri(box(status="8"), box("APZU4812090", status="7")))

    assert done.summary["moves"] == 1
    assert done.summary["uncounted"] == {"shortlanded": 1, "total": 1}


def test_a_box_without_number_counts_by_its_place_in_its_message(tmp_path: Path) -> None:
    done = run(tmp_path, coarri(box(""), box("")))

    assert done.summary["moves"] == 2
    assert done.summary["flagged"] == {"no_container_number": 2, "total": 2}


def test_a_number_in_cyrillic_look_alikes_is_flagged_with_the_letters(tmp_path: Path) -> None:
    done = run(tmp_path, coarri(box("СSQU3054383")))  # its first letter is Cyrillic

    assert done.summary["flagged"] == {"not_an_iso_number": 1, "total": 1}
    assert "С (U+0421)" in done.items("flagged")[0]["message"]


def test_an_unknown_size_counts_the_move_and_no_teu(tmp_path: Path) -> None:
    done = run(tmp_path, coarri(box(size="0000"), box("APZU4812090", size="")))

    assert (done.summary["moves"], done.summary["teu"]) == (2, 0)
    assert done.summary["flagged"] == {"unknown_size": 2, "total": 2}


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        (
            coarri(box(), code="99"),
            Reason.UNKNOWN_CODE,
            "add it to its documents in quaymark.toml",
        ),
        (coarri(box(), function="6"), Reason.UNKNOWN_CODE, "1225 is '6'"),
        (coarri(box(at="20260230")), Reason.BAD_VALUE, "is no time in format '203'"),
        (coarri(box(at="202613010830")), Reason.BAD_VALUE, "is no time"),
        (coarri(box()).replace("DTM+203", "DTM+999"), Reason.MISSING_FIELD, "no DTM+203"),
        (coarri(box()).replace("LOC+165", "LOC+999"), Reason.MISSING_FIELD, "no LOC+165"),
        (coarri(box()).replace("BGM", "FTX"), Reason.MISSING_FIELD, "no BGM"),
        (coarri(), Reason.MISSING_FIELD, "no EQD"),
    ],
)
def test_what_cannot_be_counted_is_refused_and_says_why(
    text: str, reason: Reason, says: str
) -> None:
    (refused,) = [o for o in read(text) if isinstance(o, Refused)]

    assert refused.reason is reason
    assert says in refused.message
    assert refused.at.startswith("message M1, segment")


@pytest.mark.parametrize(
    ("at", "reason"),
    [("209903010830", Reason.FUTURE_TIME), ("197003010830", Reason.TOO_OLD)],
)
def test_a_time_no_ledger_is_open_for_is_foretold_as_refused(
    tmp_path: Path, at: str, reason: Reason
) -> None:
    done = run(tmp_path, coarri(box(at=at)))

    assert done.summary["rejected"] == {reason.value: 1, "total": 1}


def test_other_messages_and_other_equipment_are_skipped() -> None:
    baplie = read(coarri(box(), kind="BAPLIE:D:95B:UN"))
    trailer = read(coarri("EQD+TE+TR1'", box()))

    assert baplie[1:] == [Skipped("message M1, segment 2 (UNH)", Skip.OTHER_MESSAGE)]
    assert trailer[1] == Skipped("message M1, segment 5 (EQD)", Skip.OTHER_EQUIPMENT)
    assert isinstance(trailer[2], Accepted)


def test_a_message_of_another_kind_may_be_of_any_length_and_hold_any_segment() -> None:
    long = coarri("LOC+147+1'" * 3000, "XYZ+1'", kind="IFCSUM:D:95B:UN")

    found = read(long + coarri(box()))

    assert [type(o) for o in found] == [Message, Skipped, Message, Accepted]


def test_a_type_of_message_that_nobody_knows_is_refused() -> None:
    (_, refused) = read(coarri(box(), kind="COARRJ:D:95B:UN"))

    assert isinstance(refused, Refused)
    assert refused.reason is Reason.UNKNOWN_CODE
    assert "'COARRJ'" in refused.message


@pytest.mark.parametrize("status", ["12", "9", "23", "X", "0"])
def test_a_status_that_is_none_is_flagged_and_read_as_not_said(status: str) -> None:
    taken = read(coarri(box(status=status)))[1]

    assert isinstance(taken, Accepted)
    assert isinstance(taken.event, ContainerMoved)
    assert taken.event.data.moveStatus is None
    assert taken.odd == (f"8249 is {status!r}, none of 1 to 8; read as not said",)


def test_wrong_trailers_are_warned_of_and_change_nothing() -> None:
    text = coarri(box()).replace("CNT+16:1", "CNT+16:7").replace("UNZ+1", "UNZ+3")

    found = read(text)

    assert [type(o) for o in found] == [Message, Accepted, Warned, Warned]
    assert [o.message for o in found if isinstance(o, Warned)] == [
        "CNT says '7' pieces of equipment, 1 were found",
        "UNZ says '3' messages, 1 were found",
    ]


def test_a_missing_trailer_is_refused_and_the_box_before_counts() -> None:
    text = coarri(box())

    message, taken, refused = read(text[: text.index("CNT")])

    assert isinstance(message, Message)
    assert isinstance(taken, Accepted)
    assert isinstance(refused, Refused)
    assert "the file ends before its UNT and its UNZ" in refused.message
    assert refused.original == f"UNA:+.? '{text[: text.index('EQD')]}".encode()


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        # a damaged UNH, UNT, UNZ, UNB: moves counted, and what is refused besides
        ("UNH+M1", "UNX+M1", [Message, Refused, Refused]),
        ("UNT+", "UNX+", [Message, Accepted, Accepted, Refused, Refused]),
        ("UNZ+", "UNX+", [Message, Accepted, Accepted, Message, Refused, Refused]),
        ("UNB+", "UNX+", [Refused, Message, Refused, Refused]),
        ("UNH+M1+COARRI:D:95B:UN:SMDG16'", "", [Message, Refused, Refused]),
        ("UNT+11+M1'", "", [Message, Accepted, Accepted, Refused]),
        ("UNZ+1+R1'", "", [Message, Accepted, Accepted, Refused]),
        # the tag, the qualifier, or the first separator of an EQD
        ("EQD+CN+APZU", "EQX+CN+APZU", [Message, Accepted, Refused]),
        ("EQD+CN+APZU", "EQD+XN+APZU", [Message, Accepted, Refused]),
        ("EQD+CN+APZU", "EQD*CN+APZU", [Message, Accepted, Refused]),
        ("EQD+CN+APZU", "XQD+CN+APZU", [Message, Accepted, Refused]),
    ],
)
def test_a_damaged_or_missing_segment_is_refused_with_its_bytes(
    old: str, new: str, kinds: list[type]
) -> None:
    text = coarri(box(), box("APZU4812090")).replace("UNT+12", "UNT+11")
    assert old in text

    found = read(text.replace(old, new))

    assert [type(o) for o in found if not isinstance(o, Warned)] == kinds
    assert all(o.original for o in found if isinstance(o, Refused))


def test_a_file_cut_within_a_box_loses_that_box_and_says_so() -> None:
    text = coarri(box(), box("APZU4812090"))

    found = read(text[: text.rindex("ETCT")])

    assert [type(o) for o in found][:2] == [Message, Accepted]
    (lost,) = [o for o in found if isinstance(o, Refused)]
    assert lost.reason is Reason.BAD_SYNTAX
    assert b"APZU4812090" in lost.original


def test_the_segments_of_a_box_may_stand_in_any_order_the_standard_allows() -> None:
    lines = [
        "DTM+203:202603010830:203",
        "LOC+165+CNNTG:139:6+ETCT:TER:ZZZ",
        "SEL+1+CA",
        "NAD+CF+COS",
    ]

    @given(st.permutations(lines))
    @settings(max_examples=24)
    def check(order: list[str]) -> None:
        (event,) = moves(coarri("'".join(["EQD+CN+CSQU3054383+22G1:102:5++3+5", *order, ""])))
        assert event == moves(coarri(box()))[0]

    check()


WHOLE = coarri(box(), box("APZU4812090", "45G1"), box("MSKU0000080", "L5G1"))


def accounted(found: list[Outcome]) -> bool:
    """Three boxes are told of, one by one, or something is said to be wrong."""
    records = [o for o in found if isinstance(o, Accepted | Skipped | Refused)]
    return len(records) == 3 or any(isinstance(o, Warned | Refused) for o in found)


@pytest.mark.parametrize("at", range(0, len(WHOLE), 3))
def test_a_byte_cut_out_is_never_a_silent_loss(at: int) -> None:
    assert accounted(read(WHOLE[:at] + WHOLE[at + 1 :]))


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_byte_flipped_is_never_a_silent_loss(at: int, byte: int) -> None:
    raw = WHOLE.encode()

    assert accounted(read(raw[:at] + bytes([byte]) + raw[at + 1 :]))
