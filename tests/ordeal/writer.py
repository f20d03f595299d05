"""A client that changes records without pause, and knows what the daemon has promised it."""

from collections.abc import Awaitable, Iterable, Mapping
from random import Random
from typing import Any

from provd.client import Client, DaemonUnavailable
from provd.schema.provider import Provider, ProviderCreate
from provd.schema.route import Route, RouteCreate

MAX_PROVIDERS, MAX_ROUTES = 8, 6
PROVIDER_FIELDS = ("hostname", "detail", "tech_headers", "tags", "enabled", "revision")
ROUTE_FIELDS = ("detail", "target", "priority", "revision")
QUICK = {"interval_s": 1, "timeout_s": 0.5, "fall": 1, "rise": 1}

State = Mapping[str, Mapping[str, Any]]
"""What can be read of records, by their names, which are each given once."""


class Writer:
    """Changes records of its own: their names begin with ``name``. One change at a time.

    ``promised`` is how they are by what was acknowledged; ``attempted``, while a change is not acknowledged,
    how they would be after it.
    """

    def __init__(self, name: str, random: Random, hostnames: list[str]) -> None:
        self.name = name
        self.promised: State = {}
        self.attempted: State | None = None
        self.acknowledged = 0
        self._random = random
        self._hostnames = hostnames
        self._ids: dict[str, str] = {}
        self._made = 0
        self._creating: ProviderCreate | None = None

    async def work(self, client: Client) -> None:
        """Change records until the daemon is gone."""
        while True:
            try:
                await self._change(client)
            except DaemonUnavailable:
                return

    async def settle(self, client: Client) -> None:
        """Hold what there is against what was promised: a change that was not acknowledged is there as a
        whole, or not at all. One that adds a provider is sent again, and is there once."""
        found = await self._found(client)
        assert found in (self.promised, self.attempted)
        if self._creating is not None and self.attempted is not None:
            await client.create_provider(self._creating, idempotency_key=self._creating.name)
            found = await self._found(client)
            assert found == self.attempted
        self.promised, self.attempted, self._creating = found, None, None

    async def _found(self, client: Client) -> State:
        providers = [each for each in await client.all_providers() if each.name.startswith(self.name)]
        routes = [each for each in await client.all_routes() if each.name.startswith(self.name)]
        self._ids = {each.name: each.id for each in [*providers, *routes]}
        return {**{each.name: _of_provider(each) for each in providers}, **_of_routes(routes, self._ids)}

    async def _change(self, client: Client) -> None:
        providers = [name for name in self.promised if "-p" in name]
        routes = [name for name in self.promised if "-r" in name]
        if not providers or (len(providers) < MAX_PROVIDERS and self._random.random() < 0.3):
            await self._add_provider(client)
        elif len(routes) < MAX_ROUTES and self._random.random() < 0.2:
            await self._add_route(client, self._random.choice(providers))
        else:
            name = self._random.choice([*providers, *routes])
            change = self._delete if self._random.random() < 0.15 else self._patch
            await change(client, name)

    async def _add_provider(self, client: Client) -> None:
        fields = {"hostname": self._random.choice(self._hostnames), "tags": ["a", "b"], **self._text()}
        new = ProviderCreate.model_validate({"name": self._new_name("p"), "probe": QUICK, **fields})
        after = {field: getattr(new, field) for field in PROVIDER_FIELDS if field != "revision"}
        self._creating = new
        made = await self._attempt(
            {**self.promised, new.name: {**after, "revision": 1}},
            client.create_provider(new, idempotency_key=new.name),
        )
        self._creating = None
        self._ids[new.name] = made.id

    async def _add_route(self, client: Client, provider: str) -> None:
        target = f"+{self._random.randrange(1, 999)}"
        new = RouteCreate(
            name=self._new_name("r"), provider_id=self._ids[provider], target=target, **self._text()
        )
        after = {"detail": new.detail, "target": target, "priority": 1, "revision": 1, "provider": provider}
        made = await self._attempt({**self.promised, new.name: after}, client.create_route(new))
        self._ids[new.name] = made.id

    async def _patch(self, client: Client, name: str) -> None:
        changes: dict[str, Any] = self._text()
        if "-r" in name:
            changes["priority"] = self._random.randrange(1, 50)
        elif self._random.random() < 0.5:
            changes["tech_headers"] = {"X-Key": str(self._random.random())}
            changes["enabled"] = self._random.random() < 0.8
        before = self.promised[name]
        after = {**before, **changes, "revision": before["revision"] + 1}
        patch = client.patch_route if "-r" in name else client.patch_provider
        await self._attempt({**self.promised, name: after}, patch(self._ids[name], changes))

    async def _delete(self, client: Client, name: str) -> None:
        """Delete a record; a provider with the routes that lead to it."""
        left = {
            each: fields
            for each, fields in self.promised.items()
            if name not in (each, fields.get("provider"))
        }
        if "-r" in name:
            await self._attempt(left, client.delete_route(self._ids[name]))
        else:
            await self._attempt(left, client.delete_provider(self._ids[name], cascade=True))

    async def _attempt(self, after: State, call: Awaitable[Any]) -> Any:
        self.attempted = after
        answer = await call
        self.promised, self.attempted = after, None
        self.acknowledged += 1
        return answer

    def _new_name(self, kind: str) -> str:
        self._made += 1
        return f"{self.name}-{kind}{self._made}"

    def _text(self) -> dict[str, Any]:
        """What differs each time, and is now and then longer than a page of the store."""
        return {"detail": f"{self._random.random()} ".ljust(self._random.choice([20, 400, 4000]), "x")}


def _of_provider(provider: Provider) -> dict[str, Any]:
    return {field: getattr(provider, field) for field in PROVIDER_FIELDS}


def _of_routes(routes: Iterable[Route], ids: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    names = {number: name for name, number in ids.items()}
    return {
        each.name: {
            **{field: getattr(each, field) for field in ROUTE_FIELDS},
            "provider": names[each.provider_id],
        }
        for each in routes
    }
