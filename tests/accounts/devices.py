"""What people hold in their hands: an authenticator app, and a device with a passkey that signs as a real one does."""

import hashlib
import json
import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

HOST = "testserver"
PRESENT, VERIFIED, NEW = 1, 4, 64


def code_of(secret, steps=0):
    """The code that an app shows, now or some steps of 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def asked_of(page):
    """What a page asks of a device."""
    found = re.search(r'<script id="passkey-data" type="application/json">(.*?)</script>', page.content.decode())
    data = json.loads(found[1])
    return data.get("creation_options") or data["request_options"]


class Device:
    """A device with one passkey."""

    def __init__(self, host=HOST, flags=PRESENT | VERIFIED):
        """Make a key of its own; nothing is known of it anywhere."""
        self.host, self.flags, self.user = host, flags, b""
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), hashlib.sha256(host.encode()).digest()

    def made(self, options):
        """Make a passkey as it is asked to; return what it sends."""
        asked = options["publicKey"]
        self.user = asked["user"]["id"]
        data = AttestedCredentialData.create(Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key()))
        about = AuthenticatorData.create(self._host_hash, self.flags | NEW, 0, data)
        return self._sent(
            {
                "clientDataJSON": websafe_encode(self._client("webauthn.create", asked)),
                "attestationObject": websafe_encode(AttestationObject.create("none", about, {})),
            }
        )

    def signed(self, options, user=None):
        """Sign what is asked; return what it sends, as if it were somebody else's where ``user`` is given."""
        client = self._client("webauthn.get", options["publicKey"])
        about = AuthenticatorData.create(self._host_hash, self.flags, 1)
        return self._sent(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(about),
                "signature": websafe_encode(self.key.sign(about + client.hash, ec.ECDSA(SHA256()))),
                "userHandle": user or self.user,
            }
        )

    @property
    def _host_hash(self):
        return hashlib.sha256(self.host.encode()).digest()

    def _client(self, kind, asked):
        return CollectedClientData.create(kind, asked["challenge"], f"https://{self.host}")

    def _sent(self, response):
        name = websafe_encode(self.id)
        kept = {"credProps": {"rk": bool(self.flags & VERIFIED)}}
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": kept}
        )
