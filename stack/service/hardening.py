"""What a service may do and use: as little as Kafka's Java, RocksDB and promtool bear."""

Limits = tuple[tuple[str, str], ...]

MEMORY_MAX = "80%"  # of the machine: a runaway child ends, and the machine stays usable
TASKS_MAX = "2048"  # threads: Kafka has about 110, the worker 60, each of the servers 20
OPEN_FILES = "65536"  # Kafka holds 3 for each segment, RocksDB and Prometheus some hundreds

WITHOUT_NAMESPACES: Limits = (
    ("NoNewPrivileges", "yes"),
    ("UMask", "0077"),
    ("LockPersonality", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("RestrictNamespaces", "yes"),
    ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK"),  # netlink: Go and glibc
    ("SystemCallArchitectures", "native"),
    ("SystemCallFilter", "@system-service"),
    ("SystemCallErrorNumber", "EPERM"),  # RocksDB and uvloop try io_uring and do without
    ("KeyringMode", "private"),
)
"""For every unit.  A user's manager may not make namespaces on every distribution (Ubuntu 24.04
forbids it), and a unit that asks for one there does not start at all."""

WITH_NAMESPACES: Limits = (
    ("ProtectSystem", "strict"),
    ("ProtectHome", "read-only"),  # the checkout, the jars and alerting's secrets may lie there
    ("PrivateTmp", "yes"),
    ("PrivateDevices", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectProc", "invisible"),
    ("CapabilityBoundingSet", ""),
    ("AmbientCapabilities", ""),
    ("RemoveIPC", "yes"),
)
"""For system units, beside the above.

Left out on purpose: MemoryDenyWriteExecute (Java compiles into memory), ProcSubset=pid (Java reads
/proc/meminfo and /proc/cpuinfo), PrivateNetwork (alerts are mailed), PrivateUsers (the data would
seem to belong to nobody).
"""


def limits(memory: str) -> Limits:
    """Return what the service may use: memory, threads, open files."""
    return (("MemoryMax", memory), ("TasksMax", TASKS_MAX), ("LimitNOFILE", OPEN_FILES))
