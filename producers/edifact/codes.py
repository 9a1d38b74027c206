"""The code lists of UN/EDIFACT that tell a damaged segment or message from an unusual one."""

import re

from producers.edifact.segment import Segment

# fmt: off
KNOWN_SEGMENTS = frozenset((
    "BGM", "COD", "CNT", "COM", "CTA", "DAM", "DGS", "DIM", "DTM", "EQA", "EQD", "EQN",
    "FTX", "GDS", "GID", "GIN", "GOR", "HAN", "LOC", "MEA", "NAD", "PCD", "PCI", "PIA",
    "QTY", "RFF", "RNG", "SEL", "SGP", "STS", "TDT", "TMD", "TMP", "TPL", "TSR", "UNE",
    "UNG", "UNS",
))
"""Segments that COARRI or CODECO may hold; another one hides a damaged tag."""

OF_A_GROUP = KNOWN_SEGMENTS - {"CNT", "EQD"}
"""Segments that belong to the equipment group before them, wherever one is open."""

OTHER_MESSAGES = frozenset((
    "APERAK", "BAPLIE", "BERMAN", "CALINF", "CODENO", "COEDOR", "COHAOR", "CONTRL", "COPARN",
    "COPINO", "COPRAR", "COREOR", "COSTCO", "COSTOR", "CUSCAR", "CUSDEC", "CUSREP", "CUSRES",
    "DESADV", "GENRAL", "IFCSUM", "IFTDGN", "IFTFCC", "IFTIAG", "IFTMAN", "IFTMBC", "IFTMBF",
    "IFTMBP", "IFTMCS", "IFTMIN", "IFTRIN", "IFTSAI", "IFTSTA", "IFTSTQ", "INVOIC", "INVRPT",
    "MOVINS", "ORDERS", "PAXLST", "PRODEX", "REMADV", "TANSTA", "TPFREP", "VERMAS", "VESDEP",
    "WASDIS",
))
"""Message types of shipping that report no move and are skipped; any other is refused."""

OTHER_EQUIPMENT = frozenset((
    "AA", "AD", "AE", "BL", "BPA", "BPN", "BR", "BX", "CH", "DPA", "EFP", "EYP", "FPN", "FPR",
    "IL", "LAR", "LU", "MPA", "PA", "PBP", "PFP", "PL", "PPA", "PST", "RF", "RG", "RGF", "RO",
    "RR", "SPP", "STR", "SW", "TE", "TP", "TS", "TSU", "UL",
))
"""UN/EDIFACT 8053, equipment other than a container (CN)."""
# fmt: on
COUNTS = ("16", "8")  # CNT qualifiers for pieces of equipment in D.95B and D.00B
_CONTAINER = re.compile(rb"[A-Z]{3}[UJZ][0-9]{6,7}", re.IGNORECASE)


def names_a_container(segment: Segment) -> bool:
    """Return whether a segment of an unknown tag is a damaged EQD of a container."""
    return segment.get(0) == "CN" or _CONTAINER.search(segment.raw) is not None
