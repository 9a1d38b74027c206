"""The tokens by which a sender may post events: the lines of a file, read at each request."""

import hmac
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from contract.book import NO_PARTNER, Partner
from contract.errors import Misconfigured

SCHEME = "bearer"
SHORTEST = 16  # characters; 32 random bytes in hexadecimal have 64


class BearerToken(Struct, frozen=True):
    """A token, and the partner who bears it: `NO_PARTNER` if its line names none."""

    value: bytes
    partner: str


class BearerTokens:
    """The tokens in a file, one a line, each followed by the name of its partner if it has one.

    A `#` begins a comment.  While a token is changed, the old and the new one both stand there.
    """

    def __init__(self, path: str, partners: tuple[Partner, ...] = ()) -> None:
        self._path = Path(path)
        self._known = tuple(partner.name for partner in partners)

    def read(self) -> tuple[BearerToken, ...]:
        """Return the tokens of now.

        Raises:
            Misconfigured: the file can't be read, holds none, or one that is too short or of a
                partner without a profile.
        """
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError as error:
            raise Misconfigured(
                f"{self._path}: {error.strerror}; QUAYMARK_RECEIVE_TOKEN_FILE names a file with "
                "a token a line, such as `openssl rand -hex 32` makes one"
            ) from None
        tokens = tuple(self._tokens(lines))
        if not tokens:
            raise Misconfigured(f"{self._path}: no token, expected one a line")
        return tokens

    def bearer(self, authorization: str) -> str | None:
        """Return the partner whose token a header `Authorization` bears; None without a token.

        Every token is compared, each in constant time.

        Raises:
            Misconfigured: as `read` does.
        """
        scheme, _, given = authorization.partition(" ")
        offered = given.strip().encode("utf-8", "surrogateescape")
        same = [
            token.partner for token in self.read() if hmac.compare_digest(token.value, offered)
        ]
        return same[0] if same and scheme.lower() == SCHEME else None

    def _tokens(self, lines: list[bytes]) -> Iterator[BearerToken]:
        """Yield the tokens; a message never holds one."""
        for number, line in enumerate(lines, 1):
            value, *names = line.split() or [b"#"]
            if value.startswith(b"#"):
                continue
            if len(value) < SHORTEST:
                raise Misconfigured(
                    f"{self._path}: line {number}: a token has fewer than {SHORTEST} characters; "
                    "make one with `openssl rand -hex 32`"
                )
            partner = b" ".join(names).decode("utf-8", "backslashreplace") or NO_PARTNER
            if partner not in (NO_PARTNER, *self._known):
                known = ", ".join(self._known) or "none"
                raise Misconfigured(
                    f"{self._path}: line {number}: {partner!r} is no [[partner]] of "
                    f"quaymark.toml, expected a token, then nothing or one of: {known}"
                )
            yield BearerToken(value, partner)
