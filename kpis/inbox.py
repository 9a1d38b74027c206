"""The metrics of the inbox: what waits, what became of each file, when each partner sent last."""

from kpis.pipeline import Meter

INBOX_JOB = "quaymark-inbox"
"""The job under which Prometheus scrapes the inbox."""

FILES_WAITING = Meter(
    "inbox_files_waiting",
    ("why",),
    "Files that lie in the inbox, by what they wait for.",
)
OLDEST = Meter(
    "inbox_oldest_seconds",
    ("why",),
    "Seconds since the inbox first saw the oldest file that waits, by what it waits for.",
)
FILES = Meter(
    "inbox_files_total",
    ("partner", "outcome"),
    "Files taken in, by partner and outcome; partner - has no folder, ? has no profile.",
)
FILE_RECORDS = Meter(
    "inbox_records_total",
    ("partner", "outcome"),
    "Records of files taken in, by partner and outcome.",
)
LAST_FILE = Meter(
    "inbox_last_file_timestamp_seconds",
    ("partner",),
    "When a partner's last file was taken in, or since when one is awaited, in Unix seconds.",
)
EXPECTED = Meter(
    "inbox_expected_seconds",
    ("partner",),
    "The longest time between two files of a partner, as expect_every of its profile says.",
)
BLOCKED = Meter(
    "inbox_blocked",
    ("why",),
    "1 while nothing can be taken in for this reason, else 0.",
)

INBOX = (FILES_WAITING, OLDEST, FILES, FILE_RECORDS, LAST_FILE, EXPECTED, BLOCKED)
