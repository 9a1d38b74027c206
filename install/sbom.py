"""Writes the bill of materials (CycloneDX) of what requirements/runtime.txt pins: sbom.py FILE.

The same requirements give the same bytes: no time, no random number, and no address of a registry,
since packages may come from any mirror; their hashes say what they are.
"""

import json
import subprocess
import sys
from pathlib import Path

TOOL = Path(sys.executable).with_name("cyclonedx-py")
ANY_INDEX = "pkg:pypi"  # in the place of an address


def bill(requirements: str, project: str) -> str:
    """Return the bill of materials as JSON.

    Raises:
        SystemExit: a requirement has no hash, so that nobody could tell what it is.
    """
    line = [TOOL, "requirements", requirements, "--pyproject", project]
    more = ["--output-reproducible", "--output-format", "JSON", "--index-url", ANY_INDEX]
    done = subprocess.run([*line, *more], check=True, capture_output=True, text=True)
    made = json.loads(done.stdout)
    for tool in made["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    for component in made["components"]:
        component.pop("description", None)  # the line of the requirement, with its hashes again
        if not any(one.get("hashes") for one in component.get("externalReferences", [])):
            raise SystemExit(f"{requirements}: {component['name']} has no hash")
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    text = bill("requirements/runtime.txt", "pyproject.toml")
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"{target}: {len(json.loads(text)['components'])} packages")
