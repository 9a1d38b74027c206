"""Why records are refused or in no sum, as reports and pages say it: the words of the boards."""

from contract.errors import Reason
from contract.move_class import UncountedCause
from reports.tree import Lang

_CHINESE: dict[str, str] = {
    Reason.UNDECODABLE: "无法解码",
    Reason.WRONG_TYPE: "类型错误",
    Reason.MISSING_FIELD: "缺少字段",
    Reason.UNKNOWN_EVENT_TYPE: "未知事件类型",
    Reason.NAIVE_TIME: "时间无时区",
    Reason.FUTURE_TIME: "时间在未来",
    Reason.TOO_OLD: "过于陈旧",
    Reason.TOO_LARGE: "过大",
    Reason.UNKNOWN_TERMINAL: "未知码头",
    Reason.UNKNOWN_SIZE: "箱型不明",
    Reason.CONFLICT: "内容冲突",
    Reason.REUSED_ID: "编号重用",
    Reason.UNKNOWN_CURRENCY: "未知币种",
    Reason.UNKNOWN_PARTNER: "未知伙伴",
    Reason.UNKNOWN_CODE: "未知代码",
    Reason.BAD_VALUE: "数值有误",
    Reason.BAD_SYNTAX: "语法错误",
    Reason.LIMIT_REACHED: "达到上限",
    Reason.UNPROCESSABLE: "无法处理",
    UncountedCause.NOT_ACTUAL: "非实际作业",
    UncountedCause.NOT_A_PORT_MOVE: "非港口作业",
    UncountedCause.REMAIN_ON_BOARD: "留船箱",
    UncountedCause.SHORTLANDED: "短卸",
    UncountedCause.NOT_AT_A_PORT_TERMINAL: "不在码头",
    UncountedCause.NOT_BY_WATER: "非水运",
}


def refusal(reason: str, lang: Lang) -> str:
    """Return a reason in words; one that is not known stays as it is."""
    if lang == "en":
        return reason.replace("_", " ")
    return _CHINESE.get(reason, reason)
