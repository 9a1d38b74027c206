"""Twelve sequences of EDIFACT messages and the moves that they make; expected values by hand.

docs/decisions/identity-of-a-move.md shows the same table; a test holds the two together.
"""

from typing import NamedTuple

BOX, OTHER = "CSQU3054383", "APZU4812090"


class Message(NamedTuple):
    """What one message of one container says; the defaults are a discharge on 5 March 2026."""

    document: str = "D1"
    function: str = "9"
    voyage: str = "031E"
    at: str = "202603050212"
    prepared: str = "260305:0915"
    container: str = BOX
    move: str = "DISC"
    size: str = "22G1"
    refers: str = ""
    ship: str = "9412345"
    terminal: str = "ETCT"

    def text(self) -> str:
        """An interchange of this message alone."""
        code = {"DISC": "44", "LOAD": "46", "GTIN": "34", "GTOT": "36"}[self.move]
        quay = self.move in ("DISC", "LOAD")
        time = f"DTM+{203 if quay else 7}:{self.at}:203'" if self.at else ""
        refers = f"RFF+ACW:{self.refers}'" if self.refers else ""
        tdt = (
            f"TDT+20+{self.voyage}+1++ABC:172:20+++{self.ship}:146::PEARL'" if self.voyage else ""
        )
        body = (
            f"UNH+1+{'COARRI' if quay else 'CODECO'}:D:95B:UN'BGM+{code}+{self.document}+"
            f"{self.function}'{refers}{tdt}LOC+165+CNNTG:139:6+{self.terminal}:TER:ZZZ'"
            f"EQD+CN+{self.container}+{self.size}:102:5+++5'{time}CNT+16:1'"
        )
        return (
            f"UNB+UNOA:2+EASTTERM+PORT+{self.prepared}+R1'{body}"
            f"UNT+{body.count(chr(39)) + 1}+1'UNZ+1+R1'"
        )


class MessageSequence(NamedTuple):
    """Messages, and what they come to when they are imported together."""

    title: str
    messages: tuple[Message, ...]
    moves: int
    hundredths: int
    amended: int = 0
    retracted: int = 0
    no_original: int = 0
    by_number: bool = False
    """The original is found by its document number, so the messages must be imported together."""


FIRST = Message()
SEQUENCES = (
    MessageSequence(
        "A constant text as document number, on two voyages four weeks apart",
        (
            Message(document="UNLOADING REPORT"),
            Message(
                document="UNLOADING REPORT",
                voyage="044E",
                at="202604020212",
                prepared="260402:0915",
            ),
        ),
        moves=2,
        hundredths=200,
    ),
    MessageSequence(
        "One discharge told to the ship operator and to the line, under two document numbers",
        (Message(document="1001"), Message(document="1002", prepared="260305:0930")),
        moves=1,
        hundredths=100,
    ),
    MessageSequence(
        "The same lift in three cumulative hourly reports",
        (
            Message(document="H01", prepared="260305:0300"),
            Message(document="H02", prepared="260305:0400"),
            Message(document="H03", prepared="260305:0500"),
        ),
        moves=1,
        hundredths=100,
    ),
    MessageSequence(
        "The container passes the gate twice, two days apart",
        (
            Message(document="", move="GTIN"),
            Message(document="", move="GTIN", at="202603070212", prepared="260307:0915"),
        ),
        moves=2,
        hundredths=0,
    ),
    MessageSequence(
        "The voyage number comes again after half a year",
        (FIRST, Message(document="D9", at="202609050212", prepared="260905:0915")),
        moves=2,
        hundredths=200,
    ),
    MessageSequence(
        "A cancellation under its own number names ship, voyage, container and move",
        (FIRST, Message(document="D2", function="1", prepared="260305:1015")),
        moves=0,
        hundredths=0,
        retracted=1,
    ),
    MessageSequence(
        "A replacement gives another size, and moves the time by a day",
        (
            FIRST,
            Message(
                document="R1",
                function="5",
                size="42G1",
                at="202603060212",
                prepared="260306:1015",
            ),
        ),
        moves=1,
        hundredths=200,
        amended=1,
    ),
    MessageSequence(
        "A change moves the time of a gate-in by two hours; RFF+ACW names its document",
        (
            Message(move="GTIN"),
            Message(
                document="D2",
                function="4",
                refers="D1",
                move="GTIN",
                at="202603050412",
                prepared="260305:1015",
            ),
        ),
        moves=1,
        hundredths=0,
        amended=1,
        by_number=True,
    ),
    MessageSequence(
        "A cancellation gives no time and no ship, only the document number",
        (
            Message(move="GTOT"),
            Message(function="3", move="GTOT", voyage="", at="", prepared="260305:1015"),
        ),
        moves=0,
        hundredths=0,
        retracted=1,
        by_number=True,
    ),
    MessageSequence(
        "A replacement corrects the voyage; RFF+ACW names its document",
        (
            FIRST,
            Message(
                document="R1",
                function="5",
                refers="D1",
                voyage="032E",
                prepared="260305:1015",
            ),
        ),
        moves=1,
        hundredths=100,
        amended=1,
        by_number=True,
    ),
    MessageSequence(
        "A cancellation of a lift that nobody reported",
        (FIRST, Message(document="D2", function="1", container=OTHER, prepared="260305:1015")),
        moves=1,
        hundredths=100,
        no_original=1,
    ),
    MessageSequence(
        "A discharge is cancelled and reported anew",
        (
            FIRST,
            Message(document="D2", function="1", prepared="260305:1015"),
            Message(document="D3", prepared="260305:1115"),
        ),
        moves=1,
        hundredths=100,
        retracted=1,
        amended=1,
    ),
)
