"""How each engine reads its file: their rules, written down anew. What one refuses is an AssertionError."""

import re
from xml.etree import ElementTree

_BUFFER = 1023


def kamailio(text: str) -> list[tuple[int, str, int, int, str]]:
    """ds_load_list() of the module dispatcher: fgets with 1,024 bytes; setid, uri, flags, priority, attrs."""
    found = []
    for line in text.encode().split(b"\n"):
        for start in range(0, len(line), _BUFFER):
            piece = line[start : start + _BUFFER].decode("latin-1").strip(" \t\r\n")
            if not piece or piece.startswith("#"):
                continue
            match = re.fullmatch(
                r"([0-9]*)[ \t]+([^ \t#]+)[ \t]+([0-9]+)[ \t]+([0-9]+)[ \t]+([^ \t]+)", piece
            )
            assert match, piece
            assert re.fullmatch(r"sip:[A-Za-z0-9._\[\]:-]+(;transport=(tcp|tls))?", match[2])
            found.append((int(match[1]), match[2], int(match[3]), int(match[4]), match[5]))
    return found


def db_text(text: str) -> list[dict[str, str | int | None]]:
    """dbt_load_file() of OpenSIPS: a table, character by character, values in a buffer of 4,096 bytes."""
    head, _, body = text.partition("\n")
    columns = re.findall(r"([a-z_]+)\((int|string)(,null|,auto)?\)", head)
    assert "".join(f"{name}({kind}{flag}) " for name, kind, flag in columns).strip() == head.strip()
    rows: list[dict[str, str | int | None]] = []
    at = 0
    while at < len(body):
        row: dict[str, str | int | None] = {}
        for place, (name, kind, flag) in enumerate(columns):
            value = ""
            while at < len(body) and body[at] not in ":\n":
                if body[at] == "\\":
                    at += 1
                    assert body[at] in "nrt\\:0", "an escape that db_text refuses"
                    value += {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}.get(body[at], body[at])
                else:
                    value += body[at]
                at += 1
            assert len(value.encode()) < 4096, "db_text would write beyond its buffer"
            assert value or flag == ",null", f"{name} may not be null"
            assert kind == "string" or re.fullmatch(r"-?[0-9]*", value)
            row[name] = (int(value) if kind == "int" else value) if value else None
            last = place == len(columns) - 1
            assert body[at] == ("\n" if last else ":"), "a row with more or fewer values"
            at += 1
        rows.append(row)
    return rows


def asterisk(text: str) -> list[tuple[str, dict[str, str]]]:
    """ast_config_text_file_load(): fgets with 8,192 bytes, ; and ;-- --;, sections, # directives."""
    sections: list[tuple[str, dict[str, str]]] = []
    for line in text.split("\n"):
        assert len(line.encode()) < 8191
        kept, at = "", 0
        while at < len(line):
            if line[at] == ";":
                if kept.endswith("\\"):
                    kept = kept[:-1]
                else:
                    assert not re.match(r";--[^-]?$|;--[^-]", line[at:]), "begins a comment of many lines"
                    break
            kept += line[at]
            at += 1
        kept = kept.strip()
        if not kept:
            continue
        assert not kept.startswith("#"), "a directive"
        section = re.fullmatch(r"\[([^\]]+)\]", kept)
        if section:
            sections.append((section[1], {}))
            continue
        name, equals, value = kept.partition("=")
        assert equals
        options = sections[-1][1]
        options[name] = f"{options[name]},{value}" if name in options else value
    return sections


def freeswitch(text: str) -> ElementTree.Element:
    """preprocess() of switch_xml.c, then its XML; what it would put in or leave out is an AssertionError."""
    kept = ["<all>"]
    for line in text.split("\n"):
        assert len(line) < 2000
        assert "$${" not in line
        assert "<!--#" not in line
        assert "x-pre-process" not in line.lower()
        if "<include>" in line or "</include>" in line:
            assert line in ("<include>", "</include>")
            continue
        assert "<?" not in line
        kept.append(line)
    return ElementTree.fromstring("\n".join([*kept, "</all>"]))
