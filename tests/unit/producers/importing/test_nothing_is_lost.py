"""Of a damaged file every byte belongs to a counted record, a refused one, or a separator."""

from pathlib import Path
from random import Random

import pytest

from producers.importing.whole_file import KEPT_BYTES
from producers.reading.outcome import Form
from tests.unit.producers.imported import imported
from tests.unit.producers.importing.mutations import MAKERS, check, damaged

CASES = 60  # of each form; `mutations` tries thousands


@pytest.mark.parametrize("form", MAKERS)
@pytest.mark.parametrize("seed", range(3))
def test_a_file_cut_joined_and_flipped_loses_no_byte(
    tmp_path: Path, form: Form, seed: int
) -> None:
    random = Random(seed)
    for n in range(CASES // 3):
        raw = damaged(MAKERS[form](n), random)
        if n % 5 == 0:
            raw += damaged(MAKERS[form](n + 500), random)

        check(form, raw, tmp_path)


@pytest.mark.parametrize("form", MAKERS)
def test_a_sound_file_is_accounted_for_and_loses_nothing(tmp_path: Path, form: Form) -> None:
    check(form, MAKERS[form](1), tmp_path)


def test_a_word_under_a_damaged_key_belongs_to_its_event_which_is_flagged(tmp_path: Path) -> None:
    """A cut made one event of the first and the third: neither key is one of DCSA's."""
    raw = (
        MAKERS[Form.DCSA](1)
        .replace(b'"equipmentReference": "ZZQU0000100"', b'"equipmentReferee": "x"')
        .replace(
            b'"exportVoyageNumber": "voyage-ZZQU0000100"', b'"exportVr": "voyage-ZZQU0000109"'
        )
    )

    check(Form.DCSA, raw, tmp_path)
    done = imported([tmp_path / "damaged"])

    # The event counts, since its id is unique, and says that its container has no number.
    assert done.summary["flagged"]["no_container_number"] == 1


def test_a_row_that_says_a_move_again_with_another_voyage_is_a_repeat(tmp_path: Path) -> None:
    """The books know no voyage, so the row says nothing new; its id is that of the first row."""
    rows = MAKERS[Form.MOVES](1)
    again = rows.splitlines()[1].replace(b"voyage-ZZQU0000100", b"voyage-ZZQU0000199")
    raw = rows + b"\r\n" + again

    check(Form.MOVES, raw, tmp_path)
    done = imported([tmp_path / "damaged"])

    assert done.summary["moves"] == 5
    assert done.summary["skipped"]["repeat"] == 1


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 \xff\x00", b"hello;world\n1;2\n", b"\0\1\2", b'{"a": 1}', b"[1, 2"]
)
def test_a_file_that_is_refused_whole_is_kept_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)

    done = imported([path])

    assert done.exit_code == 2
    assert [letter.value for letter in done.letters] == [content]


def test_a_large_file_that_is_refused_is_kept_in_several_letters_up_to_a_limit(
    tmp_path: Path,
) -> None:
    small, large = tmp_path / "a", tmp_path / "b"
    small.write_bytes(b"%PDF" + bytes(range(256)) * 4096)
    large.write_bytes(b"%PDF" + b"x" * KEPT_BYTES)

    kept, cut = imported([small]), imported([large])

    assert b"".join(letter.value or b"" for letter in kept.letters) == small.read_bytes()
    assert sum(len(letter.value or b"") for letter in cut.letters) == KEPT_BYTES
    assert "the rest is in the file alone" in cut.items("rejected")[-1]["message"]


def test_a_wrong_option_keeps_the_file_too(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("month,value\n2019-01,1\n")

    done = imported([path])  # without --scope

    assert done.exit_code == 2
    assert [letter.value for letter in done.letters] == [path.read_bytes()]
