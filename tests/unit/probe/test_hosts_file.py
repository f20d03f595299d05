"""Names from /etc/hosts."""

import os
from pathlib import Path

from provd.probe.hosts_file import addresses_from_hosts

TEXT = """
127.0.0.1 localhost  # the loopback
::1       localhost ip6-localhost
192.0.2.7 Trunk.Example.com trunk
not-an-address name
192.0.2.8
"""


def test_every_address_of_a_name_in_the_files_order(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text(TEXT)
    assert addresses_from_hosts("localhost", path) == ("127.0.0.1", "::1")
    assert addresses_from_hosts("TRUNK.example.com.", path) == ("192.0.2.7",)
    assert addresses_from_hosts("name", path) == ()
    assert addresses_from_hosts("loopback", path) == ()


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("192.0.2.1 a\n")
    os.utime(path, ns=(1, 1))
    assert addresses_from_hosts("a", path) == ("192.0.2.1",)
    path.write_text("192.0.2.2 a\n")
    os.utime(path, ns=(2, 2))
    assert addresses_from_hosts("a", path) == ("192.0.2.2",)


def test_no_file_is_no_names(tmp_path: Path) -> None:
    assert addresses_from_hosts("localhost", tmp_path / "none") == ()
    assert addresses_from_hosts("localhost", tmp_path) == ()  # it is there, and can't be read
