"""Kamailio's JSON-RPC (module jsonrpcs), over its Unix datagram socket or its FIFO."""

import json
import os
import select
import socket
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

TIMEOUT_S = 5.0
_LARGEST_DATAGRAM = 4 * 1024 * 1024
_LARGEST_ANSWER = 256 * 1024 * 1024
_PIECE = 65536


class RpcError(Exception):
    """Kamailio can't be asked, does not answer, or refuses; ``str()`` says which, and what to do."""


class Rpc(Protocol):
    """Asks one Kamailio."""

    def call(self, method: str, *params: str | int) -> Any:
        """Give the result of an RPC command. Raises RpcError."""


def open_rpc(path: Path, replies: Path, timeout_s: float = TIMEOUT_S) -> Rpc:
    """Find out what ``path`` is. ``replies`` is Kamailio's fifo_reply_dir. Raises RpcError."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise RpcError(
            f"Kamailio's RPC socket {path}: {error.strerror}. Is Kamailio running, with the module jsonrpcs? "
            "Its parameters dgram_socket and fifo_name say where it listens: --rpc"
        ) from None
    if stat.S_ISFIFO(mode):
        return FifoRpc(path, replies, timeout_s)
    if stat.S_ISSOCK(mode):
        return SocketRpc(path, timeout_s)
    raise RpcError(f"{path} is neither a socket nor a FIFO: --rpc is one of Kamailio's module jsonrpcs")


class SocketRpc:
    """Over the datagram socket: an answer has to fit into one datagram, some 200 KB."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s

    def call(self, method: str, *params: str | int) -> Any:
        """Ask, and wait for the answer. Raises RpcError."""
        with (
            tempfile.TemporaryDirectory(prefix="provctl-") as folder,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking,
        ):
            ours = Path(folder, "reply")
            asking.bind(str(ours))
            Path(folder).chmod(0o711)  # Kamailio, who is somebody else, answers here
            ours.chmod(0o666)
            asking.settimeout(self._timeout_s)
            try:
                asking.sendto(_request(method, params), str(self._path))
                return _result(method, asking.recv(_LARGEST_DATAGRAM))
            except TimeoutError:
                raise RpcError(
                    f"Kamailio did not answer {method} at {self._path} within {self._timeout_s:g} s. A list "
                    "of more than some 450 destinations is too long for its socket: then ask its FIFO, like "
                    "--rpc /run/kamailio/kamailio_rpc.fifo"
                ) from None
            except OSError as error:
                raise _unreachable(self._path, error) from None


class FifoRpc:
    """Over the FIFO, with the answer in one of ours in ``replies``: of any length."""

    def __init__(self, path: Path, replies: Path, timeout_s: float) -> None:
        self._path = path
        self._replies = replies
        self._timeout_s = timeout_s

    def call(self, method: str, *params: str | int) -> Any:
        """Ask, and wait for the answer. Raises RpcError."""
        name = f"provctl-{os.getpid()}-{os.urandom(8).hex()}"
        ours = self._replies / name
        try:
            os.mkfifo(ours, 0o600)
            ours.chmod(0o666)  # whatever the umask: Kamailio is somebody else
        except OSError as error:
            raise RpcError(f"no FIFO for Kamailio's answer can be made at {ours}: {error.strerror}") from None
        try:
            reading = os.open(ours, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                self._write(_request(method, params, reply_name=name))
                return _result(method, self._read(method, reading))
            finally:
                os.close(reading)
        finally:
            with suppress(FileNotFoundError):
                ours.unlink()

    def _write(self, request: bytes) -> None:
        try:
            writing = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _unreachable(self._path, error) from None
        try:
            os.write(writing, request + b"\n")
        except OSError as error:
            raise _unreachable(self._path, error) from None
        finally:
            os.close(writing)

    def _read(self, method: str, reading: int) -> bytes:
        answer, until = bytearray(), time.monotonic() + self._timeout_s
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        while True:
            left = until - time.monotonic()
            if left <= 0 or len(answer) > _LARGEST_ANSWER:
                raise RpcError(
                    f"Kamailio did not answer {method} at {self._path} within {self._timeout_s:g} s. Its "
                    f"fifo_reply_dir must be {self._replies}: --replies says another"
                )
            if not poll.poll(left * 1000):
                continue
            piece = os.read(reading, _PIECE)
            answer += piece
            if not piece and answer:
                return bytes(answer)


def _request(method: str, params: tuple[str | int, ...], **more: str) -> bytes:
    asked: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "id": 1, **more}
    if params:
        asked["params"] = list(params)
    return json.dumps(asked).encode()


def _result(method: str, answer: bytes) -> Any:
    try:
        read = json.loads(answer)
    except ValueError:
        raise RpcError(f"Kamailio's answer to {method} is not JSON") from None
    if not isinstance(read, dict) or ("result" not in read and "error" not in read):
        raise RpcError(f"Kamailio's answer to {method} is not one of JSON-RPC")
    error = read.get("error")
    if error is not None:
        said = error.get("message") if isinstance(error, dict) else error
        raise RpcError(f"Kamailio refuses {method}: {said}")
    return read["result"]


def _unreachable(path: Path, error: OSError) -> RpcError:
    return RpcError(
        f"Kamailio can't be asked at {path}: {error.strerror}. Is it running, and may you write there?"
    )
