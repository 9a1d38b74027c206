"""A backup of a running port, restored elsewhere, has the same totals, samples and silences."""

import json
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.last_backup import LastBackup, read_last_backup
from stack.backup.backup_manifest import BackupManifest, BackupPart, read_manifest
from tests.integration.support.installation.port_folder import UP_SECONDS, PortFolder
from tests.integration.support.workers import (
    Running,
    as_records,
    becomes,
    move,
    recent,
    send,
    until,
)

pytestmark = pytest.mark.kafka

SHOWN = ("port_throughput_ytd_teu", "zone_investment_projects", "target_value")


def teu(one: Running) -> float:
    return sum(one.samples("port_throughput_ytd_teu").values())


def whole(folder: Path) -> BackupManifest:
    found = read_manifest(folder)
    assert found is not None
    return found


def asked(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def scraped(port: PortFolder, at: datetime) -> float | None:
    """Return the port's TEU in Prometheus at an instant."""
    query = {"query": "sum(port_throughput_ytd_teu)", "time": f"{at.timestamp():.3f}"}
    found = asked(f"{port.prometheus}/api/v1/query?{urllib.parse.urlencode(query)}")
    result = found["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def silence(port: PortFolder, comment: str) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # a test is a door
    asked(
        f"{port.alertmanager}/api/v2/silences",
        {
            "matchers": [{"name": "alertname", "value": "TargetBehind", "isRegex": False}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=3)).isoformat(),
            "createdBy": "test",
            "comment": comment,
        },
    )


def comments(port: PortFolder) -> list[str]:
    return [one["comment"] for one in asked(f"{port.alertmanager}/api/v2/silences")]


def files(port: PortFolder) -> dict[str, bytes]:
    """The files of issued reports."""
    root = port.folder / ".quaymark/reports"
    return {f"{path.relative_to(root)}": path.read_bytes() for path in root.glob("[!.]*/*/*/*/*")}


def shown(one: Running) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    return {name: one.samples(name) for name in SHOWN}


def test_a_restore_on_an_empty_folder_has_the_originals_totals(tmp_path: Path) -> None:
    original, kept = PortFolder(tmp_path / "original"), tmp_path / "kept"
    (original.folder / ".env").write_text(
        "GRAFANA_ADMIN_PASSWORD=open sesame\nQUAYMARK_LOG=info\n", "utf-8"
    )
    at = recent()
    # 300 boxes of 40 ft at THE: 600.00 TEU; then 100 of 20 ft at THW: 100.00 more
    first = as_records([move(n, "THE", "45G1", at) for n in range(300)])
    later = as_records([move(n, "THW", "22G1", at, source="/w") for n in range(100)])
    broken = original.folder / "broken.csv"
    broken.write_text("move,time,terminal\nLOAD,never,THE\n", "utf-8")

    with original.up("--no-simulate") as one:
        send(original.kafka, first)
        becomes("600 TEU", lambda: teu(one), 600.0, UP_SECONDS)
        assert original.quaymark("import", str(broken))[0] == 1
        silence(original, "the crane is mended")
        day = f"{at.date():%Y-%m-%d}"
        code, said = original.quaymark("report", "note", day, "fog", "--by", "desk")
        assert code == 0, said
        code, said = original.quaymark("report", "issue", "--provisional")
        assert code == 0, said
        issued = files(original)
        assert len(issued) > 10
        code, said = original.quaymark("backup", str(kept))
        assert code == 0, said
        assert "GRAFANA_ADMIN_PASSWORD of .env" in said
        before = whole(kept)
        noted = one.samples("pipeline_last_backup_timestamp_seconds")
        assert list(noted.values()) == [before.made_at.timestamp()]
        assert before.topics["port.moves.raw"].records == 300

        code, said = original.quaymark("backup", str(kept))
        assert code == 0, said
        assert said.splitlines()[-1].startswith("0 records and ")
        again = whole(kept)
        assert again.topics == before.topics
        assert again.of(BackupPart.SILENCES) == before.of(BackupPart.SILENCES)

        send(original.kafka, later)
        becomes("700 TEU", lambda: teu(one), 700.0, UP_SECONDS)

        def is_scraped() -> bool:
            now = datetime.now(UTC)  # noqa: TID251  # a test is a door
            return scraped(original, now) == 700

        until("Prometheus has it", is_scraped)
        seen = datetime.now(UTC)  # noqa: TID251  # a test is a door
        code, said = original.quaymark("backup", str(kept))
        assert code == 0, said
        assert said.splitlines()[-1].startswith("100 records and ")
        totals = shown(one)
        assert not list((original.folder / ".quaymark/data/prometheus/snapshots").glob("*"))

    for path in kept.rglob("*"):
        assert b"open sesame" not in (path.read_bytes() if path.is_file() else b""), path
    copy = PortFolder(tmp_path / "copy", files=False)
    code, said = copy.quaymark("restore", str(kept))
    assert code == 0, said
    assert "1 silences set again" in said
    assert (copy.folder / "quaymark.toml").read_bytes() == (
        original.folder / "quaymark.toml"
    ).read_bytes()
    assert not (copy.folder / ".quaymark.restoring").exists()
    assert (
        copy.folder / ".quaymark/data/targets-only"
    ).exists()  # the copy is still marked as a real port
    restored = read_last_backup(copy.folder / ".quaymark")
    assert restored == LastBackup(str(kept), whole(kept).made_at)
    with copy.up("--no-simulate") as two:
        becomes("the original's totals", lambda: shown(two), totals, UP_SECONDS)
        assert teu(two) == 700
        code, said = copy.quaymark("books", "verify")
        assert code == 0, said
        assert "the books are exact" in said
        assert scraped(copy, seen) == 700
        assert comments(copy) == ["the crane is mended"]
        assert files(copy) == issued
        code, said = copy.quaymark("report", "verify")
        assert (code, "1 reports with" in said) == (0, True), said
        code, said = copy.quaymark("report", "note", day, "rain", "--by", "desk")
        assert "replaced: fog (desk)" in said
        assert "broken.csv" in copy.quaymark("rejected", "list")[1]
        refused = copy.quaymark("restore", str(kept))
        assert refused[0] == 2
        assert "--replace renames them" in refused[1]

    code, said = copy.quaymark("backup", str(kept))  # refused: its Kafka has other offsets
    assert code == 1
    assert "is the archive of Kafka cluster" in said
    code, said = copy.quaymark("restore", str(kept), "--replace")
    assert code == 0, said
    assert len(list(copy.folder.glob(".quaymark.before-*"))) == 1
