"""Where a request comes from, as far as it can be believed."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def network(request: HttpRequest) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: that much every household has, to change addresses in.

    Each hop appends the address that it saw to X-Forwarded-For. So of TRUSTED_HOPS hops that are ours, the entry of
    the outermost is that many from the end. What stands before it the visitor may have written.
    """
    entries = [entry.strip() for entry in request.headers.get("X-Forwarded-For", "").split(",") if entry.strip()]
    hops = settings.TRUSTED_HOPS
    said = entries[-hops] if 0 < hops <= len(entries) else ""
    return _network(said) or _network(request.META.get("REMOTE_ADDR", "")) or "unknown"


def _network(said: str) -> str:
    """Empty where it is no address."""
    if said.startswith("["):
        said = said[1:].partition("]")[0]
    elif said.count(":") == 1:
        said = said.partition(":")[0]
    try:
        address = ip_address(said)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((int(address), 64), strict=False))
        address = address.ipv4_mapped
    return str(address)
