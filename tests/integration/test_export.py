"""Files of providers and routes: out of one daemon, into another."""

import json
import os
import stat
from pathlib import Path

import httpx
import pytest
import yaml

from provd.schema.provider import Provider
from provd.schema.route import RouteCreate
from provd.schema.transfer import ExportFormat
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.fakes.programs import Programs
from tests.unit.routing.formats.hostile import NASTY

from .test_access import ACCESS, VIEWER, ask_as
from .test_provctl import PROVCTL, run

QUIET = {"enabled": False}
IGNORED = {"tm_create", "tm_update", "revision", "health", "health_checked_at", "health_status", "warnings"}
each_format = pytest.mark.parametrize("form", ExportFormat)


async def fleet(daemon: RunningDaemon) -> list[Provider]:
    made = [
        await daemon.add(
            "192.0.2.1:5070",
            f"{name}.",
            detail=name,
            tech_headers={"X-Nasty": f"{name}."} if name.isprintable() else {},
            tech_prefix="00",
            tech_postfix="@carrier.example",
            transport="tcp",
            tags=["eu"],
            codecs="PCMU,G722",
            probe={**QUIET, "interval_s": 45},
        )
        for name in NASTY
    ]
    for number, each in enumerate(made[:5]):
        fields = {"name": each.name, "provider_id": each.id, "target": f"+4{number}", "priority": number}
        await daemon.client.create_route(RouteCreate.model_validate(fields))
    await daemon.client.create_route(
        RouteCreate(name="last", provider_id=made[0].id, weight=7, enabled=False, detail="d")
    )
    return made


async def exported(daemon: RunningDaemon, form: str, file: str = "") -> bytes:
    return b"".join([piece async for piece in daemon.client.export(form, file)])


async def imported(
    daemon: RunningDaemon, form: str, content: bytes, dry_run: str = "false"
) -> httpx.Response:
    return await daemon.http.post(f"/v1.0/import?format={form}&dry_run={dry_run}", content=content)


async def contents(daemon: RunningDaemon) -> tuple[list[object], list[object]]:
    providers = [
        each.model_dump(mode="json", exclude=IGNORED) for each in await daemon.client.all_providers()
    ]
    routes = [each.model_dump(mode="json", exclude=IGNORED) for each in await daemon.client.all_routes()]
    return sorted(providers, key=lambda each: each["id"]), sorted(routes, key=lambda each: each["id"])


@each_format
async def test_what_one_daemon_exports_another_has_after_an_import(
    daemon: RunningDaemon, form: ExportFormat
) -> None:
    await fleet(daemon)
    content = await exported(daemon, form)
    again = (await imported(daemon, form, content, "true")).json()
    assert (again["unchanged"], again["routes"]["unchanged"]) == (len(NASTY), 6)
    assert ({each["became"] for each in again["changes"]}, again["failed"]) == ({"unchanged"}, [])
    async with temporary_folder() as folder, running_daemon(folder) as other:
        report = (await imported(other, form, content)).json()
        assert (report["created"], report["routes"]["created"], report["failed"]) == (len(NASTY), 6, [])
        assert await contents(other) == await contents(daemon)


async def test_a_dry_run_says_field_by_field_what_would_change(daemon: RunningDaemon) -> None:
    (first, *_) = await fleet(daemon)
    document = yaml.safe_load(await exported(daemon, "yaml"))
    for each in document["providers"]:
        if each["id"] == first.id:
            each["hostname"] = "192.0.2.9"
    document["routes"] = [{**document["routes"][0], "priority": 40}]
    document["providers"].append({"name": "newer", "hostname": "192.0.2.10", "probe": QUIET})
    report = (await imported(daemon, "yaml", yaml.safe_dump(document).encode(), "true")).json()
    left = [each for each in report["changes"] if each["became"] == "unchanged"]
    assert len(left) == len(NASTY) - 1
    changes = {(each["kind"], each["became"]): each for each in report["changes"] if each not in left}
    assert set(changes) == {("provider", "updated"), ("provider", "created"), ("route", "updated")}
    assert changes["provider", "updated"]["fields"] == [
        {"field": "hostname", "before": "192.0.2.1:5070", "after": "192.0.2.9"}
    ]
    assert changes["route", "updated"]["fields"][0]["after"] == 40
    assert changes["provider", "created"]["name"] == "newer"
    assert {each.hostname for each in await daemon.client.all_providers()} == {"192.0.2.1:5070"}


async def test_an_engine_with_several_files_gives_each_by_its_name(daemon: RunningDaemon) -> None:
    await daemon.add("192.0.2.1", probe=QUIET)
    whole = await exported(daemon, "opensips")
    parts = [await exported(daemon, "opensips", name) for name in ("dr_gateways", "dr_rules", "provd")]
    assert whole == b"".join(parts)
    answer = await daemon.http.get("/v1.0/export?format=opensips&file=dr_groups")
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (400, "file")
    assert "dr_gateways, dr_rules, provd" in answer.json()["error"]["message"]


@pytest.mark.parametrize("call", [("GET", "export"), ("POST", "import")])
async def test_a_format_that_is_none_is_refused_with_those_that_are(
    daemon: RunningDaemon, call: tuple[str, str]
) -> None:
    answer = await daemon.http.request(call[0], f"/v1.0/{call[1]}?format=xml")
    assert answer.status_code == 400
    assert "freeswitch" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ("yaml", b"provd: 2\nproviders: []\n", "version '2'"),
        ("json", b'{"provd": 2, "providers": []}', "version '2'"),
        ("kamailio", b"# provd-export: 99\n", "version '99'"),
        ("yaml", "providers: []\n".encode("utf-16"), "UTF-16"),
        ("yaml", b"providers: [", "not YAML"),
        ("csv", b"colour,shape\n1,2\n", "name its columns"),
    ],
)
async def test_a_file_that_can_not_be_read_as_a_whole_changes_nothing(
    daemon: RunningDaemon, form: str, content: bytes, said: str
) -> None:
    answer = await imported(daemon, form, content)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    assert await daemon.client.all_providers() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")
async def test_a_viewers_export_has_stars_and_is_not_taken_back_with_them() -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, access=ACCESS, daemon={"socket_mode": "0666"}) as daemon:
            await daemon.add("192.0.2.1", tech_headers={"X-Key": "s3cret"}, probe=QUIET)
            code, document = await ask_as(daemon, VIEWER, "GET", "/v1.0/export?format=json")
            assert (code, document["providers"][0]["tech_headers"]) == (200, {"X-Key": "***"})
            assert "hidden" in document["note"]
            report = (await imported(daemon, "json", json.dumps(document).encode())).json()
            assert "stands for one that a viewer may not see" in report["failed"][0]["message"]
            (kept,) = await daemon.client.all_providers()
            assert kept.tech_headers == {"X-Key": "s3cret"}


async def test_provctl_writes_a_file_that_only_its_owner_reads_and_reads_it_again(
    daemon: RunningDaemon, programs: Programs, tmp_path: Path
) -> None:
    await fleet(daemon)
    target = tmp_path / "dispatcher.list"
    written = await run(
        programs, PROVCTL, "export", "--format", "kamailio", "-f", target, PROVD_SOCKET=daemon.socket
    )
    assert (written.code, written.out, written.err) == (0, "", "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_bytes() == await exported(daemon, "kamailio")
    assert [path.name for path in tmp_path.iterdir()] == ["dispatcher.list"]
    read = await run(programs, PROVCTL, "import", target, "--dry-run", PROVD_SOCKET=daemon.socket)
    assert f"0 created, 0 updated, {len(NASTY)} unchanged, 0 failed" in read.out


async def test_provctl_writes_an_engines_files_into_a_folder_and_prints_without_one(
    daemon: RunningDaemon, programs: Programs, tmp_path: Path
) -> None:
    await daemon.add("192.0.2.1", probe=QUIET)
    arguments = ("export", "--format", "opensips")
    await run(programs, PROVCTL, *arguments, "-f", tmp_path / "tables", PROVD_SOCKET=daemon.socket)
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {"dr_gateways", "dr_rules", "provd"}
    printed = await run(programs, PROVCTL, *arguments, PROVD_SOCKET=daemon.socket)
    assert printed.out.encode() == await exported(daemon, "opensips")
    nowhere = await run(programs, PROVCTL, *arguments, "-f", tmp_path / "a" / "b", PROVD_SOCKET=daemon.socket)
    assert (nowhere.code, "can't be written" in nowhere.err) == (2, True)
