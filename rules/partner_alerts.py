"""The alert on partners: the share of a partner's records that is refused has doubled.

In words: within 24 hours at least 20 records of a partner were refused, and their share of all
its records is at least double the share of the seven days before.  A usual share below 0.5 % is
taken as 0.5 %, so that the second refused record of a week is no alarm.
"""

from kpis.partners import REFUSED_BY_REASON, REFUSED_SHARE, USUAL_REFUSED_SHARE
from rules.alert import Alert, AlertText

LEAST_REFUSED = 20  # records of a day; a file has some dozens, and one wrong box is no fault
LEAST_USUAL = 0.005
TIMES = 2

_BY_REASON = f"max by (partner, reason) ({REFUSED_BY_REASON.series})"  # of whoever shows them
_REFUSED = f"sum by (partner) ({_BY_REASON}) >= {LEAST_REFUSED}"
_SHARE = f"max by (partner) ({REFUSED_SHARE.series})"
_USUAL = f"(max by (partner) ({USUAL_REFUSED_SHARE.series}) or 0 * {_SHARE})"
_DOUBLE = f"{_SHARE} >= {TIMES} * clamp_min({_USUAL}, {LEAST_USUAL})"
_WHO = '{{ if eq $labels.partner "-" }}no partner{{ else }}{{ $labels.partner }}{{ end }}'
_WHO_ZH = '{{ if eq $labels.partner "-" }}未列名的发送方{{ else }}{{ $labels.partner }}{{ end }}'

PARTNER_ALERTS = (
    Alert(
        "PartnerRefusals",
        "warning",
        f"{_DOUBLE} and on (partner) {_REFUSED}",
        "15m",
        "30m",
        AlertText(
            summary=f"More records of {_WHO} are refused than usual",
            summary_zh=f"{_WHO_ZH}的记录搁置比例异常升高",
            description=(
                f"{{{{ $value | humanizePercentage }}}} of the records of {_WHO} within 24 hours "
                "are refused, at least double the share of the week before; what they report is "
                "in no figure.  The Pipeline board says for which reasons."
            ),
            description_zh=(
                f"近24小时{_WHO_ZH}的记录有{{{{ $value | humanizePercentage }}}}被搁置，"
                "至少为前一周比例的两倍；其内容未计入数据。原因见流水线看板。"
            ),
        ),
        board="pipeline",
    ),
)
"""Every alert on partners."""
