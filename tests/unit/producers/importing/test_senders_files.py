"""Files as real senders write them come to the moves and TEU that the rules give."""

from pathlib import Path

import pytest

from tests.unit.producers.imported import imported, partner, terms
from tests.unit.producers.importing.senders_messages import EDIFACT, SendersFile
from tests.unit.producers.importing.senders_tables import CSV, DCSA, WORKBOOKS

GROUPS = ("flagged", "uncounted", "rejected", "skipped")
FORMS = {"edifact": EDIFACT, "csv": CSV, "xlsx": WORKBOOKS, "dcsa": DCSA}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{form}, {case.title}")
        for form, cases in FORMS.items()
        for case in cases
    ],
)
def test_a_senders_file_comes_to_what_the_rules_give(case: SendersFile, tmp_path: Path) -> None:
    paths = []
    for n, content in enumerate(case.files):
        paths.append(tmp_path / f"{n}")
        paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)

    found = imported(paths, terms(partner=partner("east")))

    summary = found.summary
    groups = {word: n for group in GROUPS for word, n in summary[group].items() if word != "total"}
    assert (summary["moves"], round(summary["teu"] * 100)) == (case.moves, case.hundredths)
    assert groups == case.groups
    assert (summary["amended"], summary["retracted"]) == (case.amended, case.retracted)
    assert summary["warnings"] >= case.warnings
    assert not case.by_year or summary["teu_by_year"] == case.by_year
