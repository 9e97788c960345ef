"""Published vectors, typed in by hand and checked here against an independent library: no typing error survives."""

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from countersign_tests import primitives as p

from .vector import Vector

# RFC 4231, section 4: (case, key, data, HMAC-SHA-256)
HMAC_CASES = (
    (1, b"\x0b" * 20, b"Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (2, b"Jefe", b"what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (3, b"\xaa" * 20, b"\xdd" * 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (4, bytes(range(1, 26)), b"\xcd" * 50,
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (5, b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (6, b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    (7, b"\xaa" * 131, b"This is a test using a larger than block-size key and a larger than block-size data. "
     b"The key needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
)

# RFC 5869, appendix A: (case, IKM, salt, info, L, PRK, OKM)
HKDF_CASES = (
    (1, b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42,
     "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
    (2, bytes(range(0x50)), bytes(range(0x60, 0xB0)), bytes(range(0xB0, 0x100)), 82,
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
     "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
     "cc30c58179ec3e87c14c01d5c1f3434f1d87"),
    (3, b"\x0b" * 22, b"", b"", 42,
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
)

# RFC 7748, section 5.2: (scalar, u, result)
X25519_CASES = (
    ("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"),
    ("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
     "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
     "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"),
)
X25519_ITERATED = {
    1: "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
    1000: "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
}
# RFC 7748, section 6.1
ALICE = ("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
         "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
BOB = ("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
       "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

# McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B, as submitted to NIST.
# Cases 1 to 4 are those of AES-128 with a 96-bit IV, the only kind the protocol uses.
GCM_KEY = "feffe9928665731c6d6a8f9467308308"
GCM_IV = "cafebabefacedbaddecaf888"
GCM_PLAIN = ("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
             "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255")
GCM_CIPHER = ("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
              "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985")
GCM_CASES = (
    (1, "00" * 16, "00" * 12, "", "", "", "58e2fccefa7e3061367f1d57a4e7455a"),
    (2, "00" * 16, "00" * 12, "", "00" * 16, "0388dace60b6a392f328c2b971b2fe78",
     "ab6e47d42cec13bdf53a67b21257bddf"),
    (3, GCM_KEY, GCM_IV, "", GCM_PLAIN, GCM_CIPHER, "4d5c2af327cd64a62cf35abd2ba6fab4"),
    (4, GCM_KEY, GCM_IV, "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_PLAIN[:120], GCM_CIPHER[:120],
     "5bc94fbc3221a5db94fae95ae7121a47"),
)


def hmac_vectors():
    for case, key, data, published in HMAC_CASES:
        result = bytes.fromhex(published)
        full = hmac.new(key, data, hashlib.sha256).digest()
        assert full[: len(result)] == result, case
        fields = {"family": "hmac", "source": f"RFC 4231, section 4.{case + 1}", "key": key, "data": data}
        note = "leftmost 16 bytes" if len(result) == 16 else "all 32 bytes"
        yield Vector(f"hmac_rfc4231_{case}", note, "accept", fields, result)


def hkdf_vectors():
    for case, ikm, salt, info, size, prk, okm in HKDF_CASES:
        prk, okm = bytes.fromhex(prk), bytes.fromhex(okm)
        assert HKDF(hashes.SHA256(), size, salt, info).derive(ikm) == okm, case
        assert p.hmac_sha256(salt, ikm) == prk, case
        assert p.hkdf(salt, ikm, info) == okm[:32], case
        fields = {"family": "hkdf", "source": f"RFC 5869, appendix A.{case}", "ikm": ikm, "salt": salt,
                  "info": info, "prk": prk, "okm": okm}
        yield Vector(f"hkdf_rfc5869_{case}", "the body is the first 32 bytes of okm", "accept", fields, okm[:32])


def x25519_vector(name, source, note, scalar, u, result, iterations=1):
    fields = {"family": "x25519", "source": source, "scalar": bytes.fromhex(scalar), "u": bytes.fromhex(u),
              "iterations": iterations}
    k, point = fields["scalar"], fields["u"]
    for _ in range(iterations):
        k, point = p.dh(k, point), k
    assert k.hex() == result, name
    return Vector(f"x25519_{name}", note, "accept", fields, k)


def x25519_vectors():
    section = "RFC 7748, section 5.2"
    for number, case in enumerate(X25519_CASES, 1):
        yield x25519_vector(f"rfc7748_{number}", section, "one multiplication", *case)
    nine = "09" + "00" * 31
    for count, result in X25519_ITERATED.items():
        yield x25519_vector(f"rfc7748_iterated_{count}", section,
                            "each result is the next scalar, the old scalar the next u", nine, nine, result, count)
    section = "RFC 7748, section 6.1"
    for name, own, peer in (("alice", ALICE, BOB), ("bob", BOB, ALICE)):
        yield x25519_vector(f"rfc7748_{name}_public", section, "public key", own[0], nine, own[1])
        yield x25519_vector(f"rfc7748_{name}_shared", section, "shared secret", own[0], peer[1], SHARED)
    low_order = {"zero": "00" * 32, "one": "01" + "00" * 31,
                 "order_8": "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                 "other_order_8": "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                 "p_minus_1": "ec" + "ff" * 30 + "7f", "p": "ed" + "ff" * 30 + "7f",
                 "p_plus_1": "ee" + "ff" * 30 + "7f"}
    for name, point in low_order.items():
        yield low_order_vector(name, point)


def low_order_vector(name, point):
    try:
        p.dh(bytes.fromhex(ALICE[0]), bytes.fromhex(point))
    except p.Refused as refused:
        assert refused.why == "bad_handshake"
        fields = {"family": "x25519", "source": "RFC 7748, section 6.1: check for the all-zero value",
                  "scalar": bytes.fromhex(ALICE[0]), "u": bytes.fromhex(point), "iterations": 1}
        return Vector(f"x25519_refuse_{name}", "a point of low order: the result is all zeros",
                      "refuse bad_handshake", fields, bytes(32))
    raise AssertionError(name)


def gcm_vectors():
    for case, key, iv, aad, plain, cipher, tag in GCM_CASES:
        key, iv, aad, plain = (bytes.fromhex(text) for text in (key, iv, aad, plain))
        sealed = bytes.fromhex(cipher + tag)
        assert AESGCM(key).encrypt(iv, plain, aad) == sealed, case
        fields = {"family": "gcm", "source": f"McGrew and Viega, GCM, appendix B, test case {case}", "key": key,
                  "iv": iv, "aad": aad, "plain": plain, "cipher": bytes.fromhex(cipher), "tag": bytes.fromhex(tag)}
        yield Vector(f"gcm_{case}", "the body is ciphertext and tag", "accept", fields, sealed)


def vectors():
    yield from hmac_vectors()
    yield from hkdf_vectors()
    yield from x25519_vectors()
    yield from gcm_vectors()
