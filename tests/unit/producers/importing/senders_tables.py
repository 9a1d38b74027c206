"""CSV, workbooks and DCSA's JSON as real senders write them, with what the rules give by hand."""

import io
import json
from datetime import date, datetime
from typing import Any

import openpyxl

from tests.unit.producers.dcsa.test_equipment_events import FLAT
from tests.unit.producers.importing.senders_messages import A, B, SendersFile


def dcsa(**said: Any) -> dict[str, Any]:
    """A load of a full 40 ft container, with changes."""
    return FLAT | said


def sheet(*rows: tuple[Any, ...], title: str = "") -> bytes:
    """A workbook of one sheet; its times have no zone, and numbers among them look like times."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in ((title,), *rows) if title else rows:
        page.append(row)
    for cell in page["B"]:
        if isinstance(cell.value, float):
            cell.number_format = "yyyy-mm-dd hh:mm"
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


MOMENT = datetime.fromisoformat("2026-03-05T02:12")
COLUMNS = ("move", "time", "terminal", "container", "size", "fill")
ROW = "DISC,2026-03-05T02:12:00+08:00,THE,CSQU3054383,22G1,full\n"
HEADER = "move,time,terminal,container,size,fill\n"

CSV = (
    SendersFile(
        "semicolons, a signature and CRLF",
        [b"\xef\xbb\xbf" + (HEADER + ROW).replace(",", ";").replace("\n", "\r\n").encode()],
        1,
        100,
    ),
    SendersFile(
        "a header in any letter case", ["Move,TIME,Terminal,Container,Size,Fill\n" + ROW], 1, 100
    ),
    SendersFile(
        "words for moves",
        [
            HEADER
            + ROW.replace("DISC", "Discharged")
            + ROW.replace("DISC", "gate in").replace("02:12", "04:00")
        ],
        2,
        100,
    ),
    SendersFile("empty rows of Excel", [HEADER + ROW + ",,,,,\n\n,,,,,\n"], 1, 100),
    SendersFile(
        "a blank for the T and no zone",
        [HEADER + ROW.replace("T02:12:00+08:00", " 02:12")],
        1,
        100,
    ),
    SendersFile("the same row twice", [HEADER + ROW + ROW], 1, 100, {"repeat": 1}),
    SendersFile(
        "old codes and a bare 45",
        [HEADER + ROW.replace("22G1", "4310") + ROW.replace("22G1", "45").replace(A, B)],
        2,
        425,
    ),
    SendersFile("a total below", [HEADER + ROW + "Total,,,1,,\n"], 1, 100, {"missing_field": 1}),
    SendersFile(
        "a load from a truck", ["mode," + HEADER + "TRUCK," + ROW], 0, 0, {"not_by_water": 1}
    ),
    SendersFile("an estimate", ["classifier," + HEADER + "EST," + ROW], 0, 0, {"not_actual": 1}),
    SendersFile("a restow by its number", ["status," + HEADER + "5," + ROW], 1, 0),
    SendersFile(
        "a row taken back",
        [
            "id,recorded,retracted,"
            + HEADER
            + "1,2026-03-05T03:00:00+08:00,,"
            + ROW
            + "1,2026-03-05T04:00:00+08:00,true,"
            + ROW
        ],
        0,
        0,
        retracted=1,
    ),
    SendersFile(
        "an American clock",
        [HEADER + ROW.replace("2026-03-05T02:12:00+08:00", "3/5/2026 2:12 PM")],
        0,
        0,
        {"bad_value": 1},
    ),
    SendersFile(
        "one digit for a month",
        [HEADER + ROW.replace("2026-03-05T02:12:00+08:00", "2026/3/5 2:12")],
        1,
        100,
    ),
    SendersFile("the terminal in small letters", [HEADER + ROW.replace("THE", "the")], 1, 100),
    SendersFile(
        "two columns of one name", ["container," + HEADER + B + "," + ROW], 0, 0, {"bad_syntax": 1}
    ),
    SendersFile(
        "a small t and z", [HEADER + ROW.replace("T02:12:00+08:00", "t02:12:00z")], 1, 100
    ),
)

WORKBOOKS = (
    SendersFile(
        "a moment and a number", [sheet(COLUMNS, ("DISC", MOMENT, "THE", A, 4310, "full"))], 1, 200
    ),
    SendersFile(
        "empty rows between",
        [
            sheet(
                COLUMNS,
                ("DISC", MOMENT, "THE", A, "22G1", "full"),
                (),
                ("LOAD", MOMENT, "THE", B, "L5G1", "empty"),
            )
        ],
        2,
        325,
    ),
    SendersFile(
        "a title above",
        [sheet(COLUMNS, ("DISC", MOMENT, "THE", A, "22G1", "full"), title="March")],
        1,
        100,
    ),
    SendersFile(
        "a day without a time",
        [sheet(COLUMNS, ("DISC", date(2026, 3, 5), "THE", A, "22G1", "full"))],
        0,
        0,
        {"naive_time": 1},
    ),
    SendersFile(
        "a moment that a formula left a hair before midnight",
        [sheet(COLUMNS, ("DISC", 46023 - 1e-9, "THE", A, "22G1", "full"))],  # 46023: 1 January
        1,
        100,
        by_year={"2026": 1.0},
    ),
)
DCSA = (
    SendersFile("one load", [json.dumps(dcsa())], 1, 200),
    SendersFile("a size that is a number", [json.dumps([dcsa(ISOEquipmentCode=2210)])], 1, 100),
    SendersFile(
        "codes in small letters",
        [
            json.dumps(
                dcsa(
                    emptyIndicatorCode="laden",
                    equipmentEventTypeCode="load",
                    eventClassifierCode="act",
                )
            )
        ],
        1,
        200,
    ),
    SendersFile("a gate-in", [json.dumps(dcsa(equipmentEventTypeCode="GTIN"))], 1, 0),
    SendersFile("a plan", [json.dumps(dcsa(eventClassifierCode="PLN"))], 0, 0, {"not_actual": 1}),
    SendersFile(
        "the event of a ship",
        [json.dumps([dcsa(), {"eventType": "TRANSPORT", "eventID": "t"}])],
        1,
        200,
        {"transport_event": 1},
    ),
    SendersFile(
        "a newer record of another size",
        [
            json.dumps(
                [
                    dcsa(),
                    dcsa(
                        ISOEquipmentCode="22G1", eventCreatedDateTime="2026-03-01T10:00:00+08:00"
                    ),
                ]
            )
        ],
        1,
        100,
        amended=1,
    ),
    SendersFile(
        "an id given twice",
        [json.dumps([dcsa(), dcsa(equipmentReference=B)])],
        1,
        200,
        {"conflict": 1},
    ),
    SendersFile(
        "a retraction",
        [
            json.dumps(
                [
                    dcsa(),
                    {
                        "eventID": "e2",
                        "eventType": "EQUIPMENT",
                        "retractedEventID": "e1",
                        "eventCreatedDateTime": "2026-03-01T10:00:00+08:00",
                    },
                ]
            )
        ],
        0,
        0,
        retracted=1,
    ),
    SendersFile(
        "an instant of the last evening of the year",
        [json.dumps(dcsa(eventDateTime="2025-12-31T16:30:00Z"))],
        1,
        200,
        by_year={"2026": 2.0},
    ),
    SendersFile(
        "lines",
        [json.dumps(dcsa()) + "\n" + json.dumps(dcsa(eventID="e2", equipmentReference=B)) + "\n"],
        2,
        400,
    ),
    SendersFile("a list within an object", [json.dumps({"events": [dcsa()]})], 1, 200),
    SendersFile(
        "a small t and z", [json.dumps(dcsa(eventDateTime="2026-03-01t08:00:00z"))], 1, 200
    ),
    SendersFile("a move in words", [json.dumps(dcsa(equipmentEventTypeCode="GATE_IN"))], 1, 0),
    SendersFile("a comma at the end of the list", [json.dumps([dcsa()])[:-1] + ",]"], 1, 200),
    SendersFile(
        "a load from a truck",
        [json.dumps(dcsa(transportCall={"facilityCode": "THE", "modeOfTransport": "TRUCK"}))],
        0,
        0,
        {"not_by_water": 1},
    ),
    SendersFile(
        "the terminal of another port",
        [json.dumps(dcsa(transportCall={"facilityCode": "PSABT"}))],
        0,
        0,
        {"unknown_terminal": 1},
    ),
)
