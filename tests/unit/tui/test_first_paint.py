"""What the first paint waits for: screens and dialogs that nobody has asked for are not loaded."""

import subprocess
import sys


def test_the_first_paint_loads_no_form_wizard_or_screen_but_the_fleet() -> None:
    code = "import provtui.__main__, provtui.run, provtui.app, sys; print('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "provtui.screens.fleet" in loaded
    assert not loaded & {
        "httpx",
        "provtui.bulk",
        "provtui.local",
        "provtui.report",
        "provtui.screens.provider",
        "provtui.screens.routes",
        "provtui.dialogs.confirm_delete",
        "provtui.dialogs.help",
        "provtui.dialogs.matrix",
        "provtui.dialogs.provider_form",
        "provtui.dialogs.resolve",
        "provtui.dialogs.route_form",
        "provtui.dialogs.setup_wizard",
        "provtui.dialogs.setups",
    }
