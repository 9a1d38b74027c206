import logging

from streams.logs import Seldom


def said(name: str, text: str, created: float, *args: object) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, "", 0, text, args, None)
    record.created = created
    return record


def test_a_library_that_says_one_thing_again_and_again_is_heard_once_in_a_while() -> None:
    seldom = Seldom()
    first, second, third, fourth = (
        said("aiokafka", "Unable connect to %s", at, f"node {at}") for at in (100, 101, 109, 110)
    )

    assert seldom.filter(first)
    assert not seldom.filter(second)
    assert not seldom.filter(third)
    assert seldom.filter(fourth)  # 10 s after the first
    assert fourth.getMessage() == "Unable connect to node 110 (2 more like it)"


def test_another_thing_and_our_own_words_are_heard_at_once() -> None:
    seldom = Seldom()
    assert seldom.filter(said("aiokafka", "Unable connect to %s", 100, "node 1"))

    assert seldom.filter(said("aiokafka", "Heartbeat failed", 100))
    assert seldom.filter(said("streams.startup", "worker.waited_for_kafka", 100))
    assert seldom.filter(said("streams.startup", "worker.waited_for_kafka", 100))
