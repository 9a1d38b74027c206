"""The description of a port, asked for piece by piece: place, areas, terminals, zone, senders."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

import msgspec

from contract.book import Area, Book, Partner, Port, Rates, Terminal, Zone
from contract.errors import Misconfigured
from contract.events import Label
from contract.evidence.file_evidence import FileEvidence
from stack.setup import answers
from stack.setup.proposals import profiles, seen_places, seen_terminals
from stack.setup.questions import Questions

NO_EVIDENCE = FileEvidence()


class DescriptionFlags(TypedDict):
    """The options of `init` that describe the port, as click passes them."""

    place: str | None
    time_zone: str | None
    teu_by: str
    areas: tuple[str, ...]
    terminals: tuple[str, ...]
    zone: str | None
    clusters: tuple[str, ...]
    functional_areas: tuple[str, ...]
    parks: tuple[str, ...]
    rates: tuple[str, ...]
    teu: str | None
    year: int | None
    monthly: str | None
    email: str | None
    email_from: str | None
    smtp: str | None
    webhook: str | None
    kafka: str | None


class PortDescription:
    """Builds the book from flags, evidence and answers.

    Attributes:
        evidence: name of a partner -> what its lines were seen in.
    """

    def __init__(self, flags: DescriptionFlags, seen: FileEvidence, questions: Questions) -> None:
        self._flags, self._seen, self._ask = flags, seen, questions
        self._ours: dict[str, str] = {}
        self.evidence: dict[str, tuple[str, ...]] = {}

    def book(self, now: datetime) -> Book:
        """Ask for the book.

        Raises:
            Misconfigured: a flag has a mistake, or is missing where nobody is asked.
        """
        of_port, of_zone = self._kinds()
        place = self._place() if of_port else ""
        zone_name = self._time_zone(place)
        areas = self._areas(place) if of_port else ()
        zone = self._zone() if of_zone else None
        self._ask.refuse_missing()
        partners = self._partners(zone_name, areas)
        return Book(
            Port(
                time_zone=zone_name,
                un_location_code=place or None,
                teu="eurostat" if self._flags["teu_by"] == "eurostat" else "china",
                simulated=False,
                festival="spring" if place.startswith("CN") else "",
            ),
            areas,
            zone,
            self._rates(now.astimezone(ZoneInfo(zone_name)).year),
            partners,
        )

    def _kinds(self) -> tuple[bool, bool]:
        flags = self._flags
        seen = bool(seen_terminals(self._seen, flags["place"] or ""))
        port = bool(flags["areas"] or flags["terminals"] or flags["place"] or flags["teu"] or seen)
        zone = bool(flags["zone"])
        if not port:
            port = self._ask.confirm("Is a container port watched?", proposal=not zone)
        if not zone:
            zone = self._ask.confirm("Is a development zone watched?", proposal=not port)
        return port, zone

    def _place(self) -> str:
        if given := self._flags["place"]:
            return answers.place(given)
        places = seen_places(self._seen)
        for code, sighting in list(places.items())[:3]:
            self._ask.say(f"  {code}: {sighting}")
        return self._ask.text(
            "UN/LOCODE of the port, such as CNNTG",
            next(iter(places), ""),
            flag="--place UN/LOCODE",
            check=answers.place,
        )

    def _time_zone(self, place: str) -> str:
        if given := self._flags["time_zone"]:
            return answers.time_zone(given)
        if len(zones := answers.zones_of(place)) > 1:
            self._ask.say(f"  zones of {place[:2]}: {', '.join(zones)}")
        return self._ask.text(
            "Time zone, which decides when a day begins",
            answers.proposed_zone(place),
            flag="--time-zone AREA/CITY",
            check=answers.time_zone,
        )

    def _areas(self, place: str) -> tuple[Area, ...]:
        named = [answers.coded("--area", given) for given in self._flags["areas"]]
        if not named:
            code = self._ask.text(
                "Code of the port area, for series and targets", flag="--area CODE=NAME|中文名",
                check=answers.code,
            )  # fmt: skip
            named = [(code, self._label(code))]
        terminals: dict[str, list[Terminal]] = {code: [] for code, _ in named}
        for given in self._flags["terminals"]:
            area, slash, rest = given.partition("/")
            if not slash or area not in terminals:
                area, rest = named[0][0], given
                if len(named) > 1:
                    raise Misconfigured(
                        f"--terminal {given!r}: say in which area, expected AREA/CODE=NAME"
                    )
            code, name = answers.coded("--terminal", rest)
            terminals[area].append(Terminal(code, name))
        if not self._flags["terminals"]:
            terminals[named[0][0]] = self._seen_terminals(place)
        if not any(terminals.values()):
            self._ask_terminals(terminals[named[0][0]])
        for code, found in terminals.items():
            if not found and any(terminals.values()):
                raise Misconfigured(
                    f"--area {code}: has no terminal; add --terminal {code}/CODE=NAME"
                )
        return tuple(Area(code, name, tuple(terminals[code])) for code, name in named)

    def _seen_terminals(self, place: str) -> list[Terminal]:
        found: list[Terminal] = []
        for code, sighting in seen_terminals(self._seen, place).items():
            self._ask.say(f"  terminal {code}: {sighting}")
            if not self._ask.confirm(f"Is {code} a terminal of this port?", proposal=True):
                continue
            known = ", ".join(terminal.code for terminal in found)
            ours = self._ask.text(
                f"Code of {code} in your books"
                + (f" ({known}: the same terminal)" if known else ""),
                code,
                flag="--terminal CODE=NAME",
                check=answers.code,
            )
            self._ours[code] = ours
            if ours not in [terminal.code for terminal in found]:
                found.append(Terminal(ours, self._label(ours)))
        return found

    def _ask_terminals(self, terminals: list[Terminal]) -> None:
        flag = "--terminal CODE=NAME|中文名"
        while code := self._ask.text(
            "Code of a terminal, as files name it"
            + (" (empty: that is all)" if terminals else ""),
            flag="" if terminals else flag,
            check=answers.code,
        ):
            terminals.append(Terminal(code, self._label(code)))

    def _label(self, code: str) -> Label:
        en = self._ask.text(f"  English name of {code}", code, flag="")
        zh = self._ask.text(f"  Chinese name of {code}, 中文名", en, flag="")
        return Label(zh=zh, en=en)

    def _zone(self) -> Zone:
        if given := self._flags["zone"]:
            code, name = answers.coded("--zone", given)
        else:
            code = self._ask.text(
                "Code of the zone, for series and targets", flag="--zone CODE=NAME|中文名",
                check=answers.code,
            )  # fmt: skip
            name = self._label(code)
        return Zone(
            code,
            name,
            self._codes("--cluster", "an industry (cluster) of its projects"),
            self._codes("--functional-area", "a functional area of the zone"),
            self._codes("--park", "a park of the zone"),
        )

    def _codes(self, flag: str, what: str) -> dict[str, Label]:
        given = {
            "--cluster": self._flags["clusters"],
            "--functional-area": self._flags["functional_areas"],
            "--park": self._flags["parks"],
        }[flag]
        found = dict(answers.coded(flag, one) for one in given)
        while not given and (
            code := self._ask.text(
                f"Code of {what} (empty: that is all)", flag="", check=answers.code
            )
        ):
            found[code] = self._label(code)
        return found

    def _partners(self, zone_name: str, areas: tuple[Area, ...]) -> tuple[Partner, ...]:
        found: list[Partner] = []
        if areas:
            for proposed in profiles(self._seen, zone_name, self._ours):
                name = proposed.partner.name
                for line in proposed.evidence:
                    self._ask.say(f"  {name}: {line}")
                if proposed.needed and self._ask.confirm(
                    f"Add a profile {name} with these lines?", proposal=True
                ):
                    found.append(proposed.partner)
                    self.evidence[name] = proposed.evidence
        return tuple(found)

    def _rates(self, year: int) -> tuple[Rates, ...]:
        rates = []
        for given in self._flags["rates"]:
            currency, _, value = given.partition("=")
            value, _, since = value.partition("@")
            try:
                raw = {
                    "currency": currency,
                    "since": since or f"{year}-01-01",
                    "rate": float(value),
                }
                rates.append(msgspec.convert(raw, Rates))
            except (ValueError, msgspec.ValidationError):
                raise Misconfigured(
                    f"--rate {given!r}: expected CURRENCY=CNY@DAY such as USD=7.12@{year}-01-01"
                ) from None
        return tuple(rates)


def unused_terminals(seen: FileEvidence, book: Book) -> Mapping[str, str]:
    """Return code -> sighting of each terminal of the files that the book does not know."""
    known = {*book.terminal_codes, *(code for p in book.partner for code in p.terminals)}
    found = seen_terminals(seen, book.port.un_location_code or "")
    return {code: str(sighting) for code, sighting in found.items() if code not in known}
