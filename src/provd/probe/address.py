"""Socket addresses of targets."""

SocketAddress = tuple[str, int]
"""An IP address as text, without brackets, and a port."""


def address_text(address: SocketAddress) -> str:
    """Write an address as ``192.0.2.1:5060`` or ``[2001:db8::1]:5060``."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
