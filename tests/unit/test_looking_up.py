"""What a configuration names of this machine is looked up before a start; what is not there is told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from provd.composition.looking_up import Finding, look_up
from provd.config import Config
from tests.fakes.certificates import self_signed

_NOBODY = 65534


def found(**sections: dict[str, Any]) -> list[Finding]:
    return look_up(Config.model_validate(sections))


def mistakes(**sections: dict[str, Any]) -> list[str]:
    findings = found(**sections)
    assert all(each.is_mistake for each in findings)
    return [each.words for each in findings]


@contextmanager
def without_privileges() -> Iterator[None]:
    ours = os.geteuid()
    if ours == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(ours)


def test_of_the_defaults_nothing_is_missing() -> None:
    assert found() == []


def test_each_user_and_group_that_is_not_there_is_named_with_its_key() -> None:
    assert mistakes(access={"admins": ["root", "nosuchuser"], "viewers": ["@nosuchgroup", 4711]}) == [
        "[access] admins: there is no user 'nosuchuser' on this machine",
        "[access] viewers: there is no group 'nosuchgroup' on this machine",
    ]


def test_a_socket_group_that_is_not_there_is_named() -> None:
    assert mistakes(daemon={"socket_group": "nosuch"}) == [
        "[daemon] socket_group: there is no group 'nosuch' on this machine"
    ]


def test_each_file_for_tls_that_is_not_there_is_named_with_its_key(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    assert mistakes(tls={"cert_file": str(cert), "key_file": str(key)}) == [
        f"[tls] cert_file: {cert} can't be read: No such file or directory",
        f"[tls] key_file: {key} can't be read: No such file or directory",
    ]


def test_what_is_in_the_files_for_tls_is_looked_at(tmp_path: Path) -> None:
    identity, other = self_signed(tmp_path, "one.example"), self_signed(tmp_path, "other.example")
    assert mistakes(tls={"cert_file": str(identity.cert_file), "key_file": str(identity.key_file)}) == []
    (mistake,) = mistakes(tls={"cert_file": str(identity.cert_file), "key_file": str(other.key_file)})
    assert mistake.startswith(f"[tls] key_file: the key {other.key_file} is not that of the certificate ")


@pytest.mark.parametrize("backend", ["no.such.Class", "keyring.backends.fail.Keyring"])
def test_a_class_that_is_no_keyring_is_named(backend: str) -> None:
    (mistake,) = mistakes(keyring={"backend": backend})
    assert mistake.startswith(f"[keyring] backend = {backend!r} ")


@pytest.mark.parametrize("backend", ["auto", "file", "secret-service"])
def test_what_a_named_keyring_needs_is_left_to_the_daemon(backend: str) -> None:
    assert found(keyring={"backend": backend}) == []


def test_a_master_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "master.key"
    assert mistakes(keyring={"key_file": str(missing)}) == [
        f"[keyring] key_file: {missing} can't be read: No such file or directory"
    ]


@pytest.mark.parametrize(("section", "key"), [("tls", "ca_file"), ("keyring", "key_file")])
def test_a_file_that_only_the_daemon_may_read_is_no_mistake(tmp_path: Path, section: str, key: str) -> None:
    closed = tmp_path / "closed"
    closed.touch(mode=0)
    with without_privileges():
        (finding,) = found(**{section: {key: str(closed)}})
        uid = os.geteuid()
    assert not finding.is_mistake
    assert finding.words == (
        f"[{section}] {key}: {closed} can't be read by uid {uid}: check as the user that provd runs as"
    )


def test_a_credential_of_systemds_is_no_mistake_while_the_unit_does_not_run() -> None:
    (finding,) = found(tls={"ca_file": "/run/credentials/no-such-provd.service/ca"})
    assert not finding.is_mistake
    assert finding.words.endswith("systemd puts it there while provd runs")
