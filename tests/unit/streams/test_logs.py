import logging

from streams.logs import RepeatFilter


def log_record(name: str, text: str, created: float, *args: object) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, "", 0, text, args, None)
    record.created = created
    return record


def test_a_message_that_a_library_repeats_is_logged_once_in_ten_seconds() -> None:
    repeat_filter = RepeatFilter()
    first, second, third, fourth = (
        log_record("aiokafka", "Unable connect to %s", at, f"node {at}")
        for at in (100, 101, 109, 110)
    )

    assert repeat_filter.filter(first)
    assert not repeat_filter.filter(second)
    assert not repeat_filter.filter(third)
    assert repeat_filter.filter(fourth)  # 10 s after the first
    assert fourth.getMessage() == "Unable connect to node 110 (2 more like it)"


def test_another_message_and_our_own_records_are_logged_at_once() -> None:
    repeat_filter = RepeatFilter()
    assert repeat_filter.filter(log_record("aiokafka", "Unable connect to %s", 100, "node 1"))

    assert repeat_filter.filter(log_record("aiokafka", "Heartbeat failed", 100))
    assert repeat_filter.filter(log_record("streams.startup", "worker.waited_for_kafka", 100))
    assert repeat_filter.filter(log_record("streams.startup", "worker.waited_for_kafka", 100))
