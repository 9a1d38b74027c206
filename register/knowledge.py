"""The intervals of knowledge: until when each version of an event stood in the books.

A version stands until Kafka gets a greater one of its id: one with a later recordedtime, of
equals the one with the lower offset, and above all a retraction by id.  So `known_to` is the least
`known_from` of all greater versions.  It may lie before the version's own `known_from`: then the
version came after a greater one, and never stood.
"""

import numpy as np
import numpy.typing as npt

STANDING = np.iinfo(np.int64).max
"""`known_to` of a version that stands."""

Integers = npt.NDArray[np.int64]


def known_from(timestamps: Integers, sent_again_at: Integers, latest: int) -> Integers:
    """Return when Kafka got each record of a partition, in milliseconds since 1970.

    History and what `rejected retry` sends again have a timestamp of the past, as of which they
    are judged.  They came no earlier than the records before them, of which `latest` is the
    greatest timestamp so far, and not before they were sent again.
    """
    return np.maximum(np.maximum(np.maximum.accumulate(timestamps), latest), sent_again_at)


def known_to(
    heads: npt.NDArray[np.uint64], recorded: Integers, offsets: Integers, known_from: Integers
) -> Integers:
    """Return `known_to` of each version, in milliseconds since 1970.

    `heads` are the ids, `recorded` is FINAL for a retraction by id.  All versions of each id must
    be there, but for those that are refused.
    """
    # by id, the greatest version first
    order = np.lexsort((offsets, -recorded, heads))
    heads, known_from = heads[order], known_from[order]
    ends = np.full(len(heads), STANDING, np.int64)
    again = np.flatnonzero(heads[1:] == heads[:-1]) + 1
    for at in again.tolist():  # few: most ids have one version
        ends[at] = min(ends[at - 1], known_from[at - 1])
    result = np.empty_like(ends)
    result[order] = ends
    return result
