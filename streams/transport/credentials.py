"""Faust's form of what a client shows a broker."""

import faust
from faust.types.auth import CredentialsT

from broker.connection import Connection

__all__ = ["broker_credentials"]


def broker_credentials(connection: Connection) -> CredentialsT | None:
    """Return the credentials of a Faust app; None where nobody logs in and nothing is encrypted.

    Faust hands each part on to aiokafka as it is.
    """
    options = connection.client_options
    tls = options.get("ssl_context")
    if (mechanism := options.get("sasl_mechanism")) is None:
        return None if tls is None else faust.SSLCredentials(tls)
    if (token := options.get("sasl_oauth_token_provider")) is not None:
        return faust.OAuthCredentials(oauth_cb=token, ssl_context=tls)
    return faust.SASLCredentials(
        username=options["sasl_plain_username"],
        password=options["sasl_plain_password"],
        ssl_context=tls,
        mechanism=mechanism,
    )
