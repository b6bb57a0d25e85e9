"""Logs: structured lines, without personal data."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

# Keys that may stand in a line. What is not listed is dropped: a name must never reach a log by accident.
ALLOWED = frozenset(
    {"event", "level", "logger", "timestamp", "request", "practice", "job", "task", "status", "method", "route",
     "milliseconds", "attempt", "error", "pid", "port", "table", "count", "exception", "process", "code"}
)  # fmt: skip


def only_allowed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list."""
    return {key: value for key, value in line.items() if key in ALLOWED or key.startswith("_")}


def without_values(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of an exception keep its type and where it was raised; its text may carry what a person typed."""
    info = line.pop("exc_info", None)
    if isinstance(info, tuple) and info[0] is not None:
        trace = info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
        line["exception"] = f"{info[0].__name__} at {place}"
    return line


def without_address(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of a request that Django logs keep route, method and status: its address may carry the secret of a link."""
    record = line.get("_record")
    if record is not None and record.name.startswith("django."):
        request = getattr(record, "request", None)
        match = getattr(request, "resolver_match", None)
        line["event"] = "request refused" if request is not None else str(record.msg)
        line["method"] = getattr(request, "method", None)
        line["route"] = match.view_name if match else None
        line["status"] = getattr(record, "status_code", None)
    return line


def formatter() -> logging.Formatter:
    """The formatter of all logs, ours and the libraries'."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            without_address,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            without_values,
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
    )
