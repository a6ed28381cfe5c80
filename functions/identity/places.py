"""places — where a request comes from: a coarse device for people to read, a source for throttles to count."""

import ipaddress

import msgspec
from flask import Request

from shared import config

# The first mark that is found names it; Edge and Opera also say Chrome, and Chrome also says Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
UNKNOWN = "Unknown device"
# One subscriber gets a /64 of IPv6 and could otherwise come from a new address each time.
_IPV6_PREFIX = 64


class Place(msgspec.Struct, frozen=True):
    """Where somebody signs in: the source that throttles count, the device, and for how long."""

    source: str
    device: str
    keep_signed_in: bool


def of(request: Request, *, keep_signed_in: bool) -> Place:
    """Return the place that `request` comes from."""
    return Place(source_of(request), describe(request.headers.get("User-Agent", "")), keep_signed_in)


def source_of(request: Request) -> str:
    """Return the network that `request` came from, as throttles count it."""
    try:
        address = ipaddress.ip_address(_edge_hop(request))
    except ValueError:
        return "unknown"
    # One subscriber's IPv4 address is one source, however a machine on the way writes it.
    address = getattr(address, "ipv4_mapped", None) or address
    prefix = _IPV6_PREFIX if address.version == 6 else 32
    return str(ipaddress.ip_network((address, prefix), strict=False))


def _edge_hop(request: Request) -> str:
    """Return the caller's hop of X-Forwarded-For as our own edge wrote it; a caller can forge those before it.

    FORWARDED_HOPS says how many at the end our edge wrote, of which the caller's is the first: 1 in a
    local run (the gateway writes the caller), 3 in the cloud (the load balancer writes the caller and
    itself, the gateway one more).
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    ours = int(config.optional("FORWARDED_HOPS") or 1)
    return hops[-min(ours, len(hops))] or request.remote_addr or ""


def describe(user_agent: str) -> str:
    """Return a device in two words, such as `Chrome, Android`: no version, nothing to trace it by."""
    found = [_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)]
    return ", ".join(name for name in found if name) or UNKNOWN


def _first(marks: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in marks if mark in user_agent), "")
