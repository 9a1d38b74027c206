"""Whether this machine can run a systemd user manager; every pytest process asks it."""

import os
import shutil
from pathlib import Path

from tests.integration.support.small_disk import SYS_ADMIN

SYSTEMD = Path("/lib/systemd/systemd")
GROUPS = [Path("/sys/fs/cgroup") / name for name in ("systemd", "unified", ".")]
HOW_TO_GET = (
    "run the tests as root with systemd, systemctl, unshare and nsenter, where control groups can "
    "be made (in a container, `--privileged`)"
)


def may_run_a_manager() -> bool:
    """Whether systemd is installed, and this process may create namespaces and control groups."""
    said = Path("/proc/self/status").read_text("ascii").split("CapEff:")[1].split()[0]
    tools = SYSTEMD.exists() and all(map(shutil.which, ("unshare", "nsenter", "systemctl")))
    if not (int(said, 16) >> SYS_ADMIN & 1 and tools and os.geteuid() == 0):
        return False
    probe = GROUPS[0] / f"quaymark-probe-{os.getpid()}"
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError:
        return False
    return True
