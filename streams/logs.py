"""One log form for our records and Faust's: lines to read on a terminal, JSON otherwise."""

import logging
import sys
from collections import Counter

import structlog

__all__ = ["Seldom", "set_up_logs"]

CHATTY = ("faust", "mode", "aiokafka")  # at info they print tables of partitions
QUIET_SECONDS = 10.0  # aiokafka says 60 times a second that a broker is away


class Seldom(logging.Filter):
    """Of what the libraries say again and again, one line in a while that counts the others."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}
        self._unsaid: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is the first of its kind for a while; exceptions always are."""
        if record.exc_info or not record.name.startswith(CHATTY):
            return True
        kind = str(record.msg)
        if record.created - self._said.get(kind, 0.0) < QUIET_SECONDS:
            self._unsaid[kind] += 1
            return False
        self._said[kind] = record.created
        if more := self._unsaid.pop(kind, 0):
            record.msg = f"{kind} ({more} more like it)"
        return True


def set_up_logs(level: str) -> None:
    """Send everything to stderr at `level`; the libraries' own chatter only from `debug` on."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    renderer = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=renderer,
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
        )
    )
    if level != "debug":
        handler.addFilter(_is_no_service_chatter)
        handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else logging.WARNING)


def _is_no_service_chatter(record: logging.LogRecord) -> bool:
    """Faust's services say each start and stop under the name of the class's module, ours too."""
    return record.levelno >= logging.WARNING or not str(record.msg).startswith("[^")
