"""``provctl apply``: YAML files as the truth."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from provd.cli.apply.carrying import Stopped, carry_out, make_plan
from provd.cli.apply.files import read_files
from provd.cli.apply.plan import Plan
from provd.cli.apply.report import as_data, done_text, plan_text, step_line
from provd.cli.apply.written import Mistake, Reading
from provd.cli.asking import confirm
from provd.cli.failures import ExitCode, complain, fail, failures
from provd.cli.output import Output, say, show
from provd.cli.session import OutputOption, Session, session_of
from provd.client import Client, DaemonUnavailable
from provd.schema.status import Role

_QUIET_UP_TO = 50  # steps
_NAMED = 20
_MISTAKES_SHOWN = 1000


def apply(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A file, or a folder with *.yaml and *.yml files.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; exit 1 if there is something.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    delete_all: Annotated[
        bool,
        typer.Option(
            "--delete-all", help="Take files without any provider, or without any route, at their word."
        ),
    ] = False,
    output: OutputOption = None,
) -> None:
    """Make providers and routes what YAML files say: add, change, and delete what is not in them.

    The files of a folder are read together. They have the lists "providers" and "routes", as "provctl export
    --format yaml" writes them; an export applies without a change. Written by hand, a record needs no id: it
    is known by its name (a route: by name, target and customer), and a route may name its provider with
    "provider: NAME". A field that is absent has its default.

    All mistakes are told with file and line, and then nothing is changed: exit 3. The plan is shown before
    it is asked whether to apply it. A record that somebody changed in between stops it: exit 6; run it again.
    A provider that "provctl setup" made is not deleted. Only admins may apply, and see a plan.

    With --dry-run: exit 0 when nothing would change, 1 when something would.
    """
    session = session_of(context)
    form = session.form(output)
    try:
        reading = read_files(path)
    except OSError as error:
        fail(ExitCode.USAGE, f"{error.filename or path} can't be read: {error.strerror or error}")
    made = _planned(session, reading)
    if dry_run:
        show(form, as_data(made, applied=False), plan_text(made))
        raise typer.Exit(ExitCode.BAD_NEWS if made.steps else ExitCode.OK)
    if form is Output.TABLE:
        say(plan_text(made))
    _refuse_what_is_unsafe(made, delete_all=delete_all)
    if made.steps:
        _ask(made, form, yes=yes)
        _carry_out(session, made)
    if form is not Output.TABLE:
        show(form, as_data(made, applied=True), "")
    elif made.steps:
        say(done_text(made))


def _planned(session: Session, reading: Reading) -> Plan:
    async def work(client: Client) -> tuple[Plan, list[Mistake]]:
        you = (await client.status()).you
        if you.role is not Role.ADMIN:
            fail(
                ExitCode.NOT_ALLOWED,
                f"apply is for admins, and {you.user} (uid {you.uid}) is {you.role.value}: [access] admins",
            )
        return await make_plan(client, reading)

    made, mistakes = session.run(work)
    if mistakes:
        lines = [str(each) for each in mistakes[:_MISTAKES_SHOWN]]
        number = f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}"
        fail(ExitCode.REFUSED, f"{number}, so nothing is changed", _bounded(lines, len(mistakes)))
    return made


def _refuse_what_is_unsafe(made: Plan, *, delete_all: bool) -> None:
    trunks = [each.name for each in made.steps if each.forgets_a_trunk]
    if trunks:
        fail(
            ExitCode.CONFLICT,
            "a setup made these providers, and without them their trunks would stay at the carriers: delete "
            "them with 'provctl providers delete NAME --deprovision' (or without it, to keep the trunk), or "
            "put them into the files. Nothing is changed",
            _bounded(trunks[:_NAMED], len(trunks)),
        )
    if made.emptied and not delete_all:
        kinds = " and no ".join(made.emptied)
        fail(
            ExitCode.USAGE,
            f"the files have no {kinds} at all, and provd has: if every one is to be deleted, "
            "say --delete-all. Nothing is changed",
        )


def _ask(made: Plan, form: Output, *, yes: bool) -> None:
    shown = "" if form is Output.TABLE else plan_text(made)
    confirm("Apply?", yes=yes, ways="--yes applies the plan, --dry-run only shows it", before=shown)


def _carry_out(session: Session, made: Plan) -> None:
    told = _progress(len(made.steps), complain)
    try:
        session.run(lambda client: carry_out(client, made, told))
    except Stopped as stopped:
        for what, steps in (("done", stopped.done), ("not done", stopped.left)):
            lines = [step_line(each, made) for each in steps[:_NAMED]]
            complain(f"{len(steps)} of {len(made.steps)} {what}", _bounded(lines, len(steps)))
        unsure = isinstance(stopped.error, DaemonUnavailable)
        perhaps = ", which may have been done all the same" if unsure else ""
        complain(f"stopped at the first of those{perhaps}. Run it again for the rest: it compares anew")
        with failures():
            raise stopped.error from None


def _progress(total: int, tell: Callable[[str], None]) -> Callable[[int], None]:
    """Give what hears how many of ``total`` steps are done, and tells each tenth of many."""
    step = max(1, -(-total // 10))
    last = 0

    def told(done: int) -> None:
        nonlocal last
        if total > _QUIET_UP_TO and done // step > last // step:
            tell(f"{done} of {total} done")
        last = done

    return told


def _bounded(lines: Sequence[str], total: int) -> list[str]:
    return [*lines, *([f"and {total - len(lines)} more"] if total > len(lines) else [])]
