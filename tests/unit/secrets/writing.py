"""A process that writes to an encrypted file, to be run, raced and killed by tests.

python -m tests.unit.secrets.writing many FOLDER NAME NUMBER     set NUMBER entries after a line of input
python -m tests.unit.secrets.writing on FOLDER                   write until killed, a line for each
python -m tests.unit.secrets.writing die FOLDER STEP             be killed at a step of one write
"""

import itertools
import os
import signal
import sys
from pathlib import Path
from typing import Any

from provd.secrets.durable import SystemCalls

from .keyrings import file_keyring


def many(folder: str, name: str, number: str) -> None:
    keyring = file_keyring(Path(folder))
    os.write(1, b"ready\n")
    sys.stdin.readline()
    for each in range(int(number)):
        keyring.set_password("provd", f"{name}-{each}", f"secret of {name}-{each}")


def on(folder: str) -> None:
    keyring = file_keyring(Path(folder))
    for number in itertools.count(1):
        keyring.set_password("provd", "carrier", str(number))
        os.write(1, b"%d\n" % number)


def die(folder: str, step: str) -> None:
    def at_this_step(*_: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    def after_a_half(handle: int, data: memoryview) -> int:
        os.write(handle, data[: len(data) // 2])
        return int(at_this_step())

    calls = {step: after_a_half if step == "write" else at_this_step}
    file_keyring(Path(folder), SystemCalls(**calls)).set_password("provd", "carrier", "new")


if __name__ == "__main__":
    {"many": many, "on": on, "die": die}[sys.argv[1]](*sys.argv[2:])
