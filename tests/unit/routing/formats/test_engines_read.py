"""Each engine reads of its file what is meant, and nothing else, whatever the values."""

from typing import Any

from hypothesis import given, settings

from provd.routing.formats.asterisk import AsteriskWriter
from provd.routing.formats.base import write
from provd.routing.formats.freeswitch import FreeswitchWriter
from provd.routing.formats.kamailio import KamailioWriter
from provd.routing.formats.opensips import GatewaysWriter, RecordsWriter, RulesWriter

from . import engines
from .hostile import files, longest

Files = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def uri(provider: dict[str, Any]) -> str:
    transport = "" if provider["transport"] == "udp" else f";transport={provider['transport']}"
    return f"sip:{provider['hostname']}{transport}"


@settings(max_examples=50, deadline=None)
@given(made=files())
def test_kamailio_reads_a_destination_for_each_priority(made: Files) -> None:
    providers, routes = made
    found = engines.kamailio("".join(write(KamailioWriter(), providers, routes)))
    wanted = set()
    for provider in providers:
        led = [each for each in routes if each["provider_id"] == provider["id"] and each["enabled"]]
        wanted |= {(each["priority"], uri(provider), provider["id"]) for each in led}
        wanted |= set() if led else {(1, uri(provider), provider["id"])}
    assert {(setid, place, _duid(attrs)) for setid, place, _, _, attrs in found} == wanted
    assert all(
        bool(flags & 4) is not next(each for each in providers if each["id"] == _duid(attrs))["enabled"]
        for _, _, flags, _, attrs in found
    )


def _duid(attributes: str) -> str:
    parts = dict(part.split("=") for part in attributes.split(";"))
    assert set(parts) == {"duid", "weight", "rweight", "name"}
    assert 1 <= int(parts["weight"]) <= 100
    return parts["duid"]


@settings(max_examples=50, deadline=None)
@given(made=files())
def test_opensips_reads_a_gateway_a_provider_and_a_rule_for_each_target_and_priority(made: Files) -> None:
    providers, routes = made
    gateways = engines.db_text("".join(write(GatewaysWriter(), providers, routes)))
    assert [(row["gwid"], row["address"], row["pri_prefix"], row["state"]) for row in gateways] == [
        (each["id"], uri(each), each["tech_prefix"] or None, 0 if each["enabled"] else 1)
        for each in providers
    ]
    rules = engines.db_text("".join(write(RulesWriter(), providers, routes)))
    found = {
        (row["attrs"], row["prefix"], row["priority"], gateway)
        for row in rules
        for gateway in str(row["gwlist"]).split(",")
    }
    assert found == {
        (
            each["customer_id"],
            None if each["target"] == "all" else each["target"][1:],
            65535 - each["priority"],
            f"{each['provider_id']}={each['weight']}",
        )
        for each in routes
        if each["enabled"]
    }
    engines.db_text("".join(write(RecordsWriter(), providers, routes)))


def test_opensips_gets_no_rule_that_is_longer_than_its_buffer() -> None:
    provider = longest()
    route = {
        "name": "r", "provider_id": provider["id"], "target": "all", "priority": 1, "weight": 65535,
        "enabled": True, "customer_id": provider["id"],
    }  # fmt: skip
    rules = engines.db_text("".join(write(RulesWriter(), [], [{**route, "id": str(n)} for n in range(500)])))
    assert len(rules) == 7
    assert sum(str(row["gwlist"]).count("=") for row in rules) == 500


@settings(max_examples=50, deadline=None)
@given(made=files())
def test_asterisk_reads_an_endpoint_and_an_aor_for_each_enabled_provider(made: Files) -> None:
    providers, routes = made
    found = engines.asterisk("".join(write(AsteriskWriter(), providers, routes)))
    enabled = [each for each in providers if each["enabled"]]
    assert [name for name, _ in found] == [f"provd-{each['id']}" for each in enabled for _ in range(2)]
    contacts = [options["contact"] for _, options in found if options["type"] == "aor"]
    assert contacts == [uri(each) for each in enabled]
    endpoints = [options for _, options in found if options["type"] == "endpoint"]
    assert all(set(each) == {"type", "context", "aors", "disallow", "allow"} for each in endpoints)


@settings(max_examples=50, deadline=None)
@given(made=files())
def test_freeswitch_reads_a_gateway_for_each_enabled_provider_with_its_headers(made: Files) -> None:
    providers, routes = made
    root = engines.freeswitch("".join(write(FreeswitchWriter(), providers, routes)))
    enabled = [each for each in providers if each["enabled"]]
    assert [each.tag for each in root] == ["gateway"] * len(enabled)
    for gateway, provider in zip(root, enabled, strict=True):
        params = {each.get("name"): each.get("value") for each in gateway.iter("param")}
        assert params["proxy"] == provider["hostname"]
        assert params["register-transport"] == provider["transport"]
        assert params.get("destination-prefix", "") == provider["tech_prefix"]
        headers = {str(each.get("name"))[6:]: each.get("value") for each in gateway.iter("variable")}
        assert headers == {
            name: value for name, value in provider["tech_headers"].items() if "${" not in value
        }


def test_the_longest_provider_is_read_by_every_engine() -> None:
    provider = longest()
    assert len(engines.kamailio("".join(write(KamailioWriter(), [provider], [])))) == 1
    assert len(engines.asterisk("".join(write(AsteriskWriter(), [provider], [])))) == 2
    for table in (GatewaysWriter(), RecordsWriter()):
        assert engines.db_text("".join(write(table, [provider], [])))
