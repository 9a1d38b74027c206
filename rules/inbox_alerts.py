"""Alerts on the inbox: files that wait too long or fail, a partner that is silent, no inbox."""

from kpis.inbox import EXPECTED, FILES, INBOX_JOB, LAST_FILE, OLDEST
from kpis.model.kpi import Series
from kpis.receiver import LAST_POST
from rules.alert import Alert, AlertText
from rules.go_templates import whole

STUCK_SECONDS = 1800  # a sender that is still writing, or a wrong permission: nobody waits longer
READY_SECONDS = 900  # a whole file waits seconds, and behind ten thousand others some minutes

_UP = Series("up", ("job",)).where(job=INBOX_JOB)
_READY = OLDEST.series.where(why="ready")
_MOVES_ON = f"sum(increase({FILES.series}[15m])) > 0"
_STUCK = (
    f"max by (why) ({OLDEST.series}{{why!='ready'}} > {STUCK_SECONDS} "
    f"or ({_READY} > {READY_SECONDS} unless on () {_MOVES_ON}))"
)
_FAILED = f"sum by (partner) (increase({FILES.series.where(outcome='failed')}[1h]))"
# a receiver that was started again knows of no earlier post
_LAST = f"max by (partner) ({LAST_FILE.series} or max_over_time({LAST_POST.series}[7d]))"
_ALLOWED = f"max by (partner) ({EXPECTED.series})"
_OF_WHOM = (
    '{{ if eq $labels.partner "-" }}in no folder of a partner'
    '{{ else if eq $labels.partner "?" }}in folders of unknown partners'
    "{{ else }}of {{ $labels.partner }}{{ end }}"
)
_OF_WHOM_ZH = (
    '{{ if eq $labels.partner "-" }}不属任何发送方'
    '{{ else if eq $labels.partner "?" }}未知发送方'
    "{{ else }}{{ $labels.partner }}{{ end }}"
)

INBOX_ALERTS = (
    Alert(
        "InboxStuck",
        "warning",
        _STUCK,
        "5m",
        "5m",
        AlertText(
            summary="Files wait in the inbox ({{ $labels.why }})",
            summary_zh="收件夹有文件滞留（{{ $labels.why }}）",
            description=(
                "A file has waited in the inbox for {{ $value | humanizeDuration }} "
                "({{ $labels.why }}) and is not imported; what it reports is missing in the "
                "figures."
            ),
            description_zh=(
                "收件夹中有文件已滞留{{ $value | humanizeDuration }}（{{ $labels.why }}），"
                "尚未导入；其内容未计入数据。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "InboxFailed",
        "warning",
        f"{_FAILED} > 0",
        "1m",
        "15m",
        AlertText(
            summary=f"Files {_OF_WHOM} could not be imported",
            summary_zh=f"{_OF_WHOM_ZH}的文件无法导入",
            description=(
                f"{whole()} files {_OF_WHOM} failed in the last hour, so "
                "nothing of them is in the figures; `quaymark inbox status` says why."
            ),
            description_zh=(
                f"近一小时{_OF_WHOM_ZH}的{whole()}个文件导入失败，内容未计入数据；"
                "原因见 `quaymark inbox status`。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "PartnerSilent",
        "warning",
        f"time() - {_LAST} > {_ALLOWED}",
        "5m",
        "5m",
        AlertText(
            summary="Nothing of {{ $labels.partner }} for {{ $value | humanizeDuration }}",
            summary_zh="{{ $labels.partner }}已{{ $value | humanizeDuration }}无数据",
            description=(
                "The last file or post of {{ $labels.partner }} came "
                "{{ $value | humanizeDuration }} ago, longer than `expect_every` of its profile "
                "allows; its moves since are missing."
            ),
            description_zh=(
                "{{ $labels.partner }}的最近一次文件或推送到达于"
                "{{ $value | humanizeDuration }}前，"
                "超过其配置的 `expect_every`；此后的作业未计入数据。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "InboxAbsent",
        "warning",
        f"{_UP} == 0 and max_over_time({_UP}[1d]) == 1",
        "5m",
        "2m",
        AlertText(
            summary="The inbox does not answer",
            summary_zh="收件夹进程无响应",
            description=(
                "0 inboxes answer Prometheus, though one did within a day: files are not taken "
                "in. They stay where they are, and are taken in once it runs."
            ),
            description_zh="0个收件夹进程响应，而一日内曾有：文件未被导入，仍留原处，恢复后自动导入。",
        ),
        board="pipeline",
    ),
)
"""Every alert on the inbox."""
