"""What is posted is imported as a file is, and the answer says what became of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from contract.book import Partner
from contract.errors import Misconfigured, StackError
from contract.topics import MOVES, REJECTED
from contract.wire import decode_dead_letter, decode_move
from producers.http.bearer_token import BearerTokens
from producers.http.delivery import Delivery
from producers.http.receiver import HttpReceiver
from producers.publish.records import Encoded
from tests.unit.producers.imported import BOOK, FIXTURES, NOW, imported

TOKEN = "0123456789abcdef0123"
EAST_TOKEN = "east456789abcdef0123"
EAST = Partner(name="east", time_zone="Asia/Shanghai", sizes={"SMALL": "22G1"})
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LARGEST = 60_000


def event(name: str, **changed: Any) -> dict[str, Any]:
    """A discharge of a full 20 ft container at THE a day ago."""
    data = {
        "eventClassifierCode": "ACT",
        "equipmentEventTypeCode": "DISC",
        "facilityCode": "THE",
        "equipmentReference": "CSQU3054383",
        "ISOEquipmentCode": "22G1",
        "emptyIndicatorCode": "LADEN",
        "transportCall": {"modeOfTransport": "VESSEL"},
    }
    return {
        "specversion": "1.0",
        "type": "port.container.moved.v1",
        "source": "/tos/east",
        "id": name,
        "time": "2026-11-24T08:00:00Z",
        "recordedtime": "2026-11-24T09:00:00Z",
        "data": data | changed,
    }


class FakeKafka:
    """Keeps what is sent; while it is away, nothing is acknowledged."""

    def __init__(self) -> None:
        self.sent: list[Encoded] = []
        self.back = asyncio.Event()
        self.back.set()
        self.failure: StackError | None = None

    async def send_encoded(self, record: Encoded) -> None:
        self.sent.append(record)

    async def flush(self) -> None:
        if self.failure is not None:
            raise self.failure
        await self.back.wait()


class Posting:
    """A receiver on a free port, and what Kafka got of it."""

    def __init__(self, client: "TestClient[Any, Any]", kafka: FakeKafka, tokens: Path) -> None:
        self.client, self.kafka, self.tokens = client, kafka, tokens
        self.failed: list[bool] = []

    async def post(
        self, body: object, content_type: str = STRUCTURED, token: str = TOKEN, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.client.post(
            "/events",
            data=raw,
            headers={"Content-Type": content_type, "Authorization": f"Bearer {token}", **given},
        )
        self.headers = answer.headers
        return answer.status, json.loads(await answer.read())

    @property
    def moves(self) -> list[Any]:
        return [
            decode_move(record.value or b"")
            for record in self.kafka.sent
            if record.topic == MOVES.name
        ]


Work = Callable[[Posting], Awaitable[None]]
Run = Callable[[Work], None]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a test's work against a receiver."""
    tokens = tmp_path / "tokens"
    tokens.write_text(f"# two senders\n{TOKEN}\n{EAST_TOKEN}  east\n")

    async def served(work: Work) -> None:
        kafka = FakeKafka()
        delivery = Delivery(BOOK, lambda: NOW, seconds=0.2)
        delivery.connected(kafka)
        failed: list[bool] = []
        receiver = HttpReceiver(
            delivery,
            BearerTokens(str(tokens), (EAST,)),
            LARGEST,
            lambda: failed.append(True),
            (EAST,),
        )
        async with TestClient(TestServer(receiver.application())) as client:
            posting = Posting(client, kafka, tokens)
            posting.failed = failed
            await work(posting)

    return lambda work: asyncio.run(served(work))


def test_one_event_is_counted_and_sent(run: Run) -> None:
    async def work(at: Posting) -> None:
        status, summary = await at.post(event("1"))

        # One full 20 ft container over the quay: 1 TEU.
        assert (status, summary["counted"], summary["teu"], summary["sent"]) == (200, 1, 1.0, 1)
        assert [move.id for move in at.moves] == ["1"]

    run(work)


def test_of_a_batch_the_refused_are_named_and_the_rest_is_in(run: Run) -> None:
    broken = event("3") | {"time": "yesterday"}
    batch = [event("1"), event("2", facilityCode="NOWHERE"), broken]

    async def work(at: Posting) -> None:
        status, summary = await at.post(batch, BATCH)

        assert (status, summary["records"], summary["counted"]) == (207, 3, 1)
        assert summary["rejected"] == {"unknown_terminal": 1, "wrong_type": 1, "total": 2}
        assert [item["at"].partition(".")[0] for item in summary["items"]] == ["$[1]", "$[2]"]
        # The worker refuses the second itself; the third, which is no event, is kept here.
        [letter] = [
            decode_dead_letter(record.value or b"")
            for record in at.kafka.sent
            if record.topic == REJECTED.name
        ]
        assert json.loads(letter.value or b"") == broken
        assert letter.origin.startswith("POST /events from 127.0.0.1")

    run(work)


@pytest.mark.parametrize("name", ["dcsa-tnt-2.2-events.json", "dcsa-tnt-3.0-events.json"])
def test_events_of_dcsa_come_to_what_an_import_of_the_same_file_comes_to(
    run: Run, name: str
) -> None:
    file = imported([FIXTURES / name]).summary

    async def work(at: Posting) -> None:
        status, summary = await at.post((FIXTURES / name).read_bytes(), "application/json")

        for group in ("records", "counted", "uncounted", "rejected", "skipped", "teu", "events"):
            assert summary[group] == file[group], group
        assert file["records"] > 0
        assert status == (207 if file["rejected"]["total"] else 200)

    run(work)


def test_an_event_in_binary_mode_is_the_same_event(run: Run) -> None:
    whole = event("1")
    attributes = {f"ce_{name}": str(value) for name, value in whole.items() if name != "data"}

    async def work(at: Posting) -> None:
        assert (await at.post(whole))[0] == 200
        binary = await at.post(whole["data"], "application/json", **attributes)

        assert binary[0] == 200
        assert at.moves[0] == at.moves[1]

    run(work)


def test_an_empty_batch_is_no_fault(run: Run) -> None:
    async def work(at: Posting) -> None:
        status, summary = await at.post([], BATCH)
        assert (status, summary["records"], at.kafka.sent) == (200, 0, [])

    run(work)


def test_without_a_valid_token_nothing_is_read(run: Run) -> None:
    async def work(at: Posting) -> None:
        for given in (TOKEN[:-1], TOKEN + "0", "", "#", f"{EAST_TOKEN} east"):
            status, answer = await at.post(b"not even JSON", token=given)
            assert (status, at.headers["WWW-Authenticate"][:6]) == (401, "Bearer")
            assert "Authorization" in answer["error"]
        status, _ = await at.post(event("1"), Authorization=f"Basic {TOKEN}")
        assert status == 401
        assert at.kafka.sent == []

    run(work)


def test_a_token_is_changed_without_a_restart(run: Run) -> None:
    new = "fedcba9876543210fedc"

    async def work(at: Posting) -> None:
        at.tokens.write_text(f"{TOKEN}\n{new}\n")
        assert [(await at.post(event("1"), token=one))[0] for one in (TOKEN, new)] == [200, 200]
        at.tokens.write_text(f"{new}\n")
        assert [(await at.post(event("1"), token=one))[0] for one in (TOKEN, new)] == [401, 200]
        at.tokens.unlink()
        status, _ = await at.post(event("1"), token=new)
        assert (status, at.headers["Retry-After"]) == (503, "10")

    run(work)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "no token"),
        ("# x\n\n", "no token"),
        (f"{TOKEN}\nshort\n", "line 2: a token has fewer than 16"),
        (f"{TOKEN} eest\n", r"line 1: 'eest' is no \[\[partner\]\] .* one of: east$"),
        (f"{TOKEN} east west\n", "line 1: 'east west' is no"),
    ],
)
def test_a_file_without_a_good_token_is_refused(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "tokens"
    with pytest.raises(Misconfigured, match="QUAYMARK_RECEIVE_TOKEN_FILE"):
        BearerTokens(str(path)).read()
    path.write_text(text)
    with pytest.raises(Misconfigured, match=wrong) as caught:
        BearerTokens(str(path), (EAST,)).read()
    assert TOKEN not in str(caught.value)


def test_a_body_that_is_too_large_is_refused(run: Run) -> None:
    async def pieces() -> Any:
        for _ in range(LARGEST // 1000 + 1):
            yield b" " * 1000

    async def work(at: Posting) -> None:
        status, answer = await at.post(b" " * (LARGEST + 1))
        assert (status, "60,000 bytes" in answer["error"]) == (413, True)
        headers = {"Content-Type": STRUCTURED, "Authorization": f"Bearer {TOKEN}"}
        chunked = await at.client.post("/events", data=pieces(), headers=headers)
        assert chunked.status == 413
        fits = json.dumps(event("1")).encode().ljust(LARGEST)
        assert (await at.post(fits))[0] == 200

    run(work)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "text/csv", 415),
        (b"{}", "application/cloudevents-batch+xml", 415),
        (b"{}", f"{STRUCTURED}; charset=gb18030", 415),
        (b'{"id": ', STRUCTURED, 400),
        (b'{"id": "\xff"}', STRUCTURED, 400),
        (b"[" * 100_000, BATCH, 413),
        (b"[" * 50_000, BATCH, 400),
        (b"[]", STRUCTURED, 400),
        (b"{}", BATCH, 400),
        (b"7", "application/json", 400),
        (b'{"some": "thing"}', "application/json", 400),
        (b'{"releases": [{"ocid": "x"}]}', "application/json", 400),
    ],
)
def test_what_is_no_event_gets_a_clear_error(
    run: Run, body: bytes, content_type: str, status: int
) -> None:
    async def work(at: Posting) -> None:
        found, answer = await at.post(body, content_type)
        assert found == status
        assert answer["error"]
        assert at.kafka.sent == []

    run(work)


def test_while_kafka_is_away_the_sender_is_told_when_to_come_again(run: Run) -> None:
    async def work(at: Posting) -> None:
        at.kafka.back.clear()
        status, _ = await at.post(event("1"))
        assert (status, at.headers["Retry-After"]) == (503, "10")
        assert (await at.client.get("/healthz")).status == 503
        before = len(at.kafka.sent)
        assert (await at.post(event("1")))[0] == 503
        assert len(at.kafka.sent) == before  # nothing piles up in memory
        at.kafka.back.set()
        assert (await at.client.get("/healthz")).status == 200
        assert (await at.post(event("1")))[0] == 200

    run(work)


def test_a_kafka_that_refuses_ends_the_process_so_that_it_is_started_again(run: Run) -> None:
    async def work(at: Posting) -> None:
        at.kafka.failure = StackError("no topic")
        assert (await at.post(event("1")))[0] == 503
        assert at.failed == [True]

    run(work)


def test_a_partner_is_known_by_its_token_and_read_by_its_profile(run: Run) -> None:
    refused = {"some": "thing"}
    broken = event("3") | {"time": "yesterday"}
    dcsa = {
        "eventID": "4",
        "eventCreatedDateTime": "2026-11-24T09:00:00Z",
        "eventType": "EQUIPMENT",
        "eventDateTime": "2026-11-24T08:00:00Z",
        **event("4")["data"],
        "ISOEquipmentCode": "SMALL",
        "eventLocation": {"facilityCode": "THE"},
    }

    async def work(at: Posting) -> None:
        assert (await at.post([broken], BATCH, EAST_TOKEN))[0] == 207
        [letter] = [decode_dead_letter(one.value or b"") for one in at.kafka.sent]
        assert letter.origin.startswith("POST /events from 127.0.0.1 (east)")
        assert (await at.post(refused, "application/json", EAST_TOKEN))[0] == 400
        of_nobody = (await at.post(dcsa, "application/json"))[1]
        of_east = (await at.post(dcsa, "application/json", EAST_TOKEN))[1]
        # Only the profile of east says that its SMALL is a box of 20 ft: 1 TEU.
        assert (of_nobody["counted"], of_nobody["flagged"]) == (0, {"unknown_size": 1, "total": 1})
        assert (of_east["counted"], of_east["teu"]) == (1, 1.0)
        found = await _series(at)
        assert found['receiver_requests_total{outcome="failed",partner="east"}'] == 1
        assert found['receiver_requests_total{outcome="refused",partner="east"}'] == 1
        assert found['receiver_last_post_timestamp_seconds{partner="east"}'] == NOW.timestamp()

    run(work)


async def _series(at: Posting) -> dict[str, float]:
    lines = (await (await at.client.get("/metrics")).text()).splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_the_metrics_count_requests_and_records(run: Run) -> None:
    async def work(at: Posting) -> None:
        before = await _series(at)
        assert before['receiver_requests_total{outcome="refused",partner="east"}'] == 0
        await at.post([event("1"), event("1", facilityCode="NOWHERE")], BATCH)
        await at.post(event("2"), token="x")
        expected = {
            'receiver_requests_total{outcome="partly",partner="-"}': 1,
            'receiver_requests_total{outcome="unauthorized",partner="?"}': 1,
            'receiver_requests_total{outcome="unavailable",partner="-"}': 0,
            'receiver_records_total{outcome="counted",partner="-"}': 1,
            'receiver_records_total{outcome="rejected",partner="-"}': 1,
            'receiver_last_post_timestamp_seconds{partner="-"}': NOW.timestamp(),
        }
        found = await _series(at)
        assert {name: found[name] for name in expected} == expected

    run(work)


def test_the_answer_has_the_fields_of_an_imports_summary(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(msgspec.json.encode(event("1")))
    file = imported([path]).summary

    async def work(at: Posting) -> None:
        _, summary = await at.post(event("1"))
        assert summary.keys() == file.keys()

    run(work)
