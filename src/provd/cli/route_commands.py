"""``provctl routes``, ``resolve`` and ``dial``."""

from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from provd.cli.api_words import in_commands
from provd.cli.asking import confirm
from provd.cli.failures import ExitCode, fail
from provd.cli.output import columns, facts, printable, show
from provd.cli.session import OutputOption, ProviderArgument, find_provider, session_of
from provd.client import Client
from provd.schema.provider import Provider
from provd.schema.route import (
    DialPreview,
    DialRequest,
    Matrix,
    Resolution,
    ResolveRequest,
    Route,
    RouteCreate,
)

M = TypeVar("M", bound=BaseModel)
app = typer.Typer(help="Which provider carries which numbers.", no_args_is_help=True)

RouteArgument = Annotated[str, typer.Argument(metavar="ROUTE", help="Its id, or its name.")]
Target = Annotated[str | None, typer.Option(help="What the numbers begin with, like +4420; all: any number.")]
Priority = Annotated[int | None, typer.Option(help="The lowest is tried first.")]
Weight = Annotated[int | None, typer.Option(help="The share of calls among those of equal priority.")]
Enabled = Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is in use.")]
Detail = Annotated[str | None, typer.Option(help="A longer description.")]
Caller = Annotated[
    str, typer.Option(help="The number it is called from: adds what the carrier may object to.")
]
Customer = Annotated[str, typer.Option(help="The customer whose routes they are, by id.")]


@app.command("list", epilog="Example: provctl routes list --provider 'Acme EU'")
def list_routes(
    context: typer.Context,
    provider: Annotated[str, typer.Option(help="Only those that lead to it.")] = "",
    customer: Customer = "",
    output: OutputOption = None,
) -> None:
    """List routes: the longest targets first, then by priority."""

    async def work(client: Client) -> tuple[list[Route], dict[str, str]]:
        provider_id = (await find_provider(client, provider)).id if provider else ""
        routes = await client.all_routes(customer_id=customer, provider_id=provider_id)
        names = {each.id: each.name for each in await _providers(client, routes)}
        return routes, names

    session = session_of(context)
    routes, names = session.run(work)
    routes.sort(key=lambda each: (each.target == "all", -len(each.target), each.target, each.priority))
    rows = [
        (
            each.target,
            str(each.priority),
            str(each.weight),
            names.get(each.provider_id, each.provider_id),
            each.name,
            "yes" if each.enabled else "no",
            each.id,
        )
        for each in routes
    ]
    table = columns(("TARGET", "PRIORITY", "WEIGHT", "PROVIDER", "NAME", "ENABLED", "ID"), rows)
    show(session.form(output), routes, table)


@app.command("add", epilog="Example: provctl routes add 'UK first' 'Acme EU' --target +44 --priority 1")
def add_route(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the route is to be called.")],
    provider: ProviderArgument,
    target: Target = None,
    priority: Priority = None,
    weight: Weight = None,
    enabled: Enabled = None,
    detail: Detail = None,
    customer: Customer = "",
    output: OutputOption = None,
) -> None:
    """Add a route to a provider."""
    given = _given(target=target, priority=priority, weight=weight, enabled=enabled, detail=detail)

    async def work(client: Client) -> Route:
        provider_id = (await find_provider(client, provider)).id
        more = {"customer_id": customer} if customer else {}
        return await client.create_route(
            _made(RouteCreate, {"name": name, "provider_id": provider_id, **given, **more})
        )

    session = session_of(context)
    route = session.run(work)
    show(session.form(output), route, _route_facts(route))


@app.command("edit", epilog="Example: provctl routes edit 'UK first' --weight 3")
def edit_route(
    context: typer.Context,
    route: RouteArgument,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    provider: Annotated[str, typer.Option(help="The provider that it is to lead to.")] = "",
    target: Target = None,
    priority: Priority = None,
    weight: Weight = None,
    enabled: Enabled = None,
    detail: Detail = None,
    output: OutputOption = None,
) -> None:
    """Change what is given of a route."""
    given = _given(name=name, target=target, priority=priority, weight=weight, enabled=enabled, detail=detail)

    async def work(client: Client) -> Route:
        found = await _find(client, route)
        if provider:
            given["provider_id"] = (await find_provider(client, provider)).id
        return await client.patch_route(found.id, given, revision=found.revision)

    session = session_of(context)
    after = session.run(work)
    show(session.form(output), after, _route_facts(after))


@app.command("delete", epilog="Example: provctl routes delete 'UK first' --yes")
def delete_route(
    context: typer.Context,
    route: RouteArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = None,
) -> None:
    """Delete a route."""
    session = session_of(context)
    found = session.run(lambda client: _find(client, route))
    asked = f"Delete {printable(found.name)} ({found.target}, {found.id})?"
    confirm(asked, yes=yes, ways="--yes deletes it")
    gone = session.run(lambda client: client.delete_route(found.id, revision=found.revision))
    show(session.form(output), gone, f"deleted {printable(gone.name)} ({gone.id})")


@app.command("matrix", epilog="Example: provctl routes matrix")
def show_matrix(context: typer.Context, customer: Customer = "", output: OutputOption = None) -> None:
    """Show who would carry calls to each country, by calling code."""
    session = session_of(context)
    found = session.run(lambda client: client.route_matrix(customer))
    show(session.form(output), found, _matrix_table(found))


def resolve(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The number that is called, like +15551234567.")],
    caller: Caller = "",
    customer: Customer = "",
    all_: Annotated[bool, typer.Option("--all", help="Try unhealthy providers too.")] = False,
    output: OutputOption = None,
) -> None:
    """Show who would carry a call, in order, and who is passed over. Exits 1 when nobody would."""
    given: dict[str, Any] = {"destination": number, "caller": caller, "include_unhealthy": all_}
    if customer:
        given["customer_id"] = customer
    wanted = _made(ResolveRequest, given)
    session = session_of(context)
    found = session.run(lambda client: client.resolve(wanted))
    show(session.form(output), found, _resolution_text(found))
    if not found.attempts:
        raise typer.Exit(ExitCode.BAD_NEWS)


def dial(
    context: typer.Context,
    provider: ProviderArgument,
    number: Annotated[str, typer.Argument(help="The number that is called, like +15551234567.")],
    caller: Caller = "",
    output: OutputOption = None,
) -> None:
    """Show how a number would be dialled through a provider. Nothing is sent."""

    async def work(client: Client) -> DialPreview:
        wanted = _made(DialRequest, {"destination": number, "caller": caller})
        return await client.dial_preview((await find_provider(client, provider)).id, wanted)

    session = session_of(context)
    found = session.run(work)
    told = [
        ("number", found.number),
        ("request", f"INVITE {found.request_uri}"),
        ("sent to", found.next_hop),
        ("country", found.region or "unknown"),
        *((name, value) for name, value in found.headers.items()),
        *(("warning", each) for each in found.warnings),
    ]
    show(session.form(output), found, facts(told))


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _made(model: type[M], given: dict[str, Any]) -> M:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        fail(ExitCode.USAGE, f"{where} {first['msg'].removeprefix('Value error, ')}")


async def _find(client: Client, wanted: str) -> Route:
    known = await client.all_routes()
    found = [each for each in known if wanted in (each.id, each.name)]
    if not found:
        fail(ExitCode.NOT_FOUND, f"there is no route {printable(wanted)!r}: provctl routes list shows all")
    if len(found) > 1:
        same = [f"{each.id}  {each.target}" for each in found[:10]]
        fail(ExitCode.CONFLICT, f"{printable(wanted)!r} fits {len(found)} routes: give the id", same)
    return found[0]


async def _providers(client: Client, routes: list[Route]) -> list[Provider]:
    return [await client.provider(each) for each in dict.fromkeys(route.provider_id for route in routes)]


def _route_facts(route: Route) -> str:
    return facts(
        [
            ("id", route.id),
            ("name", route.name),
            ("target", route.target),
            ("provider", route.provider_id),
            ("priority", str(route.priority)),
            ("weight", str(route.weight)),
            ("enabled", "yes" if route.enabled else "no"),
        ]
    )


def _resolution_text(found: Resolution) -> str:
    rows = [
        (
            str(number),
            each.provider,
            "last resort" if each.last_resort else each.health_status,
            each.target,
            f"{each.priority}/{each.weight}",
            each.request_uri,
            "; ".join(each.warnings),
        )
        for number, each in enumerate(found.attempts, 1)
    ]
    rows += [("-", each.provider, each.reason, "", "", "", each.message) for each in found.skipped]
    table = columns(("TRY", "PROVIDER", "STATE", "TARGET", "PRIO/WEIGHT", "REQUEST", "NOTE"), rows)
    return f"{in_commands(printable(found.message))}\n{table}" if found.message else table


def _matrix_table(found: Matrix) -> str:
    rows = [
        (
            each.country_code,
            ",".join(each.regions[:4]) + (",..." if len(each.regions) > 4 else ""),
            " > ".join(
                carrying.provider + (f" ({carrying.reason})" if carrying.reason else "")
                for carrying in each.carried_by
            ),
            " ".join(each.exceptions),
        )
        for each in found.result
    ]
    table = columns(("CODE", "COUNTRIES", "CARRIED BY", "EXCEPTIONS"), rows)
    return table + (f"\nnobody carries {len(found.nobody)} calling codes" if found.nobody else "")
