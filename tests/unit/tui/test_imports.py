import subprocess
import sys


def test_the_interface_loads_nothing_of_the_daemon_but_client_and_schema() -> None:
    script = (
        "import sys, provtui.app;"
        "print('\\n'.join(m for m in sys.modules if m.split('.')[0] in ('provd', 'sqlalchemy', 'sqlmodel', 'fastapi')))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()
    allowed = ("provd.client", "provd.schema", "provd.version")
    assert [name for name in loaded if name != "provd" and not name.startswith(allowed)] == []
