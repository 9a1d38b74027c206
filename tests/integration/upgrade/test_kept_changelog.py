"""This release reads the changelogs that 0.1.0 wrote, to the totals that are worked by hand."""

from collections import Counter
from pathlib import Path

import pytest

from broker.admin import create_topics
from broker.connection import Connection
from ledger.journal import unblob
from tests.integration.support.changelogs import make_compacted
from tests.integration.support.every_topic import delete_all_topics
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.upgrade.kept_books import (
    FIGURES,
    SENT,
    TEU,
    moves,
    others,
    read_kept,
    restore,
    send_all,
    shown,
)
from tests.integration.support.workers import HERE, becomes, worker

pytestmark = pytest.mark.kafka

KEPT = HERE / "tests/fixtures/changelog-0.1.0.jsonl"


def test_the_books_of_the_kept_changelog_are_exact_and_go_on(
    broker: RunningBroker, tmp_path: Path
) -> None:
    delete_all_topics(Connection(broker.bootstrap))
    make_compacted(broker.bootstrap)
    restore(broker.bootstrap, read_kept(KEPT))
    create_topics(Connection(broker.bootstrap))

    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        # nothing is in the raw topics yet: all of it comes from the changelogs
        becomes("the books are read", lambda: shown(one), (TEU, FIGURES))

        send_all(broker.bootstrap, [*moves(), *others()])
        becomes(
            "each move is known as booked",
            lambda: sum(one.samples("pipeline_repeats_total").values()),
            float(SENT),
        )
        assert shown(one) == (TEU, FIGURES)
        assert one.stop() == 0


def test_the_kept_changelog_has_every_table_and_every_form_of_the_journal() -> None:
    """1,205 facts of moves: final blobs and small ones, by columns and row by row."""
    kept = read_kept(KEPT)
    journal = [unblob(one.key, one.value) for one in kept if "ledger" in one.topic]

    assert Counter(one.topic for one in kept).keys() == {
        "quaymark-ledger-changelog",
        "quaymark-project-changelog",
        "quaymark-indicator-changelog",
        "quaymark-kpi-changelog",
    }
    assert {level for level, _, _ in journal} == {0, 1}
    assert len({len(facts) < 64 for _, _, facts in journal}) == 2
