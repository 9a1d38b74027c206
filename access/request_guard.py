"""Which requests our HTTP servers answer: those with a certificate, a token, or of a probe."""

import hmac
import ipaddress
from http import HTTPStatus

import structlog
from msgspec import Struct

from access.credential_files import secret
from contract.errors import Misconfigured
from contract.http.access import OPEN_PATHS, HttpAccess, setting

SHORTEST = 16  # characters; 32 random bytes in hexadecimal have 64

log = structlog.get_logger(__name__)


class RefusedRequest(Struct, frozen=True):
    """The answer to a request that shows too little."""

    status: HTTPStatus
    said: str


class RequestGuard:
    """What a request must show; the token is read at each one, so that it can be changed."""

    def __init__(self, access: HttpAccess, own_login: tuple[str, ...] = ()) -> None:
        """`own_login`: beginnings of paths to which a POST bears a token of their own.

        Raises:
            Misconfigured: the token can't be read, or is too short.
        """
        self._access, self._own_login = access, own_login
        if access.token_file:
            _token(access)

    def refusal(
        self, method: str, path: str, authorization: str, *, has_certificate: bool
    ) -> RefusedRequest | None:
        """Return how a request is refused; None if it is answered."""
        if method in ("GET", "HEAD") and path in OPEN_PATHS:
            return None
        if method == "POST" and self._own_login and path.startswith(self._own_login):
            return None
        if self._access.client_ca_file and not has_certificate:
            return RefusedRequest(HTTPStatus.FORBIDDEN, "a client certificate is needed")
        if not self._access.token_file:
            return None
        try:
            token = _token(self._access)
        except Misconfigured as error:
            log.error("http.no_token", error=str(error))
            return RefusedRequest(
                HTTPStatus.SERVICE_UNAVAILABLE, "the server's token can't be read"
            )
        scheme, _, shown = authorization.partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token):
            return None
        return RefusedRequest(
            HTTPStatus.UNAUTHORIZED, "expected `Authorization: Bearer TOKEN` with the right token"
        )

    def warn_if_open(self, host: str, port: int) -> None:
        """Say in the log what others than this machine can do."""
        access = self._access
        if is_loopback(host):
            return
        if not (access.client_ca_file or access.token_file):
            log.warning(
                "http.open_to_others",
                host=host,
                port=port,
                hint="whoever reaches it may ask; QUAYMARK_HTTP_CLIENT_CA_FILE or "
                "QUAYMARK_HTTP_TOKEN_FILE asks for a proof",
            )
        elif not access.tls_cert_file:
            log.warning(
                "http.token_in_the_clear",
                host=host,
                port=port,
                hint="QUAYMARK_HTTP_TLS_CERT_FILE makes it speak TLS",
            )


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _token(access: HttpAccess) -> bytes:
    token = secret(access.token_file, setting("token_file")).strip()
    if len(token) < SHORTEST or len(token.split()) > 1:
        raise Misconfigured(
            f"{access.token_file}: expected one token of {SHORTEST} characters or more; make one "
            f"with `openssl rand -hex 32` ({setting('token_file')} names it)"
        )
    return token.encode()
