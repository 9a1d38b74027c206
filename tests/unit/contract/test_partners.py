"""Partners and figures of the book, and what is refused in them."""

import pytest

from contract.book import Book, read_book
from contract.errors import Misconfigured

START = """
port = { time_zone = "Asia/Shanghai", un_location_code = "CNNTG" }
[zone]
code = "haimen"
name = { zh = "海门", en = "Haimen" }
clusters = {}
functional_areas = {}
[[area]]
code = "tonghai"
name = { zh = "通海", en = "Tonghai" }
terminal = [{ code = "THE", name = { zh = "东", en = "East" } }]
"""


def read(text: str) -> Book:
    return read_book(START + text, "quaymark.toml")


def test_a_partner_has_the_usual_document_codes_unless_it_says_others() -> None:
    book = read(
        '[[partner]]\nname = "x"\ntime_zone = "Europe/Madrid"\nsenders = ["ESHUV"]\n'
        'documents = { gate_in = ["36"], gate_out = ["34"] }\nterminals = { CON = "THE" }\n'
    )

    (partner,) = book.partner
    assert partner.documents.discharge == ("44", "98")
    assert partner.documents.gate_in == ("36",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[[partner]]\nname = "x"\ntime_zone = "Mars/North"\n',
            "partner x: time_zone is 'Mars/North'",
        ),
        (
            '[[partner]]\nname = "x"\ntime_zone = "UTC"\nterminals = { A = "B" }\n',
            "partner x: terminals.A is 'B', expected one of THE",
        ),
        (
            '[[partner]]\nname = "x"\ntime_zone = "UTC"\nsenders = ["S"]\n'
            '[[partner]]\nname = "y"\ntime_zone = "UTC"\nsenders = ["S"]\n',
            "partner.senders 'S' appears 2 times",
        ),
        ('[[partner]]\nname = "x"\ntime_zone = "UTC"\nzone = 1\n', "unknown field `zone`"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(Misconfigured) as error:
        read(text)

    assert expected in str(error.value)
