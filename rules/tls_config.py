"""How Prometheus and Alertmanager ask our HTTP servers, in the words of their files."""

from typing import Any

from contract.http.access import HttpAccess


def scrape_access(access: HttpAccess) -> dict[str, Any]:
    """Return what a scrape configuration says of TLS and the token; nothing where neither is."""
    said: dict[str, Any] = {}
    if access.ca_file:
        said |= {"scheme": access.scheme, "tls_config": tls_config(access)}
    if access.token_file:
        said["authorization"] = {"credentials_file": access.token_file}
    return said


def tls_config(access: HttpAccess) -> dict[str, str]:
    """Return the `tls_config` of a request to one of our servers; empty without TLS."""
    said = {
        "ca_file": access.ca_file,
        "cert_file": access.client_cert_file,
        "key_file": access.client_key_file,
        "server_name": access.server_name,
    }
    return {name: value for name, value in said.items() if value}
