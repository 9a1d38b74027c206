"""An issuer of tokens: a key, and the file by which a broker verifies what it signs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER, AUDIENCE = "https://issuer.example", "kafka"


class Issuer:
    """Signs tokens; `jwks` is the file with its public key."""

    def __init__(self, folder: Path) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self.jwks = folder / "jwks.json"
        self.jwks.write_text(json.dumps({"keys": [public | {"kid": "1", "alg": "RS256"}]}))

    def token(self, user: str, seconds: int = 3600, **claims: str) -> str:
        """Return a token that expires in that many seconds."""
        now = datetime.now(UTC)  # noqa: TID251  # a test is a door
        said: dict[str, Any] = {
            "sub": user,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now - timedelta(hours=1),
            "exp": now + timedelta(seconds=seconds),
        }
        return jwt.encode(said | claims, self._key, "RS256", headers={"kid": "1"})
