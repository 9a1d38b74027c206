"""The tokens by which a sender may post events: the lines of a file, read at each request."""

import hmac
from pathlib import Path

from contract.errors import Misconfigured

SCHEME = "bearer"
SHORTEST = 16  # characters; 32 random bytes in hexadecimal have 64


class BearerTokens:
    """The tokens in a file, one a line; a `#` begins a comment.

    While a token is changed, the old one and the new one both stand there.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def read(self) -> tuple[bytes, ...]:
        """Return the tokens of now.

        Raises:
            Misconfigured: the file can't be read, holds none, or one that is too short.
        """
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError as error:
            raise Misconfigured(
                f"{self._path}: {error.strerror}; QUAYMARK_RECEIVE_TOKEN_FILE names a file with "
                "a token a line, such as `openssl rand -hex 32` makes one"
            ) from None
        tokens = tuple(
            line.strip() for line in lines if line.strip() and not line.lstrip().startswith(b"#")
        )
        if not tokens:
            raise Misconfigured(f"{self._path}: no token, expected one a line")
        if any(len(token) < SHORTEST for token in tokens):
            raise Misconfigured(
                f"{self._path}: a token has fewer than {SHORTEST} characters; make one with "
                "`openssl rand -hex 32`"
            )
        return tokens

    def admits(self, authorization: str) -> bool:
        """Return whether the header `Authorization` of a request bears one of the tokens.

        Every token is compared, each in constant time.

        Raises:
            Misconfigured: as `read` does.
        """
        scheme, _, given = authorization.partition(" ")
        offered = given.strip().encode("utf-8", "surrogateescape")
        same = [hmac.compare_digest(token, offered) for token in self.read()]
        return scheme.lower() == SCHEME and any(same)
