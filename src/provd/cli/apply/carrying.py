"""Comparing the files with a daemon, and carrying the plan out there."""

import json
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import groupby

from provd.cli.api_words import in_commands
from provd.cli.apply.matching import Present, match
from provd.cli.apply.plan import Action, Plan, Step, plan
from provd.cli.apply.written import Kind, Mistake, Place, Reading
from provd.client import Client, ClientError
from provd.schema.transfer import ExportFormat, ImportReport

_AT_ONCE = 250  # records that are added by one call, which is one transaction then


class Stopped(Exception):
    """A step could not be taken. ``done`` are those that were, ``left`` the others in their order, ``error``
    says what is in the way."""

    def __init__(self, done: Sequence[Step], left: Sequence[Step], error: ClientError) -> None:
        super().__init__(str(error))
        self.done = done
        self.left = left
        self.error = error


async def make_plan(client: Client, reading: Reading) -> tuple[Plan, list[Mistake]]:
    """Compare the files with what the daemon has. Gives the mistakes of all files too, those of reading also.

    What is new is shown to the daemon, which says what it would not take: the id of a deleted record, say.
    """
    present = Present(await client.all_providers(), await client.all_routes())
    wanted, mistakes = match(reading, present, lambda: str(uuid.uuid4()))
    made = plan(wanted, present)
    found = [*reading.mistakes, *mistakes]
    if not found:
        found = await _refused(client, [each for each in made.steps if each.action is Action.CREATE])
    return made, sorted(found, key=lambda each: (each.place.file, each.place.line))


async def carry_out(client: Client, made: Plan, told: Callable[[int], None]) -> None:
    """Take the steps in their order; ``told`` hears how many are done. Raises Stopped."""
    done: list[Step] = []
    for _, group in groupby(made.steps, key=lambda each: (each.action, each.kind)):
        steps = list(group)
        size = _AT_ONCE if steps[0].action is Action.CREATE else 1
        for start in range(0, len(steps), size):
            some = steps[start : start + size]
            try:
                failed = await _take(client, some)
            except ClientError as error:
                raise Stopped(done, made.steps[len(done) :], error) from error
            if failed:
                left = [some[number - 1] for number in sorted(failed)]
                done += [each for each in some if each not in left]
                rest = made.steps[len(done) + len(left) :]
                raise Stopped(done, [*left, *rest], ClientError(failed[min(failed)]))
            done += some
            told(len(done))


async def _take(client: Client, steps: Sequence[Step]) -> dict[int, str]:
    """Take one step, or more that create something: what the daemon refuses of those, by number from 1."""
    step = steps[0]
    if step.action is Action.CREATE:
        return _failures(await _import(client, steps, dry_run=False))
    if step.action is Action.DELETE:
        if step.kind is Kind.PROVIDER:
            await client.delete_provider(step.id, revision=step.revision)
        else:
            await client.delete_route(step.id, revision=step.revision)
        return {}
    changes = {each.field: each.after for each in step.changes}
    if step.kind is Kind.PROVIDER:
        await client.patch_provider(step.id, changes, revision=step.revision)
    else:
        await client.patch_route(step.id, changes, revision=step.revision)
    return {}


async def _refused(client: Client, creating: Sequence[Step]) -> list[Mistake]:
    failed = _failures(await _import(client, creating, dry_run=True)) if creating else {}
    return [
        Mistake(
            creating[number - 1].place or Place(""),
            f"{in_commands(message)}; without its id it is added anew",
        )
        for number, message in failed.items()
    ]


def _failures(report: ImportReport) -> dict[int, str]:
    return {each.line: each.message for each in report.failed}


async def _import(client: Client, steps: Sequence[Step], *, dry_run: bool) -> ImportReport:
    async def lines() -> AsyncIterator[bytes]:
        for step in steps:
            yield json.dumps({"id": step.id, **step.after}).encode() + b"\n"

    return await client.import_providers(lines(), form=ExportFormat.NDJSON.value, dry_run=dry_run)
