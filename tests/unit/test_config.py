"""The configuration: defaults, and every mistake at once with its line."""

import functools
import operator
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from provd.config import Config, ConfigError, load_config

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def mistakes_in(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "c.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return [mistake.removeprefix(str(path)) for mistake in caught.value.mistakes]


def test_the_example_is_complete_and_shows_the_defaults() -> None:
    assert load_config(EXAMPLE) == Config()
    shown = tomllib.loads(EXAMPLE.read_text())
    everything = Config().model_dump(mode="json")
    assert {name: set(section) for name, section in shown.items()} == {
        name: set(section) for name, section in everything.items()
    }


def test_the_commented_lines_of_the_example_are_right_and_have_every_key_of_the_named_tables() -> None:
    shown = tomllib.loads(re.sub(r"^# (?=[\w.]+ = )", "", EXAMPLE.read_text(), flags=re.MULTILINE))
    shown["test_calls"]["allow"] = ["+1555*"]
    Config.model_validate(shown)
    for place, model in named_tables(Config):
        entries: dict[str, Any] = functools.reduce(operator.getitem, place, shown)
        assert {key for entry in entries.values() for key in entry} == set(model.model_fields), place


def named_tables(
    model: type[BaseModel], place: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each table whose keys are names of the user's own, with the model of what is under a name."""
    for name, field in model.model_fields.items():
        if get_origin(field.annotation) is dict:
            yield (*place, name), get_args(field.annotation)[1]
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from named_tables(field.annotation, (*place, name))


def test_an_empty_file_is_a_complete_one(tmp_path: Path) -> None:
    (tmp_path / "c.toml").touch()
    assert load_config(tmp_path / "c.toml") == Config()


def test_every_mistake_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    found = mistakes_in(
        tmp_path,
        """
[daemon]
socket = "relative.sock"
socket_mode = "rw"

[probe]
intervall_s = 30
timeout_s = 61
bind = "localhost:0"

[dnss]
nameservers = []

[access]
admins = ["root", 1.5]
""",
    )
    assert [mistake.split(": ")[0] for mistake in found] == [
        ":3",
        ":4",
        ":7",
        ":8",
        ":9",
        ":11",
        ":15",
    ]
    assert found[0] == ":3: daemon.socket: is not an absolute path"
    assert found[2] == ":7: probe.intervall_s: unknown key; did you mean interval_s?"
    assert found[5] == ":11: dnss: unknown section; did you mean dns?"
    assert found[6] == ':15: access.admins[1]: must be a user name, "@group" or a uid'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[platform]\nsip_gateways = ["10.0.0.1"]', "not public"),
        ('[platform]\nsip_gateways = ["203.0.113.10", "203.0.113.10:5060"]', "twice"),
        ('[platform]\nsip_gateways = ["sbc.example.com"]', "a name"),
        ("[carriers.telnix]", "telnix, which is no carrier; did you mean telnyx?"),
        ('[carriers.telnyx]\nbase_ur = ""', "unknown key"),
        ('[carriers.telnyx]\nbase_url = "http://api.example.com/v2"', "must be https"),
        ('[carriers.telnyx]\nbase_url = "ftp://api.example.com"', "must be an address"),
        ('[carriers.telnyx]\nbase_url = "https://me:secret@api.example.com"', "no user name"),
        ('[keyring]\nbackend = ""', "is none: use auto, file, secret-service, or a class's path"),
        ('[keyring]\nbackend = "foo"', "'foo' is none: use auto, file, secret-service, or a class's path"),
    ],
)
def test_a_mistake_about_carriers_is_named(tmp_path: Path, text: str, words: str) -> None:
    (mistake,) = mistakes_in(tmp_path, text + "\n")
    assert words in mistake


def test_a_carriers_api_may_be_on_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[carriers.telnyx]\nbase_url = "http://127.0.0.1:8080"\n[carriers.twilio]\n')
    assert load_config(path).carriers["telnyx"].base_url == "http://127.0.0.1:8080"


def test_dotted_keys_have_their_line_too(tmp_path: Path) -> None:
    assert mistakes_in(tmp_path, "dns.nameservers = []\nprobe.fall = 0\n") == [
        ":2: probe.fall: Input should be greater than or equal to 1"
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[probe\n", "is not TOML"),
        ("[probe]\nfall = 0\n", "greater than or equal to 1"),
        ('[probe]\nuser_agent = "a\\r\\nX: y"\n', "printable ASCII"),
        ('[probe]\nfrom_uri = "sip:a@b> "\n', "SIP URI"),
        ('[probe]\nbind = "[::]:0"\n', "bind6"),
        ('[probe]\nbind = "0.0.0.0"\n', "address:port"),
        ('[probe]\ncodes = "9xx"\n', "write any, 2xx, or codes and ranges"),
        ('[probe]\ncodes = "299-200"\n', "ends before it begins"),
        ('[probe]\nrollup = "most"\n', "'any', 'quorum' or 'all'"),
        ('[probe]\ncontact = "sbc.example.com"\n', "must be a SIP URI"),
        ("[probe]\nmax_forwards = 256\n", "less than or equal to 255"),
        ('[dns]\nnameservers = ["dns.example.com"]\n', "IP address"),
        ("[dns]\nmax_age_s = 29\n", "greater than or equal to 30"),
        ('[dns]\nnaptr = "often"\n', "valid boolean"),
        ('[tls]\nkey_file = "/etc/provd/key.pem"\n', "tls: key_file needs cert_file"),
        ("[history]\nminutes_h = 0\n", "greater than or equal to 1"),
        ("[history]\nhours_d = 0\n", "greater than or equal to 1"),
        ("[history]\ntransitions_d = -1\n", "greater than or equal to 0"),
        ("[history]\ntraces = -1\n", "greater than or equal to 0"),
        ("[history]\nmax_targets = 1.5\n", "valid integer"),
        (f'[daemon]\nsocket = "/{"x" * 120}"\n', "107 bytes"),
        ('[daemon]\nlog_level = "loud"\n', "pattern"),
        ('daemon = "x"\n', "daemon"),
        (
            '[test_calls]\nallow = ["*"]',
            ":2: test_calls.allow[0]: has '*': write a number, like \"+15550100\"",
        ),
        ("[test_calls]\nring_s = 61", ":2: test_calls.ring_s: Input should be less than or equal to 60"),
        (
            '[test_calls]\nallow = ["+44*"]\nschedule.a = {provider = "x", destination = "+1555"}',
            "schedule.a calls +1555, which allow does not have: add it",
        ),
        (
            '[test_calls]\nallow = ["+44*"]\nschedule.a = {provider="x", destination="+441", every_min=1}',
            ":3: test_calls.schedule.a.every_min: Input should be greater than or equal to 5",
        ),
    ],
)
def test_single_mistakes(tmp_path: Path, text: str, says: str) -> None:
    (mistake,) = mistakes_in(tmp_path, text)
    assert says in mistake


def test_empty_text_stands_for_no_file_and_no_uri(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(
        '[probe]\ncontact = ""\nfrom_uri = ""\n[tls]\nca_file = ""\ncert_file = ""\nkey_file = ""\n'
    )
    config = load_config(tmp_path / "c.toml")
    assert (config.probe.contact, config.probe.from_uri) == (None, None)
    assert set(config.tls.model_dump().values()) == {None}


def test_a_certificate_may_have_its_key_in_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[tls]\ncert_file = "/etc/provd/sbc.pem"\n')
    assert load_config(tmp_path / "c.toml").tls.cert_file == Path("/etc/provd/sbc.pem")


def test_a_code_policy_is_kept_as_it_will_be_shown(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[probe]\ncodes = " 2XX,404 "\n')
    assert load_config(tmp_path / "c.toml").probe.codes == "2xx,404"


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read"):
        load_config(tmp_path / "none.toml")


def test_a_file_that_is_not_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(ConfigError, match="can't be read"):
        load_config(tmp_path / "c.toml")


@pytest.mark.parametrize(
    ("listen", "mistake"),
    [
        ("0.0.0.0:9817", "has 0.0.0.0, which others than this machine may reach"),
        ("192.0.2.1:9817", "has 192.0.2.1, which others than this machine may reach"),
        ("[::]:9817", "has ::, which others than this machine may reach"),
        ("localhost:9817", "with an IP address and a port"),
        ("127.0.0.1", "with an IP address and a port"),
        ("127.0.0.1:70000", "has the port '70000'"),
    ],
)
def test_metrics_are_for_this_machine_alone(tmp_path: Path, listen: str, mistake: str) -> None:
    (found,) = mistakes_in(tmp_path, f'[metrics]\nlisten = "{listen}"\n')
    assert found.startswith(":2: metrics.listen: ")
    assert mistake in found


@pytest.mark.parametrize("listen", ["", "127.0.0.1:9817", "127.8.9.1:1", "[::1]:9817"])
def test_metrics_may_be_at_any_address_of_loopback(listen: str) -> None:
    assert Config.model_validate({"metrics": {"listen": listen}}).metrics.listen == listen


def test_figures_of_calls_are_kept_as_long_as_calls(tmp_path: Path) -> None:
    (found,) = mistakes_in(tmp_path, "[history]\ncalls_d = 500\n")
    assert found == ":1: history: call_rollups_d must not be less than calls_d: figures are made of rollups"
