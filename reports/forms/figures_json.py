"""A report as JSON, and the schema of that."""

import json
from typing import Any

import msgspec

from reports.forms.records import VERSION, ReportFile, figure_records
from reports.tree import ReportTree

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def figures_json(report: ReportTree) -> bytes:
    """Return the figures of a report as JSON, as `docs/schema/report.json` describes."""
    file = ReportFile(
        version=VERSION,
        kind=report.period.kind,
        period=report.period.name,
        first=report.period.span.first,
        last=report.period.last,
        owner=report.owner,
        language=report.lang,
        title=report.title,
        whole=not report.warning,
        warning=report.warning,
        figures=figure_records(report),
        edition=report.edition,
        provisional=report.provisional,
    )
    return msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"


def schema_text() -> str:
    """Return the JSON Schema as `docs/schema` holds it."""
    return json.dumps(schema(), indent=2) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of `figures_json`."""
    found = msgspec.json.schema(ReportFile)
    return {"$schema": DRAFT, "$id": "urn:quaymark:report", **found}
