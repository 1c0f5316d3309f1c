"""Owns from where a request comes, as wrong passwords are counted by it; it counts nothing itself."""

from ipaddress import IPv6Network, ip_address

from flask import request


def client_place() -> str:
    """Return the address of the client; of IPv6 the network, of which whoever has one has all addresses."""
    return place_of(request.remote_addr)


def place_of(address: str | None) -> str:
    """Return the place that an address stands for; `local` for what has none, such as a socket file."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "local"
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, 64), strict=False))
