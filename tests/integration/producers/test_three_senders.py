"""`quaymark init` on files of three senders with different habits: what it proposes counts."""

from datetime import date, timedelta
from pathlib import Path

from contract.book import read_book
from tests.integration.support.files.three_senders import Sums, write_files
from tests.integration.support.installation.port_folder import PortFolder


def test_what_init_proposes_counts_every_move_of_three_senders(tmp_path: Path) -> None:
    # 4 lifts a day and sender, one of each size: 1 + 2 + 2 + 2.25 = 7.25 TEU.  NORTHTOS corrects a
    # 20 ft container to 40 ft: 8.25; RIVERBOX cancels one of 20 ft: 6.25.  Two days: 29 TEU, and
    # 4 + 3 moves over the quay and 4 at the gate a day.
    first = date.today() - timedelta(10)  # noqa: DTZ011  # any day of the past
    sums = write_files(tmp_path / "files", first, range(2), 4)
    assert sums == Sums(quay=14, gate=8, hundredths=2900)

    port = PortFolder(tmp_path / "port", files=False)
    code, said = port.quaymark("init", "--from", str(tmp_path / "files"), "--yes", "--area", "n=N")

    assert code == 0, said
    # NORTHTOS tells each lift twice and corrects one, RIVERBOX cancels one: 9 + 5 + 4 a day
    assert "22 moves and 29.00 TEU of these files count; 0 of 36 records are refused" in said
    book = read_book((port.folder / "quaymark.toml").read_text("utf-8"), "quaymark.toml")
    assert {one.code for one in book.area[0].terminal} == {"NTQT1", "RVBX", "QTGATE01"}
    partners = {one.name: one for one in book.partner}
    assert {name for name, one in partners.items() if one.document_numbers_repeat} == {"riverbox"}
    assert partners["riverbox"].terminal_from == ("NAD+MS",)
    assert partners["northtos"].terminal_from == ()
