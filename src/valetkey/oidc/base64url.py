"""Base64url as JOSE writes it (RFC 7515, section 2): unpadded, and in one way only."""

import binascii

# `+`, `/` and `=` belong to the other alphabets: they become a character that no base64 has.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
# The last character of a text that does not fill its last byte must have zeros in the bits
# that are left over. Otherwise several texts would stand for the same bytes, and a token could
# be altered without its signature noticing.
_LAST_OF_TWO = frozenset(b"AQgw")
_LAST_OF_THREE = frozenset(b"AEIMQUYcgkosw048")


def decode_base64url(text: bytes) -> bytes:
    """Return the bytes that a text stands for; raise ValueError unless it is canonical."""
    match len(text) % 4:
        case 0:
            padding = b""
        case 2 if text[-1] in _LAST_OF_TWO:
            padding = b"=="
        case 3 if text[-1] in _LAST_OF_THREE:
            padding = b"="
        case _:
            raise ValueError("not canonical base64url")
    return binascii.a2b_base64(text.translate(_TO_STANDARD) + padding, strict_mode=True)
