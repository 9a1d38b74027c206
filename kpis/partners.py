"""The metrics of partners: what became of their records of a day, and how late these came.

They follow from the register, and the process that keeps it shows them.  A record of nobody
in particular has the partner `-`.
"""

from kpis.pipeline import Meter

RECEIVED = Meter(
    "partner_received_records", ("partner",), "Records that Kafka got within 24 hours, by partner."
)
REFUSED_BY_REASON = Meter(
    "partner_refused_records",
    ("partner", "reason"),
    "Records of the last 24 hours that were refused, by partner and reason; files included.",
)
ACCEPTED_SHARE = Meter(
    "partner_accepted_ratio",
    ("partner",),
    "Share of a partner's records of 24 hours that were booked: not refused, and no repeats.",
)
REFUSED_SHARE = Meter(
    "partner_refused_ratio",
    ("partner",),
    "Share of a partner's records of 24 hours that were refused.",
)
USUAL_REFUSED_SHARE = Meter(
    "partner_usual_refused_ratio",
    ("partner",),
    "Share of a partner's records that were refused in the 7 days before these 24 hours.",
)
FLAGGED_SHARE = Meter(
    "partner_flagged_ratio",
    ("partner",),
    "Share of a partner's records of 24 hours that count although a fault is flagged.",
)
REPEATED_SHARE = Meter(
    "partner_repeated_ratio",
    ("partner",),
    "Share of a partner's records of 24 hours that changed nothing: repeats and older records.",
)
AMENDED_SHARE = Meter(
    "partner_amended_ratio",
    ("partner",),
    "Share of a partner's records of 24 hours that replaced an earlier record.",
)
DELAY = Meter(
    "partner_delay_seconds",
    ("partner", "quantile"),
    "Seconds from a move to its record in Kafka, over 24 hours: the median and the 95th percent.",
)
LAST_RECORD = Meter(
    "partner_last_record_timestamp_seconds",
    ("partner",),
    "When Kafka got the last record of a partner, in Unix seconds.",
)

PARTNER_METERS = (
    *(RECEIVED, REFUSED_BY_REASON, ACCEPTED_SHARE, REFUSED_SHARE, USUAL_REFUSED_SHARE),
    *(FLAGGED_SHARE, REPEATED_SHARE, AMENDED_SHARE, DELAY, LAST_RECORD),
)
