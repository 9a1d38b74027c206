"""What every client is built with, whoever asks for it."""

import asyncio
from typing import Any

import pytest

from broker import connection as built
from broker.connection import Connection, consuming, faust_options, kafka_errors
from contract.errors import StackError
from contract.settings import Settings

TWO = Connection.of(Settings(kafka="one:9092,two:9093"))


def test_no_consumer_sees_what_is_not_committed_or_commits_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, Any] = {}

    class Consumer:
        def __init__(self, **options: Any) -> None:
            given.update(options)

        async def start(self) -> None:
            pass

        async def stop(self) -> None:
            given["stopped"] = True

    async def go() -> None:
        async with consuming(TWO):
            pass

    monkeypatch.setattr(built, "AIOKafkaConsumer", Consumer)
    asyncio.run(go())

    assert given["bootstrap_servers"] == "one:9092,two:9093"
    assert (given["isolation_level"], given["enable_auto_commit"]) == ("read_committed", False)
    assert given["stopped"]


def test_faust_is_given_each_server_as_a_url() -> None:
    assert faust_options(TWO) == {"broker": ["kafka://one:9092", "kafka://two:9093"]}


def test_an_error_that_says_nothing_is_named_with_where_and_what_to_do() -> None:
    with (
        pytest.raises(
            StackError,
            match=r"^Kafka at one:9092,two:9093, topic t: TimeoutError; is it.*KAFKA.*; x$",
        ),
        kafka_errors(TWO, "t", hint="x"),
    ):
        raise TimeoutError


def test_what_is_no_fault_of_kafka_is_not_said_to_be_one() -> None:
    with pytest.raises(ValueError, match="mine"), kafka_errors(TWO):
        raise ValueError("mine")


def test_a_client_that_finds_no_broker_says_where_it_looked() -> None:
    async def go() -> None:
        async with consuming(Connection("127.0.0.1:1")):
            pass

    with pytest.raises(StackError, match=r"Kafka at 127\.0\.0\.1:1: .*Unable to bootstrap"):
        asyncio.run(go())
