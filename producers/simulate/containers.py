"""Simulated containers and ships: drawn by the batch from uniform numbers and fixed tables.

Only `Generator.random()` is used, and comparisons: no function of numpy's whose last digit differs
from one processor to the next, so that a day's draw is the same everywhere.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from contract.container import teu_hundredths
from contract.events import Fill, Mode, TransportCall, Vessel

Uniforms = NDArray[np.float64]

SIZES: Final = (
    # size-type code, share of moves: 20 ft 32 %, 40 ft 64 %, 45 ft 2 %, the rest odd or unknown
    ("22G1", 0.262),
    ("22R1", 0.016),
    ("22T1", 0.020),
    ("25G1", 0.010),
    ("2200", 0.012),  # old numeric codes still arrive
    ("42G1", 0.120),
    ("45G1", 0.460),
    ("45R1", 0.040),
    ("42P1", 0.010),
    ("4300", 0.008),
    ("4310", 0.008),
    ("L5G1", 0.020),
    ("M5G1", 0.004),
    ("12G1", 0.002),
    ("32G1", 0.003),
    ("0000", 0.0025),
    (None, 0.0025),
)
MEAN_HUNDREDTHS = sum(share * (teu_hundredths(code, "china") or 0) for code, share in SIZES)
LADEN_SHARE = 0.68
NO_NUMBER_SHARE = 0.0005
WRONG_DIGIT_SHARE = 0.003

OWNERS = ("QMKU", "THPU", "HMGU", "JHLU", "YZRU", "NTXU", "SUZU", "DHAU")
"""Made-up owner codes; any likeness to registered ones is chance."""
VESSELS = (
    *("TONGHAI STAR", "TONGHAI PEARL", "HAIMEN SPIRIT", "HAIMEN DAWN", "YANGTZE LOTUS"),
    *("YANGTZE HERON", "JIANGHAI GLORY", "JIANGHAI UNITY", "CHONGMING BREEZE", "WOLF HILL"),
    *("EAST SEA BRIDGE", "EAST SEA HARMONY", "NANTONG BLOSSOM", "NANTONG PIONEER"),
    *("BLUE CALICO", "KITE FESTIVAL"),
)
BARGES = tuple(f"SU TONG JI {number}" for number in range(1801, 1825))
BARGE_SHARE = 0.2


class ContainerBatch(Struct, frozen=True):
    """A batch of containers, one list entry each."""

    numbers: list[str | None]
    sizes: list[str | None]
    fills: list[Fill]


def pick(uniforms: Uniforms, shares: Sequence[float]) -> NDArray[np.intp]:
    """Return the index that each uniform number picks by `shares`, which sum to 1."""
    return np.searchsorted(np.cumsum(shares)[:-1], uniforms, side="right")


def draw_boxes(random: np.random.Generator, count: int) -> ContainerBatch:
    """Draw containers with ISO 6346 numbers; a few have none or a wrong check digit."""
    owner, serial, size, fill, oddity = random.random((5, count))
    owners = (owner * len(OWNERS)).astype(np.int64)
    serials = (serial * 1_000_000).astype(np.int64)
    wrong = oddity < WRONG_DIGIT_SHARE
    digits = (_check_digits(owners, serials) + wrong) % 10
    marks = serials * 10 + digits
    numbers: list[str | None] = [
        f"{OWNERS[which]}{mark:07d}"
        for which, mark in zip(owners.tolist(), marks.tolist(), strict=True)
    ]
    for unnumbered in np.flatnonzero(oddity >= 1 - NO_NUMBER_SHARE).tolist():
        numbers[unnumbered] = None
    codes = [code for code, _ in SIZES]
    picked = pick(size, [share for _, share in SIZES])
    return ContainerBatch(
        numbers,
        [codes[which] for which in picked.tolist()],
        [Fill.LADEN if laden else Fill.EMPTY for laden in (fill < LADEN_SHARE).tolist()],
    )


def draw_call(random: np.random.Generator, call_id: str, voyage: str) -> TransportCall:
    """Draw a call of a ship or barge; the last letter of its voyage number is the direction."""
    kind, which = random.random(2).tolist()
    if kind < BARGE_SHARE:
        vessel = Vessel(vesselName=BARGES[int(which * len(BARGES))])
        return TransportCall(Mode.BARGE, vessel, f"{voyage}U", transportCallID=call_id)
    index = int(which * len(VESSELS))
    vessel = Vessel(vesselIMONumber=_imo_number(999_000 + index), vesselName=VESSELS[index])
    return TransportCall(Mode.VESSEL, vessel, f"{voyage}E", transportCallID=call_id)


def _letters_value(letter: str) -> int:
    """Return the ISO 6346 value of a letter: A is 10, and multiples of 11 are skipped."""
    return [value for value in range(10, 39) if value % 11][ord(letter) - ord("A")]


_OWNER_SUMS = np.array(
    [sum(_letters_value(letter) << at for at, letter in enumerate(owner)) for owner in OWNERS]
)


def _check_digits(owners: NDArray[np.int64], serials: NDArray[np.int64]) -> NDArray[np.int64]:
    """ISO 6346 check digits: weights 2^0 … 2^9, sum mod 11, remainder 10 counts as 0."""
    total = _OWNER_SUMS[owners]
    for place in range(6):
        total = total + ((serials // 10 ** (5 - place) % 10) << (4 + place))
    digits: NDArray[np.int64] = total % 11 % 10
    return digits


def _imo_number(six: int) -> str:
    """Six digits and the check digit of an IMO number: weights 7 … 2, last digit of the sum."""
    return f"{six}{sum(int(d) * w for d, w in zip(str(six), range(7, 1, -1), strict=True)) % 10}"
