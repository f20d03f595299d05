"""What scripts get from provctl: exit codes, and errors on standard error."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer

from provd.cli.api_words import in_commands
from provd.cli.output import printable
from provd.client import ApiError, ClientError, DaemonUnavailable, MayNotConnect
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
    "Exit codes: 0 done; 1 bad news, as the help of the command says, or the answer to its question was no; "
    "2 wrong usage, or nobody there to ask; 3 refused by the daemon (import: some lines were); "
    "4 no such thing; 5 not allowed; 6 it was changed meanwhile, or is in the way; "
    "7 provd, or what it needs, can't be reached."
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
    """Turn what the client raises into a message on standard error, in provctl's words, and an exit code."""
    try:
        yield
    except ApiError as error:
        fail(_BY_STATUS.get(error.status, ExitCode.REFUSED), in_commands(str(error)), _fields(error))
    except MayNotConnect as error:
        fail(ExitCode.NOT_ALLOWED, str(error))
    except DaemonUnavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error))
    except ClientError as error:
        fail(ExitCode.REFUSED, in_commands(str(error)))


def fail(code: ExitCode, message: str, more: Sequence[str] = ()) -> NoReturn:
    """Say what is wrong, and exit."""
    complain(message, more)
    raise typer.Exit(code)


def complain(message: str, more: Sequence[str] = ()) -> None:
    """Say something on standard error, with ``more`` in lines of their own."""
    for line in (f"provctl: {message}", *(f"  {each}" for each in more)):
        print("\n".join(map(printable, line.split("\n"))), file=sys.stderr)


def _fields(error: ApiError) -> list[str]:
    if len(error.details) < 2:
        return []
    return [in_commands(f"{detail.field}: {detail.message}") for detail in error.details]
