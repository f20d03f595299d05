"""A question before something is changed."""

import sys

import typer

from provd.cli.failures import ExitCode, fail


def confirm(question: str, *, yes: bool, ways: str, before: str = "") -> None:
    """Ask at the terminal, unless ``yes`` (of --yes) answers it; exits 1 when the answer is no.

    Without a terminal nobody can be asked: exits 2, and says by ``ways`` what to do instead. ``before`` is
    shown ahead of the question.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        fail(
            ExitCode.USAGE,
            f"standard input is not a terminal, so nobody can be asked: {ways}. Nothing is changed",
        )
    if before:
        typer.echo(before, err=True)
    typer.confirm(question, abort=True, err=True)
