"""What every login must refuse, one number per condition: the list that the cases are held against.

1 to 28 are the wrong answers that every OpenID client must be tried with; the others go beyond them
(OpenID Connect Core 3.1.3.7 and 5.3.2, RFC 7515, 7516, 7519, 9101, 9207, and the conditions a
provider's record adds). `tests.identity.bad_answers` holds the cases.
"""

from __future__ import annotations

from typing import Final

CONDITIONS: Final[dict[int, str]] = {
    # -- issuer and audience
    1: "iss is another issuer",
    2: "aud names only another client",
    3: "aud leaves us out although azp names us",
    4: "aud is an empty list",
    # -- nonce
    5: "another nonce",
    6: "no nonce",
    7: "no nonce, with a claim that nonces are unsupported",
    # -- time and subject
    8: "expired",
    9: "issued in the future",
    10: "no sub",
    11: "empty sub",
    # -- signature
    12: "bytes damaged",
    13: "a foreign key under a known kid",
    14: "a foreign key under an unknown kid",
    15: "the key is delivered inside the header",
    16: "unsigned (alg none)",
    17: "HS256 keyed with the public key's text",
    18: "HS256 keyed with the client secret",
    # -- assurance
    19: "acr lower than, or outside, the record's exact set",
    20: "no acr",
    # -- token response
    21: "at_hash does not fit the access token",
    22: "no id_token",
    23: "the token endpoint answers 500",
    # -- userinfo
    24: "userinfo's sub differs from the id_token's",
    25: "userinfo's signature is damaged",
    26: "userinfo is plain JSON where signed is required",
    # -- callback
    27: "the iss parameter of another issuer",
    28: "an unknown state",
    # -- beyond: metadata
    29: "metadata of another issuer",
    30: "an endpoint that is not https",
    31: "an endpoint off the record's hosts",
    # -- beyond: callback and state
    32: "no iss parameter although the metadata announce it",
    33: "a parameter twice",
    34: "both code and error",
    35: "a state that has expired",
    36: "a state that was used",
    37: "a state of another provider",
    38: "a state of another browser",
    # -- beyond: claims
    39: "several aud without azp",
    40: "azp is not us",
    41: "no exp",
    42: "no iat",
    43: "exp or iat is a boolean",
    44: "exp or iat is not finite",
    45: "nbf lies ahead",
    46: "a life over the record's limit",
    47: "sub has more than 255 characters",
    48: "sub is off person.pattern",
    49: "the key claim is missing",
    # -- beyond: encryption and signature
    50: "not encrypted where the record requires it",
    51: "an encryption algorithm that is not pinned",
    52: "the encrypted content is no signed token",
    53: "crit",
    54: "no kid while there are several keys",
    55: "a key that is for encryption",
    56: "a key that is for another algorithm",
    # -- beyond: the back channel
    57: "token_type is not Bearer",
    58: "a wrong content type",
    59: "a redirect",
    60: "a body over 64 kB",
    61: "metadata or keys over 256 kB",
    # -- beyond: userinfo
    62: "userinfo's iss is another",
    63: "userinfo's aud is another",
    64: "userinfo has expired",
    # -- beyond: where the record asks
    65: "auth_time absent or too old",
    66: "amr without the method asked",
    67: "vot other than the vector asked",
    68: "at_hash absent where the record requires it",
    69: "at_hash by another hash than the inner signature's",
}
ENCRYPTED_ONLY: Final = frozenset({50, 51, 52})  # only where answers come encrypted

# What Authlib 1.9.9, used as its guide says, does with the same answers: the error by which it
# refuses, or `accepted`. A change here is news: read its changelog, then this table again.
PLAIN_AUTHLIB: Final[dict[int, str]] = {
    1: "InvalidClaimError",
    2: "MissingClaimError",
    3: "accepted",
    4: "accepted",
    5: "InvalidClaimError",
    6: "MissingClaimError",
    7: "MissingClaimError",  # accepted up to 1.8.0
    8: "ExpiredTokenError",
    9: "InvalidClaimError",
    10: "MissingClaimError",
    11: "accepted",
    12: "BadSignatureError",
    13: "BadSignatureError",
    14: "InvalidKeyIdError",
    15: "BadSignatureError",
    16: "accepted",  # where the metadata list `none`, as two well-known servers do by default
    17: "InvalidKeyIdError",
    18: "InvalidKeyIdError",
    19: "accepted",
    20: "accepted",
    21: "InvalidClaimError",
    22: "accepted",
    23: "HTTPError",
    24: "accepted",
    25: "JSONDecodeError",  # as every signed userinfo, also a good one
    26: "accepted",
    27: "accepted",
    28: "MismatchingStateError",
    32: "accepted",
    46: "accepted",
    47: "accepted",
    53: "accepted",
    62: "accepted",
    63: "accepted",
    64: "accepted",
}
