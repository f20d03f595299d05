import subprocess
import sys


def test_the_interface_loads_nothing_of_the_daemon_but_client_and_schema() -> None:
    script = "import sys, provtui.app; print('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()
    assert not {"sqlalchemy", "sqlmodel", "fastapi", "alembic"} & set(loaded)
    allowed = ("provd.client", "provd.schema", "provd.version")
    assert [name for name in loaded if name.startswith("provd.") and not name.startswith(allowed)] == []
