"""A GET request to one of our HTTP servers, by the TLS and the token of the settings."""

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from access.credential_files import load_pem, secret, text
from contract.errors import StackError
from contract.http.access import HttpAccess, setting

REFUSED = (401, 403)
_SHOWN = f"{setting('client_cert_file')} says what is shown"


class AccessRefused(StackError):
    """A server of ours and its caller don't take each other: why, and which setting says so."""


class _NamedServer(HTTPSConnection):
    """A connection to a server whose certificate bears another name than its address."""

    def __init__(self, address: str, context: ssl.SSLContext, name: str, seconds: float) -> None:
        super().__init__(address, timeout=seconds, context=context)
        self._tls, self._name = context, name

    def connect(self) -> None:
        HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name or self.host)


def ask(access: HttpAccess, address: str, path: str, seconds: float = 5.0) -> str | None:
    """Return the body of a 200 response; None without a server, in time, or with another code.

    `address` is host:port.

    Raises:
        AccessRefused: either side does not take what the other shows.
        Misconfigured: a file of the settings can't be read.
    """
    connection = HTTPConnection(address, timeout=seconds)
    if access.ca_file:
        connection = _NamedServer(address, _context(access), access.server_name, seconds)
    headers = {}
    if access.token_file:
        token = secret(access.token_file, setting("token_file")).strip()
        headers["Authorization"] = f"Bearer {token}"
    begun = False
    try:
        connection.connect()
        begun = True
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
    except ssl.SSLError as error:
        raise AccessRefused(f"https://{address}{path}: {_reason(error, access)}") from None
    except (OSError, HTTPException, ValueError) as error:
        # a server in an asyncio loop ends the connection before its reason is sent
        if begun and access.client_cert_file and isinstance(error, ConnectionError):
            raise AccessRefused(
                f"https://{address}{path}: it does not take this client, and ended the "
                f"connection; {_SHOWN}"
            ) from None
        return None
    finally:
        connection.close()
    if answer.status in REFUSED:
        raise AccessRefused(
            f"{access.scheme}://{address}{path}: {answer.status}, {body.strip()[:200]}; "
            f"{setting('client_cert_file')} and {setting('token_file')} say what is shown"
        )
    return body if answer.status == 200 else None


def _context(access: HttpAccess) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    load_pem(
        lambda: context.load_verify_locations(access.ca_file),
        access.ca_file,
        setting("ca_file"),
        "certificates in PEM form",
    )
    if certificate := access.client_cert_file:
        text(certificate, setting("client_cert_file"))
        load_pem(
            lambda: context.load_cert_chain(certificate, access.client_key_file, lambda: ""),
            access.client_key_file,
            setting("client_key_file"),
            f"the key of {certificate} in PEM form, without a password",
        )
    return context


def _reason(error: ssl.SSLError, access: HttpAccess) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not taken: {error.verify_message}; {setting('ca_file')} "
            f"({access.ca_file}) says who may sign it, {setting('server_name')} its name"
        )
    reason = (error.reason or str(error)).lower().replace("_", " ")
    if reason == "wrong version number":
        return f"it answers without TLS: {setting('tls_cert_file')} of the server turns it on"
    return f"it does not take this client: {reason}; {_SHOWN}"
