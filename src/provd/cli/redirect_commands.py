"""``provctl redirects``."""

import typer

from provd.cli.output import columns, show
from provd.cli.redirect_text import redirect_words
from provd.cli.session import OutputOption, session_of


def redirects(context: typer.Context, output: OutputOption = None) -> None:
    """Show the latest calls that were redirected, oldest first: whom to try, in order, and why."""
    session = session_of(context)
    found = session.run(lambda client: client.redirects()).result[::-1]
    rows = [
        (each.at, each.source, each.number or each.destination, str(each.code), redirect_words(each))
        for each in found
    ]
    table = columns(("TIME", "FROM", "NUMBER", "CODE", "WHOM, AND WHY"), rows)
    show(session.form(output), found, table)
