"""An OIDC provider as the authorizer sees one: a key set over HTTP on loopback, and tokens signed with its keys."""

import json
import threading
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://idp.example"


class IdentityProvider:
    """Serves its key set at `jwks_url` until `stop`; signs with RS256."""

    def __init__(self) -> None:
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self.rotate("first")
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = provider.key_set()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def jwks_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/.well-known/jwks.json"

    @cached_property
    def strangers_key(self) -> rsa.RSAPrivateKey:
        """A key that is not in the set."""
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on; the old ones leave the set."""
        self._keys = {kid: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    def key_set(self) -> bytes:
        keys = [
            {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}
            for kid, key in self._keys.items()
        ]
        return json.dumps({"keys": keys}).encode()

    def token(self, key: Any = None, *, algorithm: str = "RS256", **changes: Any) -> str:
        """A token of this provider; `changes` are claims, `key` signs instead of its own."""
        kid, own = next(iter(self._keys.items()))
        claims = {
            "iss": ISSUER,
            "aud": "authenticated",
            "sub": "olga",
            "exp": datetime.now(UTC) + timedelta(hours=1),
            "app_metadata": {"role": "user", "tenant_id": "idp-tenant"},
            **changes,
        }
        return jwt.encode(claims, key or own, algorithm=algorithm, headers={"kid": kid})

    def public_pem(self) -> bytes:
        """The public key as a text, which a careless verifier would take for an HMAC secret."""
        key = next(iter(self._keys.values())).public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
