"""``python -m provd``."""

from provd.cli.provd import main

main()
