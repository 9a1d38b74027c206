"""A run's own names: topics behind a prefix, a group of its own, nothing for the live books."""

import pytest

from contract.errors import Misconfigured
from contract.settings import Settings
from contract.topics import MOVES, RAW, Topic


def test_a_run_has_topics_and_a_group_of_its_own() -> None:
    live, trial = Settings(), Settings.from_env({"QUAYMARK_RUN": "what-if"})

    assert MOVES.under(live.prefix) == MOVES
    assert MOVES.under(trial.prefix).name == "run.what-if.port.moves.raw"
    assert MOVES.under(trial.prefix).partitions == MOVES.partitions
    assert (live.group, trial.group) == ("quaymark", "run.what-if.quaymark")


@pytest.mark.parametrize("name", ["What-If", "a.b", "-x", "a" * 33, "a b"])
def test_a_name_that_is_no_topics_is_refused(name: str) -> None:
    with pytest.raises(Misconfigured, match="QUAYMARK_RUN"):
        Settings.from_env({"QUAYMARK_RUN": name})


@pytest.mark.parametrize("topic", RAW, ids=lambda topic: topic.name)
def test_raw_records_bear_the_time_their_sender_says(topic: Topic) -> None:
    config = topic.config

    assert config["message.timestamp.type"] == "CreateTime"
    # 2^63 - 1: no limit to how old a record may be
    assert config["message.timestamp.before.max.ms"] == "9223372036854775807"


def test_what_is_kept_for_ever_is_not_cut_into_weeks_of_history() -> None:
    assert MOVES.config["retention.ms"] == "-1"
    # a hundred years of 365 days, in milliseconds
    assert MOVES.config["segment.ms"] == "3153600000000"
