"""An inbox that is killed again and again while files arrive: each file counts exactly once.

`make filestorm` is the long form; the short one is a test, failures/test_inbox_kills.py.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.integration.support.changelogs import recreate_topics
from tests.integration.support.inbox.file_stream import (
    HUNDREDTHS,
    FileStream,
    Kind,
    receipts,
)
from tests.integration.support.inbox.file_stream import MOVES as MOVES_OF_A_FILE
from tests.integration.support.inbox.inbox_process import InboxProcess
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import HERE, becomes, until, worker

WAIT_SECONDS = 1200.0

Say = Callable[[str], None]


class InboxStorm:
    """A broker, a worker, a stream of files, and an inbox that is killed."""

    def __init__(self, broker: RunningBroker, folder: Path, seed: int, say: Say) -> None:
        self._broker, self._folder, self._say = broker, folder, say
        self._rng, self._seed = random.Random(seed), seed
        self._process = InboxProcess(broker.bootstrap, folder)
        self._inbox = self._process.inbox

    def run(self, files: int, kills: int, pause_seconds: float) -> dict[str, int]:
        """Kill the inbox so often while the files arrive, then check receipts and books."""
        begun = time.monotonic()
        stream = FileStream(self._inbox, files, self._seed, pause_seconds)
        book = str(self._process.book)
        with worker(self._broker.bootstrap, self._folder, free_port(), book=book) as books:
            try:
                self._process.start()
                stream.start()
                in_work = self._kill_again_and_again(files, kills)
                stream.finish()
                until("all are taken in", lambda: self._left() == 0, WAIT_SECONDS)
                taken = self._check_receipts(stream)
                self._check_metrics()
            finally:
                self._process.kill()
            sound = files - stream.kinds[Kind.REPEATED] - stream.kinds[Kind.FAILED]
            expected = sound * MOVES_OF_A_FILE, sound * HUNDREDTHS / 100

            def shown() -> tuple[float, float]:
                names = ("port_throughput_ytd_moves", "port_throughput_ytd_teu")
                moves, teu = (sum(books.samples(name).values()) for name in names)
                return moves, teu

            becomes("the books hold each move once", shown, (float(expected[0]), expected[1]))
            verified = subprocess.run(
                [
                    *(sys.executable, "-m", "stack", "books", "verify"),
                    f"--worker=127.0.0.1:{books.port}",
                ],
                cwd=HERE,
                env=self._process.environ,
                capture_output=True,
                text=True,
                check=False,
            )
            assert verified.returncode == 0, verified.stdout + verified.stderr
            repeats = sum(books.samples("pipeline_repeats_total").values())
        return {
            "files": files,
            "kills": kills,
            "kills with a file in work": in_work,
            "receipts": taken,
            "moves": expected[0],
            "TEU": int(expected[1]),
            "events that came again": int(repeats),
            "seconds": round(time.monotonic() - begun),
        }

    def _kill_again_and_again(self, files: int, kills: int) -> int:
        """Return at how many kills a file was being imported."""
        in_work = 0
        for number in range(kills):
            # spread over the stream: the next kill waits for its share of the files
            share = files * number // (kills + 1)
            until("files are taken in", lambda: self._done() >= share, WAIT_SECONDS)  # noqa: B023
            if self._rng.random() < 0.7:
                until("a file is in work", lambda: self._in_work() > 0, WAIT_SECONDS)
            else:
                time.sleep(self._rng.uniform(0, 2))
            self._process.kill()
            in_work += self._in_work() > 0
            self._say(f"kill {number + 1}: {self._done():,} done, {self._in_work()} in work")
            self._process.start()
        return in_work

    def _done(self) -> int:
        return sum(1 for _ in self._inbox.glob("done/**/*.receipt.json"))

    def _in_work(self) -> int:
        work = self._inbox / "work"
        return sum(1 for path in work.rglob("*.csv") if path.is_file())

    def _left(self) -> int:
        process = self._process.process
        assert process is not None
        assert process.poll() is None, self._process.log.read_text()[-3000:]
        waiting = [*self._inbox.glob("*.csv*"), *self._inbox.glob("east/*.csv*")]
        return len(waiting) + len(list((self._inbox / "work").iterdir()))

    def _check_receipts(self, stream: FileStream) -> int:
        found = receipts(self._inbox)
        kinds = stream.kinds
        assert Counter(str(one.outcome) for one in found) == kinds
        assert len({one.file for one in found}) == len(found)
        repeated = {one.repeats for one in found}
        newest = [one for one in found if f"{one.moved_to}.receipt.json" not in repeated]
        counted = sum(one.records.counted + one.records.flagged for one in newest)
        sound = kinds[Kind.DONE] + kinds[Kind.PARTLY]
        assert counted == sound * MOVES_OF_A_FILE
        assert (
            sum(one.records.rejected for one in newest) == kinds[Kind.PARTLY] + kinds[Kind.FAILED]
        )
        self._say(f"{len(found):,} receipts add up to {counted:,} moves: {dict(kinds)}")
        return len(found)

    def _check_metrics(self) -> None:
        shows = self._process.shows
        # the last kill may have left nothing to do, so that it has only just started
        until("it answers", lambda: shows('inbox_blocked{why="kafka"} 0.0'), WAIT_SECONDS)
        assert shows('inbox_expected_seconds{partner="east"} 86400.0')
        # the folder is listed each second
        until("none waits", lambda: shows('inbox_files_waiting{why="ready"} 0.0'), 60)


def main() -> None:
    """Run the long form, and print what it came to."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=2000)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        broker = RunningBroker(Path(folder, "kafka"))
        broker.start()
        try:
            recreate_topics(broker.bootstrap)
            storm = InboxStorm(broker, Path(folder), given.seed, print)
            print(storm.run(given.files, given.kills, 0.02), f"seed {given.seed}")  # noqa: T201
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
