"""What single values of the configuration may be: each takes one, and gives it back as it is meant.

ValueError says in words why it can't be.
"""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx

from provd.agent.redirect.address import parse_listen_address
from provd.schema.hostname import HostKind, parse_hostname
from provd.secrets.backends import why_no_backend

_SOCKET_PATH_MAX = 107  # unix(7): sun_path holds 108 bytes with the final NUL


def socket_path(path: Path) -> Path:
    """A path that a socket may have: absolute, and short."""
    if len(str(path).encode()) > _SOCKET_PATH_MAX:
        raise ValueError(f"is longer than the {_SOCKET_PATH_MAX} bytes that a socket's path may have")
    if not path.is_absolute():
        raise ValueError("is not an absolute path")
    return path


def octal_mode(text: str) -> str:
    """A file mode in octal."""
    if not re.fullmatch(r"0?[0-7]{3}", text):
        raise ValueError('is not a file mode: write it in octal, like "0660"')
    return text


def nameserver(text: str) -> str:
    """The IP address of a name server, with an optional port."""
    if parse_hostname(text).kind is HostKind.NAME:
        raise ValueError('must be an IP address with an optional port, like "127.0.0.1:5353"')
    return text


def user_or_group(name: Any) -> Any:
    """A user name, ``@group`` or a uid."""
    if isinstance(name, bool) or not isinstance(name, (str, int)):
        raise ValueError('must be a user name, "@group" or a uid')
    return name


def keyring_backend(name: str) -> str:
    """A keyring backend's name, or the path of its class, which is not imported here."""
    if (wrong := why_no_backend(name)) is not None:
        raise ValueError(wrong)
    return name


def none_if_empty(text: Any) -> Any:
    """None for what was left empty."""
    return text or None


def base_url(text: str) -> str:
    """An API's address: https, except on this machine."""
    if not text:
        return text
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"is no URL: {error}") from None
    local = url.host == "localhost" or url.host.startswith("127.") or url.host == "::1"
    if not url.host or url.scheme not in ("https", "http") or url.query or url.fragment:
        raise ValueError('must be an address like "https://api.example.com/v2"')
    if url.scheme == "http" and not local:
        raise ValueError("must be https: the key would go over the network for all to read")
    if url.userinfo:
        raise ValueError("must have no user name or password in it")
    return text


def listen_address(text: str) -> str:
    """An address to listen on, with its transport, as it is usually written."""
    return str(parse_listen_address(text))


def network(text: str) -> str:
    """An IP address or network."""
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(
            f'is no network: {error}; write an IP address or a network, like "192.0.2.7" or "192.0.2.0/24"'
        ) from None
    return text


def each_once(addresses: list[str]) -> list[str]:
    """Addresses to listen on, none of them twice."""
    fixed = [text for text in addresses if not text.endswith(":0")]
    twice = next((text for text in fixed if fixed.count(text) > 1), None)
    if twice is not None:
        raise ValueError(f"has {twice} twice: leave one out")
    return addresses


def loopback_address(text: str) -> str:
    """An address of this machine that no other can reach, with its port; or nothing."""
    if not text:
        return text
    address = parse_listen_address(f"tcp:{text}")
    if not ip_address(address.host).is_loopback:
        raise ValueError(
            f"has {address.host}, which others than this machine may reach, and nobody is asked there who "
            'they are: write "127.0.0.1:9817", and put a proxy that asks before it'
        )
    return text


def program(command: list[str]) -> list[str]:
    """A command: the whole path of a program, and its arguments."""
    if not command or not command[0].startswith("/"):
        raise ValueError(
            'must begin with a program\'s whole path, like ["/usr/local/bin/page-me", "--urgent"]'
        )
    return command
