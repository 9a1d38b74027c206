"""The entry point of health checks: `python -m access HOST:PORT PATH` exits with 0 or 1."""

import os
import sys

from access.client import ask
from contract.errors import QuaymarkError
from contract.settings import Settings


def main() -> int:
    """Print what a server of ours answers; returns 0 if it is well, 2 for a wrong call, else 1."""
    if len(sys.argv) != 3:
        print("usage: python -m access HOST:PORT PATH", file=sys.stderr)  # noqa: T201
        return 2
    address, path = sys.argv[1:]
    try:
        settings = Settings.from_env(os.environ)  # noqa: TID251  # the entry point reads it
        body = ask(settings.http_access, address, path)
    except QuaymarkError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"no good answer at {address}{path}" if body is None else body.strip()[:200])  # noqa: T201
    return int(body is None)


if __name__ == "__main__":
    sys.exit(main())
