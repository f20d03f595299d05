"""``[redirect]`` in the configuration: every mistake is named."""

from pathlib import Path

import pytest

from provd.config import ConfigError, load_config


def load(folder: Path, text: str) -> object:
    path = folder / "c.toml"
    path.write_text(f"[redirect]\n{text}\n")
    return load_config(path).redirect


def test_addresses_and_networks_are_kept_as_they_were_written(tmp_path: Path) -> None:
    text = 'listen = ["udp:127.0.0.1:5060", "tcp:[::1]:5060"]\nallow = ["192.0.2.7", "2001:db8::/32"]'
    section = load(tmp_path, text)
    assert section.model_dump() == {  # type: ignore[attr-defined]
        "listen": ["udp:127.0.0.1:5060", "tcp:[::1]:5060"],
        "allow": ["192.0.2.7", "2001:db8::/32"],
        "uri_headers": False,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('listen = ["127.0.0.1:5060"]', "redirect.listen[0]: must be udp: or tcp:"),
        ('listen = ["tls:127.0.0.1:5061"]', "redirect.listen[0]: must be udp: or tcp:"),
        ('listen = ["udp:127.0.0.1:70000"]', "from 0 to 65535"),
        ('listen = ["udp:[::1]:5060", "udp:[::1]:5060"]', "has udp:[::1]:5060 twice"),
        ('listen = "udp:127.0.0.1:5060"', "redirect.listen: Input should be a valid list"),
        ('allow = ["sbc.example.com"]', "redirect.allow[0]: is no network"),
        ('allow = ["192.0.2.7/24"]', "has host bits set"),
        ("uri_headers = 2", "redirect.uri_headers: "),
        ("alow = []", "did you mean allow?"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    (mistake,) = caught.value.mistakes
    assert mistake.startswith(f"{tmp_path}/c.toml:2: ")
    assert says in mistake
