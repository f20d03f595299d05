"""``provctl alerts rule``."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from provd.cli.alert_commands import Name, On
from provd.cli.alert_text import rule_table
from provd.cli.api_words import in_commands
from provd.cli.failures import ExitCode, fail
from provd.cli.output import printable, show
from provd.cli.session import OutputOption, session_of
from provd.cli.times import span_s
from provd.client import Client
from provd.schema.alerts import Metric, Rule, RuleSpec, Severity

app = typer.Typer(help="Make, change and delete rules.", no_args_is_help=True)

_COMPARED = ("above", "below", "one_of")


@app.command("set", epilog="Example: provctl alerts rule set slow --metric rtt_p95_ms --above 250 --for 2m")
def set_rule(
    context: typer.Context,
    name: Name,
    metric: Annotated[Metric | None, typer.Option(help="What it looks at; a new rule needs it.")] = None,
    above: Annotated[float | None, typer.Option(help="For a number.")] = None,
    below: Annotated[float | None, typer.Option(help="For a number.")] = None,
    one_of: Annotated[
        list[str] | None, typer.Option("--is", help="For health and cause; repeatable.")
    ] = None,
    lasting: Annotated[
        str | None, typer.Option("--for", help="How long it must hold, like 30s, 2m or 1h; 0s: at once.")
    ] = None,
    severity: Annotated[Severity | None, typer.Option(help="How bad it is; of a new rule: warning.")] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="Only providers with it; repeatable; '': all.")
    ] = None,
    channels: Annotated[
        list[str] | None, typer.Option("--channel", help="Only there; repeatable; '': on all.")
    ] = None,
    detail: Annotated[str | None, typer.Option(help="For others to read.")] = None,
    on: On = None,
    output: OutputOption = None,
) -> None:
    """Make a rule, or change one. One that is built in is replaced by yours of the same name.

    What is not given stays as it is in the rule of that name: "provctl alerts rule set unhealthy --off" alone
    switches a rule off. --above, --below and --is replace each other.
    """
    try:
        for_s = None if lasting is None else span_s(lasting)
    except (ValueError, OverflowError) as error:
        fail(ExitCode.USAGE, f"--for: {error}")
    options = {
        "metric": metric,
        "above": above,
        "below": below,
        "one_of": one_of,
        "for_s": for_s,
        "severity": severity,
        "tags": None if tags is None else [each for each in tags if each],
        "channels": None if channels is None else [each for each in channels if each],
        "detail": detail,
        "enabled": on,
    }

    async def work(client: Client) -> Rule:
        before = next((each for each in (await client.alerts.rules()).result if each.name == name), None)
        if before is None and metric is None:
            fail(
                ExitCode.USAGE,
                f"there is no rule {printable(name)} yet: say with --metric what it is to look at",
            )
        try:
            spec = rule_with(before, options)
        except ValidationError as error:
            fail(ExitCode.USAGE, in_commands(error.errors()[0]["msg"].removeprefix("Value error, ")))
        return await client.alerts.put_rule(name, spec, revision=None if before is None else before.revision)

    session = session_of(context)
    made = session.run(work)
    show(session.form(output), made, rule_table([made]))


@app.command("delete", epilog="Example: provctl alerts rule delete slow")
def delete_rule(context: typer.Context, name: Name, output: OutputOption = None) -> None:
    """Delete a rule that was made here; its alerts are resolved."""
    session = session_of(context)
    gone = session.run(lambda client: client.alerts.delete_rule(name))
    show(session.form(output), gone, f"the rule {printable(gone.name)} is deleted")


def rule_with(before: RuleSpec | None, options: Mapping[str, Any]) -> RuleSpec:
    """The rule that ``options`` (by field; None: not given) make of the one before; None: there is none.

    What is not given stays. How the figure is compared stays as a whole, or is replaced as a whole; that of
    another metric does not stay. Raises ValidationError.
    """
    given = {name: value for name, value in options.items() if value is not None}
    kept = {} if before is None else before.model_dump(include=set(RuleSpec.model_fields))
    another = "metric" in given and given["metric"] != kept.get("metric")
    if another or any(name in given for name in _COMPARED):
        kept = {name: value for name, value in kept.items() if name not in _COMPARED}
    return RuleSpec.model_validate({**kept, **given})
