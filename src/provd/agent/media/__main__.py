"""The process that a call's sound is in: told what to do in lines of JSON, and killed when its time is up.

Its arguments are our IP address, and after how many seconds the kernel is to end it.
"""

import json
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import asdict

from provd.agent.media.client import SoundClient

_MOST_MEMORY = 1 << 30


def main() -> None:
    """Say which port hears, then do as each line says until ``stop``, or the end of the input."""
    address, limit_s = sys.argv[1], int(sys.argv[2])
    signal.alarm(limit_s)  # its default is to end the process, whatever that is stuck in
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # systemd's is for the daemon, which hangs up first
    with suppress(OSError, ValueError):  # the unit's filter forbids to set limits: systemd bounds us then
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    client = SoundClient(address, limit_s)
    client.start()
    _say({"port": client.inPort})
    for line in sys.stdin:
        told = json.loads(line)
        match told["do"]:
            case "speak":
                client.speak_to(
                    told["address"], told["port"], told["payload"], told["events"], muted=told["muted"]
                )
            case "digits":
                client.digits.send(told["digits"])
            case "stop":
                client.stop()
                _say(asdict(client.result()))
                return


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
