"""The socket that systemd passed: taken as it is, or refused with the reason."""

import os
import socket
from pathlib import Path

import pytest

from provd.api.listener import InheritedListener, ListenError
from provd.systemd import Inherited


def listening(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    made.listen()
    return made


def passed(made: socket.socket, name: str = "provd.socket") -> Inherited:
    return Inherited(name, made.detach())


def test_a_passed_socket_serves_and_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    made = listening(path)
    ours = InheritedListener([Inherited("provd.socket", os.dup(made.fileno()))])
    assert ours.path == path
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
        ours.socket.accept()[0].close()
    ours.close()
    assert path.exists()
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))  # it waits for whoever serves next
    made.close()


def test_processes_that_we_begin_do_not_have_it(tmp_path: Path) -> None:
    made = listening(tmp_path / "s")
    os.set_inheritable(made.fileno(), True)
    ours = InheritedListener([passed(made)])
    assert not os.get_inheritable(ours.socket.fileno())
    ours.close()


def test_a_name_in_the_abstract_namespace_is_shown_with_an_at() -> None:
    made = socket.socket(socket.AF_UNIX)
    made.bind(f"\0provd-listener-{os.getpid()}")
    made.listen()
    ours = InheritedListener([passed(made)])
    assert str(ours.path) == f"@provd-listener-{os.getpid()}"
    ours.close()


def of_inet() -> socket.socket:
    made = socket.socket(socket.AF_INET)
    made.bind(("127.0.0.1", 0))
    made.listen()
    return made


def of_datagrams() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)


def a_connection() -> socket.socket:
    ours, theirs = socket.socketpair()
    theirs.close()
    return ours


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (of_inet, "is no Unix socket"),
        (of_datagrams, "is no stream socket"),
        (a_connection, "does not listen"),
    ],
)
def test_a_socket_of_another_kind_is_refused(make: object, says: str) -> None:
    assert callable(make)
    with pytest.raises(
        ListenError, match=rf"the socket provd.socket that systemd passed {says}: .*ListenStream="
    ):
        InheritedListener([passed(make())])


def test_what_is_no_socket_is_refused() -> None:
    read, write = os.pipe()
    with pytest.raises(ListenError, match=r"what systemd passed as provd\.socket is no socket"):
        InheritedListener([Inherited("provd.socket", read)])
    os.close(read)
    os.close(write)


def test_more_than_one_socket_is_refused(tmp_path: Path) -> None:
    first, second = listening(tmp_path / "1"), listening(tmp_path / "2")
    both = [Inherited("a", first.fileno()), Inherited("b", second.fileno())]
    with pytest.raises(ListenError, match=r"systemd passed 2 sockets \(a, b\)"):
        InheritedListener(both)
    first.close()
    second.close()
