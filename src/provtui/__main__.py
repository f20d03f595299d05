"""The command ``provtui``: what it can be asked for. ``provtui.run`` does it, and takes a while to import."""

import argparse
import gc
import sys
from pathlib import Path

from provd.version import __version__

THEMES = ("provtui-dark", "provtui-light", "provtui-ansi")
_DESCRIPTION = """\
The terminal home of SIP trunks: which carriers can be reached, since when not, why, and what to do.
Without a terminal it waits for the first round of checks, prints the health table, and exits.
"""
_EPILOG = """\
examples:
  provtui                     the daemon of this machine (or of PROVD_SOCKET)
  provtui --local             a private daemon for you alone, started and stopped with the screen
  provtui --local --demo      the same, with a fleet of simulated carriers, well and ill
  provtui --readonly          look, and touch nothing
"""


def main() -> None:
    """Run the command; exits 1 when there is no daemon to show, 2 for wrong usage."""
    parser = _parser()
    options = parser.parse_args()
    if options.demo and not options.local:
        parser.error("--demo is for a private daemon: add --local")
    gc.disable()  # until all is imported, which makes no garbage, and looks for it all the time
    from provtui.run import run

    sys.exit(run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "provtui",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--socket", type=Path, help="the daemon's socket (else PROVD_SOCKET, /run/provd/provd.sock)"
    )
    parser.add_argument("--local", action="store_true", help="start a private daemon for this user")
    parser.add_argument("--demo", action="store_true", help="with --local: add a simulated fleet of carriers")
    parser.add_argument("--readonly", action="store_true", help="refuse every change, whatever your role")
    parser.add_argument("--low-bandwidth", action="store_true", help="repaint every 2 s, without animation")
    parser.add_argument("--theme", choices=THEMES, help="default: what fits the terminal")
    parser.add_argument("--version", action="version", version=f"provtui {__version__}")
    return parser


if __name__ == "__main__":
    main()
