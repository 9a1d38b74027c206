"""The values of the register's columns in words: states, reasons, causes, moves, kinds, sizes."""

import re
from collections.abc import Mapping

from contract.events import EquipmentEvent, Fill
from contract.move_class import MoveKind
from register.columns import State
from register.questions import Cause
from reports.language.refusals import refusal
from reports.tree import Lang

NO_REASON = "none"
"""How a question names records that have no reason."""
_UNKNOWN = {"unknown": ("unknown", "不明")}
WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "cause": {
        Cause.NEW: ("new moves", "新作业"),
        Cause.LATE: ("late: of days that were over", "迟到：该日已结束"),
        Cause.RETRIED: ("rejected before, sent again", "曾被搁置，已重送"),
        Cause.MOVED: ("moved to another day or terminal", "改至他日或他码头"),
        Cause.SIZE_LEARNT: ("size learnt", "补得尺寸"),
        Cause.AMENDED: ("amended", "更正"),
        Cause.RETRACTED: ("retracted", "撤销"),
        Cause.NO_LONGER_COUNTED: ("no longer counted", "不再计入"),
    },
    "state": {
        State.COUNTED: ("counted", "入账"),
        State.UNCOUNTED: ("not counted", "不计"),
        State.RETRACTED: ("retracted", "撤销"),
        State.REFUSED: ("rejected", "搁置"),
    },
    "move": {
        EquipmentEvent.LOAD: ("load", "装船"),
        EquipmentEvent.DISC: ("discharge", "卸船"),
        EquipmentEvent.GTIN: ("gate in", "进闸"),
        EquipmentEvent.GTOT: ("gate out", "出闸"),
        EquipmentEvent.STUF: ("stuffing", "装箱"),
        EquipmentEvent.STRP: ("stripping", "拆箱"),
        EquipmentEvent.PICK: ("pick-up", "提箱"),
        EquipmentEvent.DROP: ("drop-off", "还箱"),
        EquipmentEvent.INSP: ("inspection", "检查"),
        EquipmentEvent.RSEA: ("reseal", "换封"),
        EquipmentEvent.RMVD: ("removal", "移除"),
        EquipmentEvent.CUSS: ("selected for a customs scan", "海关布控扫描"),
        EquipmentEvent.CUSI: ("selected for a customs inspection", "海关布控查验"),
        EquipmentEvent.CUSR: ("released by customs", "海关放行"),
        EquipmentEvent.CROS: ("border crossing", "过境"),
        EquipmentEvent.AVPU: ("available for pick-up", "可提箱"),
        EquipmentEvent.AVDO: ("available for drop-off", "可还箱"),
    },
    "kind": {
        MoveKind.NORMAL: ("normal", "一般"),
        MoveKind.TRANSHIPMENT: ("transhipment", "中转"),
        MoveKind.RESTOW: ("restow", "倒箱"),
    },
    "fill": {Fill.LADEN: ("laden", "重箱"), Fill.EMPTY: ("empty", "空箱"), **_UNKNOWN},
    "size_feet": {"other": ("other", "其他"), **_UNKNOWN},
}
"""Column -> its values in English and Chinese; other columns hold what people wrote."""


def in_words(column: str, value: str, lang: Lang) -> str:
    """Return a value of a column in words; names, numbers and codes stay as they are."""
    if column == "reason":
        if value == NO_REASON:
            return "no reason" if lang == "en" else "无缘由"
        return refusal(value, lang)
    if column == "terminals":
        return ", ".join(value.split("|"))
    said = WORDS.get(column, {}).get(value)
    if said is None:
        return value
    return said[0] if lang == "en" else said[1]


_PLACES = (
    (re.compile(r"\bline ([0-9]+)"), r"第 \1 行"),
    (re.compile(r"\bmessage ([^ ,]+)"), r"报文 \1"),
    (re.compile(r"\binterchange ([^ ,]+)"), r"交换 \1"),
    (re.compile(r"\bafter segment ([0-9]+)"), r"段 \1 之后"),
    (re.compile(r"\bsegment ([0-9]+)"), r"段 \1"),
    (re.compile(r", "), "，"),
)
"""Words of a place in a file -> how Chinese says them."""


def place_in_words(line: str, lang: Lang) -> str:
    """Return where in its file a record lies; names of its columns stay as they are."""
    for said, chinese in _PLACES if lang == "zh" else ():
        line = said.sub(chinese, line)
    return line
