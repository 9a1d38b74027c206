"""The class of a move, or the cause why it is in no sum: the rule of throughput, stated once.

Throughput is UNCTAD's flow between land and sea: every LOAD and DISC of a vessel or barge at a
port terminal.  The ledger books by these functions and `quaymark import` predicts by them.
The audit (audit/recount.py) keeps a copy of its own on purpose: it checks this one.
"""

from enum import StrEnum

from contract.events import Classifier, EquipmentEvent, Mode, Move, MoveStatus

QUAY_MOVES = (EquipmentEvent.LOAD, EquipmentEvent.DISC)
"""Moves over the quay: these can count as throughput."""
GATE_MOVES = (EquipmentEvent.GTIN, EquipmentEvent.GTOT)
"""Moves through the gate: these are counted as moves and have no TEU of throughput."""
_PORT_MOVES = frozenset((*QUAY_MOVES, *GATE_MOVES))
PORT_TERMINAL = "POTE"  # DCSA facilityTypeCode


class MoveKind(StrEnum):
    """What sort of move a counted one is; a restow has no TEU of throughput."""

    NORMAL = "normal"
    TRANSHIPMENT = "transhipment"
    RESTOW = "restow"


class UncountedCause(StrEnum):
    """Why a sound move is in no sum: the label `why` of `pipeline_uncounted_total`."""

    NOT_ACTUAL = "not_actual"
    NOT_A_PORT_MOVE = "not_a_port_move"
    REMAIN_ON_BOARD = "remain_on_board"
    SHORTLANDED = "shortlanded"
    NOT_AT_A_PORT_TERMINAL = "not_at_a_port_terminal"
    NOT_BY_WATER = "not_by_water"


def uncounted_cause(move: Move) -> UncountedCause | None:
    """Return why a move is in no sum; None if it counts."""
    mode = move.transportCall.modeOfTransport if move.transportCall else None
    if move.eventClassifierCode is not Classifier.ACT:
        return UncountedCause.NOT_ACTUAL
    if move.equipmentEventTypeCode not in _PORT_MOVES:
        return UncountedCause.NOT_A_PORT_MOVE
    if move.moveStatus is MoveStatus.REMAIN_ON_BOARD:
        return UncountedCause.REMAIN_ON_BOARD
    if move.moveStatus is MoveStatus.SHORTLANDED:
        return UncountedCause.SHORTLANDED
    facility_type = move.facilityTypeCode
    if facility_type is not None and facility_type.upper() != PORT_TERMINAL:
        return UncountedCause.NOT_AT_A_PORT_TERMINAL
    if move.equipmentEventTypeCode in QUAY_MOVES and mode in (Mode.RAIL, Mode.TRUCK):
        return UncountedCause.NOT_BY_WATER
    return None


def move_kind(move: Move) -> MoveKind:
    """Return whether a move is a restow, one of two lifts of a transhipment, or normal."""
    if move.moveStatus is MoveStatus.SHIFTER:
        return MoveKind.RESTOW
    if move.isTransshipmentMove or move.moveStatus is MoveStatus.TRANSHIPMENT:
        return MoveKind.TRANSHIPMENT
    return MoveKind.NORMAL


def has_throughput(equipment_event: str, kind: str) -> bool:
    """Does the TEU of a counted move of this event type and kind count as throughput?"""
    return equipment_event in QUAY_MOVES and kind != MoveKind.RESTOW
