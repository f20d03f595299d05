"""The YAML files of ``provctl apply``."""

from pathlib import Path

from provd.cli.apply.written import Place, Reading, give_up, read_text

_ENDINGS = (".yaml", ".yml")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_files(path: Path) -> Reading:
    """Read a file, or the ``*.yaml`` and ``*.yml`` of a folder by their names. Raises OSError."""
    reading = Reading()
    for file in yaml_files(path):
        data = file.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            utf16 = data.startswith(_UTF16)
            what = "is UTF-16, from its first two bytes: save it as UTF-8" if utf16 else "is not UTF-8"
            give_up(reading, Place(str(file), line), what)
        else:
            read_text(reading, str(file), text)
    return reading


def yaml_files(path: Path) -> list[Path]:
    """Give the file itself, or the files of a folder; hidden ones and folders within are left out.

    Raises OSError, FileNotFoundError when a folder has none.
    """
    if not path.is_dir():
        return [path]
    found = sorted(
        each
        for each in path.iterdir()
        if each.suffix.lower() in _ENDINGS and not each.name.startswith(".") and not each.is_dir()
    )
    if not found:
        raise FileNotFoundError(0, f"there is no {' or '.join(f'*{each}' for each in _ENDINGS)} in it")
    return found
