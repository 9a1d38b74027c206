"""The words of the pages that take a figure apart, in Chinese and English."""

# ruff: noqa: E501  # a text is one line, as it is read

from msgspec import Struct

from register.at_offsets import REMEDY
from reports.tree import Lang


class ExplainWording(Struct, frozen=True):
    """All texts of one language, with {places}."""

    figure: str
    change: str
    known_at: str
    between: str
    kept_to: str
    equals: str
    equals_so_far: str
    got_more: str
    behind: str
    waits: str
    read_once: str
    differs: str
    past: str
    no_labels: str
    only_teu: str
    nothing: str
    no_change: str
    no_register: str
    unreadable: str
    by_cause: str
    by_place: str
    by_state: str
    by_class: str
    records: str
    show_records: str
    as_csv: str
    all_sums: str
    changed_since: str
    changed_after: str
    all_days: str
    first_shown: str
    unexplained: str
    of_cause: str
    of_records: str
    never_stood: str
    find: str
    sought: str
    sought_by: str
    found_by: tuple[str, ...]
    """The names by which records are found, in the order of FOUND_BY."""
    found: str
    many_found: str
    none_found: str
    check_digit: str
    columns: dict[str, str]


ENGLISH_EXPLAIN = ExplainWording(
    figure="{teu} TEU, {moves} moves",
    change="{old} → {new} TEU: {difference}",
    known_at="as known on {at}",
    between="known from {since} to {until}",
    kept_to="The register holds what Kafka got until {at}.",
    equals="Equals the books: {sums}.",
    equals_so_far="Equals the books: {sums}, as read at {at}.",
    got_more=" Since then the register got {later} more records.",
    behind="The books hold {sums}: the register has yet to read {unread} of their records. `quaymark register watch` reads them every 20 seconds; `quaymark up` runs it.",
    waits="The books hold {sums}, which is {difference} by this register: {why}",
    read_once="they were read once so far. Load this page again in 20 seconds.",
    differs=f"Differs from the books by {{difference}}: they hold {{sums}}. {REMEDY}.",
    past="The books show the present only, so this is not compared with them.",
    no_labels="The books know no source, reason or rejected record, so this is not compared with them.",
    only_teu="{teu} TEU",
    nothing="Nothing is booked here, and nothing was set aside.",
    no_change="Nothing changed in between.",
    no_register="The register holds no record yet: `quaymark register watch` makes it, which `quaymark up` runs.",
    unreadable="The register can't be read: {why}",
    by_cause="Why it changed",
    by_place="By terminal, day and source",
    by_state="What stands, and what was set aside",
    by_class="By class",
    records="Records",
    show_records="its records",
    as_csv="as CSV",
    all_sums="its sums",
    changed_since="what changed in the 24 hours before",
    changed_after="what changed since then",
    all_days="all days",
    first_shown="These are the first {count}; the file has all.",
    unexplained="The causes leave {amount} TEU unexplained.",
    of_cause="{cause}: {amount} TEU",
    of_records="{count} records",
    never_stood="never stood",
    find="Find",
    sought="number, or a ship's name or IMO",
    sought_by="what it is",
    found_by=("container", "ship", "voyage", "document", "event id"),
    found="{sought}: {count} records, of which {counted} count now",
    many_found="{sought}: more than {count} records",
    none_found="No record of {what} {sought} is known.",
    check_digit=" Its check digit does not fit: by ISO 6346 it is {digit}.",
    columns={
        "cause": "cause",
        "terminal": "terminal",
        "day": "day",
        "source": "source",
        "events": "events",
        "teu": "TEU",
        "amount": "TEU of change",
        "change": "TEU",
        "state": "state",
        "reason": "reason",
        "records": "records",
        "move": "move",
        "kind": "kind",
        "fill": "fill",
        "size_feet": "feet",
        "moves": "moves",
        "event_time": "happened",
        "recorded_time": "recorded",
        "document": "document",
        "container": "container",
        "vessel_name": "ship",
        "voyage": "voyage",
        "known_from": "known from",
        "known_to": "known to",
        "place": "where it lies",
    },
)

CHINESE_EXPLAIN = ExplainWording(
    figure="{teu} 标箱，{moves} 次作业",
    change="{old} → {new} 标箱：{difference}",
    known_at="截至 {at} 所知",
    between="{since} 至 {until} 之间得知",
    kept_to="登记册已收到 Kafka 至 {at} 的记录。",
    equals="与账册相符：{sums}。",
    equals_so_far="与账册相符：{sums}（读于 {at}）。",
    got_more="此后登记册又收到 {later} 条记录。",
    behind="账册为 {sums}：登记册尚有其中 {unread} 条记录未读。`quaymark register watch` 每 20 秒读取一次，`quaymark up` 会运行它。",
    waits="账册为 {sums}，与登记册相差 {difference}：{why}",
    read_once="账册刚读过一次，请 20 秒后刷新。",
    differs="与账册相差 {difference}：账册为 {sums}。`quaymark books verify` 将账册与原始事件核对，`quaymark register rebuild` 由原始事件重建登记册。",
    past="账册只有现值，故不与之比较。",
    no_labels="账册不分来源、缘由，也无搁置记录，故不与之比较。",
    only_teu="{teu} 标箱",
    nothing="此处无入账作业，亦无未计记录。",
    no_change="其间无变动。",
    no_register="登记册尚无记录：`quaymark register watch` 负责生成，`quaymark up` 会运行它。",
    unreadable="登记册无法读取：{why}",
    by_cause="为何变动",
    by_place="按码头、日期、来源",
    by_state="入账与未计",
    by_class="按类别",
    records="记录",
    show_records="逐条记录",
    as_csv="下载 CSV",
    all_sums="合计",
    changed_since="此前 24 小时有何变动",
    changed_after="此后有何变动",
    all_days="所有日期",
    first_shown="此处列出前 {count} 条，文件含全部。",
    unexplained="各原因合计与差额相差 {amount} 标箱。",
    of_cause="{cause}：{amount} 标箱",
    of_records="{count} 条记录",
    never_stood="从未生效",
    find="查找",
    sought="号码，或船名、IMO 号",
    sought_by="查什么",
    found_by=("箱号", "船舶", "航次", "单证号", "事件编号"),
    found="{sought}：{count} 条记录，现有 {counted} 条计入",
    many_found="{sought}：{count} 条以上记录",
    none_found="没有{what} {sought} 的记录。",
    check_digit="校验码不符：按 ISO 6346 应为 {digit}。",
    columns={
        "cause": "原因",
        "terminal": "码头",
        "day": "日期",
        "source": "来源",
        "events": "事件",
        "teu": "标箱",
        "amount": "变动标箱",
        "change": "标箱",
        "state": "状态",
        "reason": "缘由",
        "records": "记录",
        "move": "作业",
        "kind": "性质",
        "fill": "空重",
        "size_feet": "尺寸（英尺）",
        "moves": "次数",
        "event_time": "发生时间",
        "recorded_time": "记录时间",
        "document": "单证号",
        "container": "箱号",
        "vessel_name": "船名",
        "voyage": "航次",
        "known_from": "得知于",
        "known_to": "失效于",
        "place": "所在位置",
    },
)

EXPLAIN_WORDS: dict[Lang, ExplainWording] = {"zh": CHINESE_EXPLAIN, "en": ENGLISH_EXPLAIN}
