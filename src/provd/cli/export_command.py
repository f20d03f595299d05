"""``provctl export``."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from provd.cli.failures import ExitCode, fail
from provd.cli.session import session_of
from provd.client import Client
from provd.client.files import save
from provd.schema.transfer import ExportFormat


def export_providers(
    context: typer.Context,
    form: Annotated[ExportFormat, typer.Option("--format", help="What to write.")] = ExportFormat.JSON,
    file: Annotated[
        Path | None, typer.Option("-f", "--file", help="Where to; else standard output. opensips: a folder.")
    ] = None,
) -> None:
    """Write every provider and route as a file, of ours or for another engine.

    What the engine has no place for is in comments, for "provctl import". The values of tech_headers are in
    it, unless you are a viewer: then they read ***, and such a provider is not imported. A file is replaced
    once it is complete, and only its owner may read it.
    """
    names = form.files
    session = session_of(context)
    if file is None:

        async def printed(client: Client) -> None:
            async with aclosing(client.export(form.value)) as pieces:
                await _print(pieces)

        session.run(printed)
        return
    try:
        targets = {name: file / name for name in names} or {"": file}
        if names:
            file.mkdir(exist_ok=True)
        for name, target in targets.items():

            async def written(client: Client, name: str = name, target: Path = target) -> None:
                async with aclosing(client.export(form.value, name)) as pieces:
                    await save(pieces, target)

            session.run(written)
    except OSError as error:
        fail(ExitCode.USAGE, f"{error.filename or file} can't be written: {error.strerror or error}")


async def _print(pieces: AsyncIterator[bytes]) -> None:
    try:
        async for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        raise typer.Exit from None
