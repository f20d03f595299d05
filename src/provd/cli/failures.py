"""What scripts get from provctl: exit codes, and errors on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer

from provd.client import ApiError, ClientError, DaemonUnavailable
from provd.schema.errors import ErrorStatus


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    BAD_NEWS = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    NOT_ALLOWED = 5
    CONFLICT = 6
    UNAVAILABLE = 7


EXIT_CODES_HELP = (
    "Exit codes: 0 done; 1 a check found a target that does not answer; 2 wrong usage; "
    "3 refused by the daemon; 4 no such thing; 5 not allowed; "
    "6 it was changed meanwhile, or is in the way; 7 no daemon answers."
)

_BY_STATUS = {
    ErrorStatus.NOT_FOUND: ExitCode.NOT_FOUND,
    ErrorStatus.PERMISSION_DENIED: ExitCode.NOT_ALLOWED,
    ErrorStatus.ALREADY_EXISTS: ExitCode.CONFLICT,
    ErrorStatus.FAILED_PRECONDITION: ExitCode.CONFLICT,
    ErrorStatus.PRECONDITION: ExitCode.CONFLICT,
    ErrorStatus.UNAVAILABLE: ExitCode.UNAVAILABLE,
}


@contextmanager
def failures() -> Iterator[None]:
    """Turn what the client raises into a message on standard error and an exit code."""
    try:
        yield
    except ApiError as error:
        fail(_BY_STATUS.get(error.status, ExitCode.REFUSED), str(error), _fields(error))
    except DaemonUnavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error))
    except ClientError as error:
        fail(ExitCode.REFUSED, str(error))


def fail(code: ExitCode, message: str, more: list[str] | None = None) -> NoReturn:
    """Say what is wrong, and exit."""
    print(f"provctl: {message}", file=sys.stderr)
    for line in more or []:
        print(f"  {line}", file=sys.stderr)
    raise typer.Exit(code)


def _fields(error: ApiError) -> list[str]:
    if len(error.details) < 2:
        return []
    return [f"{detail.field}: {detail.message}" for detail in error.details]
