"""What YAML files may have."""

from pathlib import Path

import pytest

from provd.cli.apply.files import read_files
from provd.cli.apply.written import Kind

from .records import a_provider, reading_of


def mistakes(text: str) -> list[str]:
    return [str(each) for each in reading_of(text).mistakes]


def test_a_record_has_all_its_fields_with_defaults_where_it_is_silent() -> None:
    (provider, route) = reading_of(
        "providers:\n- name: Acme\n  hostname: SIP.acme.example\n"
        "routes:\n- name: UK\n  provider: Acme\n  target: +44\n"
    ).written
    assert (provider.kind, provider.id, str(provider.place)) == (Kind.PROVIDER, None, "a.yaml:2")
    assert (provider.fields["transport"], provider.fields["enabled"]) == ("udp", True)
    assert (route.kind, route.provider, route.fields["target"]) == (Kind.ROUTE, "Acme", "+44")
    assert (route.fields["provider_id"], route.fields["weight"]) == ("", 1)


def test_what_the_daemon_alone_writes_is_ignored() -> None:
    whole = a_provider("Acme", metadata={"x": "y"}).model_dump(mode="json")
    (read,) = reading_of({"providers": [whole]}).written
    assert read.id == whole["id"]
    assert not {"metadata", "revision", "health", "tm_create", "warnings", "id"} & read.fields.keys()


def test_every_mistake_of_a_record_is_told_with_file_and_line() -> None:
    text = "providers:\n- {name: ok, hostname: h}\n- name: 12\n  hostname: a b\n  tec_prefix: 1\n"
    found = mistakes(text)
    assert [each.partition(" ")[0] for each in found] == ["a.yaml:3:"] * 3
    assert "a.yaml:3: name input should be a valid string: put it in quotes" in found
    assert "a.yaml:3: tec_prefix is not a known key: did you mean tech_prefix?" in found


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{hostname: h}", "name is missing"),
        ("{name: a, hostname: h, id: seven}", "id is not a UUID"),
        ("{name: a, hostname: h, probe: {interval: 3}}", "probe.interval is not a known key"),
        ("{name: a, hostname: h, tech_headers: {X-A: '***'}}", "a viewer may not see"),
        ("{name: a, target: +44}", "leads nowhere: give provider"),
        ("{name: a, provider: x, provider_id: 11111111-2222-4333-8444-555555555555}", "give one of them"),
        ("{name: a, provider: x, target: '44'}", 'must be "all"'),
        ("{name: a, provider: x, hostname: h}", "hostname is not a known key"),
        ("{name: a, provider: 7}", "provider input should be a valid string"),
        ("{name: a, provider: ''}", "provider is empty"),
        ("just words", "is not a mapping"),
    ],
)
def test_a_mistake_says_what_is_wrong(record: str, message: str) -> None:
    (found,) = mistakes(f"providers:\n- {record}\n")
    assert found.startswith("a.yaml:2: ")
    assert message in found


def test_a_secret_is_not_repeated_in_a_mistake() -> None:
    found = mistakes('providers: [{name: a, hostname: h, tech_headers: {X-A: "s3cret\\n"}}]')
    assert found
    assert "s3cret" not in "".join(found)


def test_what_is_no_yaml_of_ours_is_a_mistake_of_the_file() -> None:
    reading = reading_of("providers: [", "other: []", "provd: 99")
    assert [str(each.place) for each in reading.mistakes] == ["a.yaml", "b.yaml", "c.yaml"]
    assert not reading.whole


def test_the_files_of_a_folder_are_read_by_name_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.yml", "a.YAML", ".c.yaml", "d.txt"):
        (tmp_path / name).write_text(f"- {{name: {name}, hostname: h}}\n")
    (tmp_path / "e.yaml").mkdir()
    assert [each.fields["name"] for each in read_files(tmp_path).written] == ["a.YAML", "b.yml"]


def test_a_folder_without_files_is_not_a_wish_for_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no \*.yaml or \*.yml in it"):
        read_files(tmp_path)


def test_a_file_of_another_encoding_is_told_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf- {name: a, hostname: h}\n")
    (tmp_path / "b.yaml").write_bytes(b"- name: a\n  detail: \xe9\n")
    (tmp_path / "c.yaml").write_bytes("- name: a".encode("utf-16"))
    reading = read_files(tmp_path)
    assert len(reading.written) == 1
    assert [each.place.line for each in reading.mistakes] == [2, 1]
    assert "is UTF-16" in reading.mistakes[1].message
