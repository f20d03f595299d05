"""Reading a configuration's file: TOML, checked as a whole, every mistake named with its line."""

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from provd.config.sections import Config


class ConfigError(Exception):
    """The configuration can't be used. ``mistakes`` has a line of text for each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def load_config(path: Path) -> Config:
    """Read and check a file; ConfigError with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: can't be read: {error}"]) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML: {error}"]) from error
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        mistakes = [(_line_of(text, each["loc"]), _in_words(each)) for each in error.errors()]
        raise ConfigError([_at(path, line, words) for line, words in sorted(mistakes)]) from error


def with_line(path: Path, key: tuple[str, ...], words: str) -> str:
    """``words`` about a key of a file that was loaded, after the file's name and the line of the key."""
    return _at(path, _line_of(path.read_text(encoding="utf-8"), key), words)


def _at(path: Path, line: int, words: str) -> str:
    return f"{path}:{line}: {words}" if line else f"{path}: {words}"


def _in_words(error: Any) -> str:
    loc = list(error["loc"])
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    if error["type"] == "extra_forbidden":
        what = "key" if len(loc) > 1 else "section"
        near = difflib.get_close_matches(str(loc[-1]), _known(loc[:-1]), 1, 0.5)
        return f"{name}: unknown {what}" + (f"; did you mean {near[0]}?" if near else "")
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"


def _known(loc: list[Any]) -> list[str]:
    model: Any = Config
    for part in loc:
        if get_origin(model) is dict:
            model = get_args(model)[1]
            continue
        field = model.model_fields.get(str(part))
        if field is None:
            return []
        model = field.annotation
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _line_of(text: str, loc: tuple[int | str, ...]) -> int:
    """The line of a key, else of the table that it is missing from; 0 when neither is found as it is
    usually written."""
    wanted = [str(part) for part in loc if isinstance(part, str)]
    table: list[str] = []
    best, at = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\s*([^\]]+?)\s*\]", line)
        key = re.match(r"\s*([\w.\"' -]+?)\s*=", line)
        if header:
            path = table = _dotted(header.group(1))
        elif key:
            path = table + _dotted(key.group(1))
        else:
            continue
        if len(path) > best and path == wanted[: len(path)]:
            best, at = len(path), number
    return at


def _dotted(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]
