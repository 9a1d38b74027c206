"""The log of the worker and its libraries: readable lines on a terminal, JSON otherwise."""

import logging
import sys
from collections import Counter

import structlog

__all__ = ["RepeatFilter", "set_up_logs"]

CHATTY = ("faust", "mode", "aiokafka")  # at info they print tables of partitions
QUIET_SECONDS = 10.0  # aiokafka logs 60 times a second that a broker is gone


class RepeatFilter(logging.Filter):
    """Passes each message of the libraries once in `QUIET_SECONDS`, and counts the others."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[str, float] = {}
        self._unlogged: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log a record; exceptions and our own records always are."""
        if record.exc_info or not record.name.startswith(CHATTY):
            return True
        kind = str(record.msg)
        if record.created - self._logged.get(kind, 0.0) < QUIET_SECONDS:
            self._unlogged[kind] += 1
            return False
        self._logged[kind] = record.created
        if more := self._unlogged.pop(kind, 0):
            record.msg = f"{kind} ({more} more like it)"
        return True


def set_up_logs(level: str) -> None:
    """Log to stderr from `level` on; the libraries' own details only at `debug`."""
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
        handler.addFilter(_is_no_service_message)
        handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else logging.WARNING)


def _is_no_service_message(record: logging.LogRecord) -> bool:
    """Return whether a record is none of the start and stop messages of Faust's services."""
    return record.levelno >= logging.WARNING or not str(record.msg).startswith("[^")
