"""The machine's address on its network, for a phone on the same Wi-Fi."""

import socket

ANYWHERE = ("192.0.2.1", 9)  # RFC 5737: a documentation address; a UDP socket sends nothing by connecting


def lan_address() -> str | None:
    """The address from which this machine would speak to the network, or None without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ANYWHERE)
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") else address
