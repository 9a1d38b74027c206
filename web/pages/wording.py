"""The words of the web page that the reports lack, in Chinese and English."""

# ruff: noqa: E501  # a text is one line, as it is read

from msgspec import Struct

from reports.tree import Lang


class WebWording(Struct, frozen=True):
    """All texts of one language, with {places}."""

    overview: str
    issued: str
    explained: str
    find: str
    wall: str
    other_language: str
    today: str
    by_now: str
    last_hour: str
    year_by_now: str
    ahead_by_now: str
    last_move: str
    yesterday: str
    yesterday_is: str
    no_day_yet: str
    nothing_yet: str
    filling: str
    reading: str
    not_read: str
    figures_of: str
    read_on: str
    waiting: str
    forecasting: str
    stale: str
    no_worker: str
    no_move_since: str
    none_issued: str
    issued_period: str
    issued_at: str
    issued_files: str
    provisional: str
    undelivered: str
    only_newest: str
    next_page: str
    by_terminal_today: str
    so_far: str
    stop: str


CHINESE_WEB = WebWording(
    overview="总览",
    issued="报表",
    explained="数字由来",
    find="查箱",
    wall="大屏",
    other_language="English",
    today="今日 00:00–{clock}",
    by_now="为此刻计划 {plan} 的",
    last_hour="上一小时",
    year_by_now="今年至此刻",
    ahead_by_now="比此刻计划",
    last_move="最近作业",
    yesterday="昨日",
    yesterday_is="昨日（{day}）：",
    no_day_yet="账册尚无完整的一天，故无昨日数与图。",
    nothing_yet="账册尚无作业与项目：用 quaymark import 导入文件，或把文件放入收件夹。",
    filling="账册正在装入往日作业，已到 {day}；装完之前，累计与预测均不完整。",
    reading="正在读取账册，片刻即好。",
    not_read="尚未读到账册：{why}",
    figures_of="数据时刻 {clock}",
    read_on="账册每 20 秒续读，本页每分钟自动刷新。昨日及累计数至 {day} 24:00。",
    waiting="待计 {count} 条",
    forecasting="预测模型正在计算，暂以进度推算",
    stale="数据停在 {clock}，已 {minutes} 分钟：{why}",
    no_worker="计数进程无应答，新作业未计入。",
    no_move_since="{clock} 起码头无作业上报，已超过应报时刻。",
    none_issued="尚未签发报表。quaymark report show 可随时查看任何一天。",
    issued_period="期间",
    issued_at="签发时间",
    issued_files="文件",
    undelivered="未送达：",
    provisional="暂定",
    only_newest="此处列出最近 {count} 份，更早的在报表文件夹中。",
    next_page="下一页：{title}",
    by_terminal_today="今日各码头",
    so_far="今日（标箱）",
    stop="。",
)

ENGLISH_WEB = WebWording(
    overview="Overview",
    issued="Reports",
    explained="Figures explained",
    find="Find a box",
    wall="Wall",
    other_language="中文",
    today="Today 00:00–{clock}",
    by_now="of plan by now, {plan}",
    last_hour="last hour",
    year_by_now="year by now",
    ahead_by_now="against plan by now",
    last_move="last move",
    yesterday="Yesterday",
    yesterday_is="Yesterday ({day}): ",
    no_day_yet="The books hold no day that is over, so there are no figures of yesterday and no charts yet.",
    nothing_yet="The books hold neither moves nor projects: import files with quaymark import, or drop them into the inbox.",
    filling="The books are being filled with past days, so far to {day}; until then sums and forecasts are not whole.",
    reading="The books are being read; this takes a moment.",
    not_read="The books are not read yet: {why}",
    figures_of="figures of {clock}",
    read_on="The books are read on every 20 seconds, and this page loads anew each minute. Yesterday and the sums to date end on {day} 24:00.",
    waiting="{count} events wait",
    forecasting="the forecast is being made; until then it is the run-rate",
    stale="The figures stand at {clock}, {minutes} minutes ago: {why}",
    no_worker="The worker does not answer, so new moves are not counted.",
    no_move_since="The quay has reported no move since {clock}, and one is overdue.",
    none_issued="No report is issued yet. quaymark report show makes one of any day that is over.",
    issued_period="Period",
    issued_at="Issued",
    issued_files="Files",
    undelivered="not delivered to ",
    provisional="provisional",
    only_newest="These are the newest {count}; older ones are in the folder of reports.",
    next_page="next: {title}",
    by_terminal_today="By terminal today",
    so_far="Today, TEU",
    stop=". ",
)

WEB_WORDS: dict[Lang, WebWording] = {"zh": CHINESE_WEB, "en": ENGLISH_WEB}
