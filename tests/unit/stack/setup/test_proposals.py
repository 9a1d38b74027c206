"""Proposals follow from evidence, and each names what it was seen in."""

from contract.book import Documents, Partner
from contract.evidence.file_evidence import FileEvidence, SenderEvidence, Sighting
from stack.setup.proposals import profiles, seen_terminals, with_habits

ZONE = "Asia/Shanghai"


def sighting(records: int, file: str = "a.edi") -> Sighting:
    return Sighting(records, file, "line 2")


def sender(**fields: object) -> SenderEvidence:
    evidence = SenderEvidence("edifact", "QT TERM", sighting(10))
    for name, value in fields.items():
        setattr(evidence, name, value)
    return evidence


def test_a_sender_of_edifact_gets_a_profile_in_the_ports_zone() -> None:
    (proposed,) = profiles(
        FileEvidence(1, [sender(terminals={"": {"T1": sighting(10)}})]), ZONE, {}
    )
    assert proposed.partner == Partner(name="qtterm", time_zone=ZONE, senders=("QT TERM",))
    assert proposed.needed
    assert "10 records, first in a.edi, line 2" in proposed.evidence[0]


def test_the_field_that_names_the_terminal_is_proposed_where_the_usual_ones_name_none() -> None:
    terminals = {"NAD+MS": {"T1": sighting(10)}, "NAD+TR": {"X": sighting(3)}}
    (proposed,) = profiles(FileEvidence(1, [sender(terminals=terminals)]), ZONE, {})
    assert proposed.partner.terminal_from == ("NAD+MS",)
    assert any("T1 in 10 records" in line for line in proposed.evidence)


def test_a_document_code_is_what_most_of_its_boxes_say() -> None:
    # 8249: 2 is export, which is loaded; 9 of 10 boxes say so, at least 8 of 10 must
    codes = {"COARRI": {"119": {"2": sighting(9), "3": sighting(1)}}}
    (proposed,) = profiles(FileEvidence(1, [sender(unknown_documents=codes)]), ZONE, {})
    assert proposed.partner.documents == Documents(load=("46", "270", "119"))


def test_a_document_code_whose_boxes_disagree_is_left_to_the_person() -> None:
    codes = {"COARRI": {"119": {"2": sighting(6), "3": sighting(4)}}}
    (proposed,) = profiles(FileEvidence(1, [sender(unknown_documents=codes)]), ZONE, {})
    assert proposed.partner.documents == Documents()
    assert any("'119'" in line and "documents" in line for line in proposed.evidence)


def test_local_times_marked_z_are_proposed_when_most_moves_were_told_before_they_were() -> None:
    carrier = SenderEvidence(
        "dcsa", "EXCO", sighting(4), times={"Z": sighting(4)}, ahead=sighting(3)
    )
    (proposed,) = profiles(FileEvidence(1, [carrier]), ZONE, {})
    assert proposed.partner.local_times_marked_z
    few = SenderEvidence("dcsa", "EXCO", sighting(4), times={"Z": sighting(4)}, ahead=sighting(2))
    (proposed,) = profiles(FileEvidence(1, [few]), ZONE, {})
    assert not proposed.partner.local_times_marked_z
    assert not proposed.needed


def test_two_senders_of_one_spelling_get_two_names() -> None:
    both = [sender(), sender(sender="qt-term")]
    assert [p.partner.name for p in profiles(FileEvidence(1, both), ZONE, {})] == [
        "qtterm",
        "qtterm-2",
    ]


def test_codes_of_other_ports_are_no_terminals() -> None:
    carrier = SenderEvidence(
        "dcsa",
        "EXCO",
        sighting(3),
        terminals={"": {"NLRTM": sighting(1), "T1": sighting(2)}},
        ports={"NLRTM": sighting(1), "CNNTG": sighting(2)},
    )
    assert list(seen_terminals(FileEvidence(1, [carrier]), "CNNTG")) == ["T1"]


def test_habits_of_a_dry_run_change_the_profile_and_say_why() -> None:
    partner = Partner(name="a", time_zone=ZONE)
    fitted, said = with_habits(partner, {"documents_repeated": 3, "same_minute": 2})
    assert fitted.document_numbers_repeat
    assert fitted.identity == "time"
    assert "3 numbers" in said[0]
    assert "2 containers" in said[1]
    assert with_habits(partner, {"documents_repeated": 0, "same_minute": 0}) == (partner, [])
