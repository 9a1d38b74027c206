"""Proposals from the evidence of files: the terminals, and a profile of each sender."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from contract.book import Documents, Partner
from contract.evidence.file_evidence import FileEvidence, SenderEvidence, Sighting

MOST = 0.8  # share of records: fewer may be exceptions, and the person is asked
FEWEST = 3  # records from which a habit is proposed
BY_STATUS = {"2": "load", "3": "discharge"}
"""UN/EDIFACT 8249 -> what a COARRI of boxes with this status reports: export is loaded."""


class ProposedProfile(Struct, frozen=True):
    """A profile of a sender, and in lines of text what each of its settings was seen in."""

    partner: Partner
    evidence: tuple[str, ...]
    needed: bool
    """Whether its records can't be read without a profile."""


def seen_terminals(evidence: FileEvidence, place: str) -> dict[str, Sighting]:
    """Return code -> records that name it as their terminal; other ports' codes are left out."""
    found: dict[str, Sighting] = {}
    for sender in evidence.senders:
        for code, sighting in _named(sender).items():
            if _is_other_port(code, sender, place):
                continue
            known = found.setdefault(code, Sighting(0, sighting.file, sighting.at))
            known.records += sighting.records
    return found


def seen_places(evidence: FileEvidence) -> dict[str, Sighting]:
    """Return UN/LOCODE -> records of all senders, the most frequent first."""
    found: dict[str, Sighting] = {}
    for sender in evidence.senders:
        for code, sighting in sender.ports.items():
            known = found.setdefault(code, Sighting(0, sighting.file, sighting.at))
            known.records += sighting.records
    return dict(sorted(found.items(), key=lambda one: -one[1].records))


def profiles(evidence: FileEvidence, zone: str, ours: Mapping[str, str]) -> list[ProposedProfile]:
    """Return a profile for each sender; `ours` is a sender's terminal code -> that of the book."""
    names: list[str] = []
    return [_profile(sender, zone, ours, names) for sender in evidence.senders]


def with_habits(partner: Partner, habits: Mapping[str, Any]) -> tuple[Partner, list[str]]:
    """Return a profile by the habits that a dry run saw, and what each change was seen in."""
    said = []
    if repeated := habits.get("documents_repeated"):
        partner = replace(partner, document_numbers_repeat=True)
        said.append(
            "document_numbers_repeat = true: "
            + ("one number stands" if repeated == 1 else f"{repeated:,} numbers stand")
            + " for several lifts"
        )
    if same := habits.get("same_minute"):
        partner = replace(partner, identity="time")
        said.append(
            f'identity = "time": {same:,} containers are reported under two ships or voyages in '
            "one minute at one terminal"
        )
    return partner, said


def _profile(
    sender: SenderEvidence, zone: str, ours: Mapping[str, str], names: list[str]
) -> ProposedProfile:
    name = _slug(sender.sender or sender.form, names)
    names.append(name)
    said = [f"{sender.form}: {sender.records}"]
    naive = sender.times.get("none")
    if naive is not None:
        said.append(f'time_zone = "{zone}": times of {naive} name no offset')
    elif sender.form == "edifact":
        said.append(f'time_zone = "{zone}": times of EDIFACT name no offset')
    partner = Partner(name=name, time_zone=zone, senders=(sender.sender,) if sender.sender else ())
    terminals = {
        code: ours[code] for code in _named(sender) if code in ours and ours[code] != code
    }
    if terminals:
        partner = replace(partner, terminals=terminals)
        said.append("terminals: " + ", ".join(f"{a} = {b}" for a, b in terminals.items()))
    marked_z = sender.form == "dcsa" and set(sender.times) == {"Z"}
    ahead = sender.ahead.records
    if marked_z and ahead >= FEWEST and ahead > sender.records.records / 2:
        partner = replace(partner, local_times_marked_z=True)
        said.append(f"local_times_marked_z = true: reported before they happened: {sender.ahead}")
    partner = _with_fields(partner, sender, said)
    partner = _with_documents(partner, sender, said)
    for word, sighting in sender.unknown_sizes.items():
        said.append(f"size {word!r} is unknown, its TEU are not counted: {sighting}")
    needed = sender.form == "edifact" or partner != Partner(
        name=name, time_zone=zone, senders=partner.senders
    )
    return ProposedProfile(partner, tuple(said), needed or naive is not None)


def _with_fields(partner: Partner, sender: SenderEvidence, said: list[str]) -> Partner:
    """Name the fields of the terminal where those that are read anyway leave records without."""
    counts = {field: _total(codes) for field, codes in sender.terminals.items()}
    if sender.form != "edifact" or counts.get("", 0) == sender.records.records:
        return partner
    others = {field: count for field, count in counts.items() if field}
    if not others:
        said.append('no field names the terminal: set terminal = "CODE" in its profile')
        return partner
    best = max(others, key=lambda field: others[field])
    fields = ("LOC+165", best) if counts.get("") else (best,)
    said.append(f"terminal_from = {list(fields)}: named by {_first(sender.terminals[best])}")
    return replace(partner, terminal_from=fields)


def _with_documents(partner: Partner, sender: SenderEvidence, said: list[str]) -> Partner:
    """Add document codes that no move has, if the status of their boxes says which it is."""
    documents: Documents = partner.documents
    for kind, codes in sender.unknown_documents.items():
        for code, statuses in codes.items():
            total = sum(sighting.records for sighting in statuses.values())
            status, sighting = max(statuses.items(), key=lambda one: one[1].records)
            field = BY_STATUS.get(status) if kind == "COARRI" else None
            if field is None or sighting.records < MOST * total:
                said.append(
                    f"document code {code!r} of {kind} is no known move: {sighting}; add it to "
                    "`documents` of this profile"
                )
                continue
            known = {**_codes_of(documents), field: (*getattr(documents, field), code)}
            documents = Documents(**known)
            said.append(
                f"documents: {code!r} of {kind} is a {field}, by 8249 = {status}: {sighting}"
            )
    return replace(partner, documents=documents)


def _codes_of(documents: Documents) -> dict[str, tuple[str, ...]]:
    """Return move -> document codes."""
    return {name: getattr(documents, name) for name in Documents.__struct_fields__}


def _named(sender: SenderEvidence) -> dict[str, Sighting]:
    """Return the codes of the terminal: those read anyway, else those of the fullest field."""
    if anyway := sender.terminals.get(""):
        return anyway
    return max(sender.terminals.values(), key=_total, default={})


def _is_other_port(code: str, sender: SenderEvidence, place: str) -> bool:
    """Whether the code is that of a port, and not of this one."""
    return bool(place) and code != place and code in sender.ports


def _total(codes: Mapping[str, Sighting]) -> int:
    return sum(sighting.records for sighting in codes.values())


def _first(codes: Mapping[str, Sighting]) -> str:
    return "; ".join(f"{code} in {sighting}" for code, sighting in list(codes.items())[:3])


def _slug(sender: str, taken: list[str]) -> str:
    """Return a name for a partner, which no other has."""
    kept = "".join(c for c in sender.lower() if c.isascii() and c.isalnum())[:60] or "partner"
    return next(name for name in _numbered(kept) if name not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in range(2, 10_000):
        yield f"{name}-{number}"
