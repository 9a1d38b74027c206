"""The Kafka Streams peer: its jars come from Maven, and the bench compiles its one source file."""

import os
import subprocess
from pathlib import Path

from bench.report import TOPIC, Task
from contract.errors import StackError
from stack.processes import jars
from stack.processes.child import Program

SOURCE = Path(__file__).parent / "kafka_streams" / "Dedup.java"
STREAMS = f"org.apache.kafka:kafka-streams:{jars.KAFKA_VERSION}"
COMPILER = "org.eclipse.jdt:ecj:3.43.0"  # a compiler in a jar: the wheel's Java has no javac
HEAP_MB = 512


def compiled(folder: Path) -> str:
    """Compile the source and return the class path to run it with.

    Raises:
        StackError: a jar cannot be fetched, or the source does not compile.
    """
    classes = folder / "classes"
    classes.mkdir()
    class_path = os.pathsep.join((str(classes), *_resolve(STREAMS), jars.class_path(print)))
    compiler = (str(jars.java()), "-cp", *_resolve(COMPILER)[:1])
    options = ("-17", "-proc:none", "-nowarn", "-cp", class_path, "-d", str(classes))
    done = subprocess.run(
        [*compiler, "org.eclipse.jdt.internal.compiler.batch.Main", *options, str(SOURCE)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StackError(f"{SOURCE} does not compile:\n{done.stderr or done.stdout}")
    return class_path


def program(task: Task, class_path: str) -> Program:
    """Return the program; as the broker, it collects garbage serially: two cores are shared."""
    return Program(
        "kafka-streams",
        (
            *(str(jars.java()), f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC"),
            *("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"),
            *("-Djava.net.preferIPv4Stack=true", "-cp", class_path, "Dedup"),
            *(*task.arguments, TOPIC, jars.KAFKA_VERSION),
        ),
        once=True,
    )


def _resolve(coordinate: str) -> list[str]:
    import jgo

    try:
        return [str(artifact.resolve()) for artifact in jgo.resolve(coordinate)]
    except Exception as error:  # jgo passes on its network library's errors, which share no type
        raise StackError(f"{coordinate} could not be fetched from Maven: {error}") from error
