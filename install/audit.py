"""Asks pip-audit for known vulnerabilities of what is pinned: audit.py REQUIREMENTS...

Exit code 0: none is known.  1: some are, and they are listed.  3: its service was not reached, or
does not know a package, so nothing is known; that is no clean result.
"""

import json
import subprocess
import sys
from pathlib import Path

TOOL = Path(sys.executable).with_name("pip-audit")
FOUND, NOT_KNOWN = 1, 3


def main(files: list[str]) -> int:
    """Print what is known of each package."""
    how = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")
    asked = [part for file in files for part in ("-r", file)]
    done = subprocess.run([TOOL, *how, *asked], capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"not audited: the service of pip-audit is not reached ({last[:200]})")
        return NOT_KNOWN
    return verdict(packages)


def verdict(packages: list[dict]) -> int:  # type: ignore[type-arg]  # JSON
    """Return the exit code for pip-audit's answer, and print it."""
    hit = [one for one in packages if one.get("vulns")]
    for one in hit:
        for known in one["vulns"]:
            mended = ", ".join(known.get("fix_versions", ())) or "none yet"
            print(f"{one['name']} {one['version']}: {known['id']}, mended in {mended}")
    if unknown := [one["name"] for one in packages if "skip_reason" in one]:
        print(
            f"not audited: {len(unknown)} of {len(packages)} packages, since the service of "
            f"pip-audit is not reached or does not know them ({', '.join(unknown[:3])} …)"
        )
    if hit:
        return FOUND
    if unknown or not packages:
        return NOT_KNOWN
    print(f"{len(packages)} packages: no vulnerability is known")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
