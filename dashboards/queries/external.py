"""Series that this project does not define: those of Prometheus, Faust and the process."""

from kpis.model.kpi import Series

_SCRAPED = ("job", "instance")

UP = Series("up", _SCRAPED)
"""1 while a scrape target answers."""
ALERTS = Series("ALERTS", ("alertname", "alertstate", "severity"))
ALERTS_FOR = Series("ALERTS_FOR_STATE", ("alertname", "severity"))
"""The Unix time since which an alert's condition holds."""
MEMORY = Series("process_resident_memory_bytes", _SCRAPED)
STARTED = Series("process_start_time_seconds", _SCRAPED)
SENDS_FAILED = Series("faust_total_error_messages_sent_total", _SCRAPED)
"""Records whose send to Kafka failed."""
REBALANCES = Series("faust_total_rebalances", _SCRAPED)
HEAD_SERIES = Series("prometheus_tsdb_head_series", _SCRAPED)
HEAD_TIME = Series("prometheus_tsdb_head_max_time_seconds", _SCRAPED)
"""The time of Prometheus's newest sample, in Unix seconds."""
RULES_FAILED = Series("prometheus_rule_evaluation_failures_total", _SCRAPED)
ALERTS_DROPPED = Series("prometheus_notifications_dropped_total", _SCRAPED)

OF_THE_WORKER = (MEMORY, STARTED, SENDS_FAILED, REBALANCES)
OF_PROMETHEUS = (UP, MEMORY, STARTED, HEAD_SERIES, HEAD_TIME, RULES_FAILED, ALERTS_DROPPED)
OF_RULES = (ALERTS, ALERTS_FOR)
"""Prometheus writes these for each alerting rule."""
FOREIGN = (UP, *OF_THE_WORKER, *OF_PROMETHEUS[3:], *OF_RULES)
