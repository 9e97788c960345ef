#!/usr/bin/python3
"""Writes card_*.vec beside itself with Python's hmac and cryptography: the card's bytes, made by other code.

usage: make_card_vectors.py [--check]     --check writes nothing and fails if a file differs
"""
import hashlib
import hmac
import pathlib
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

HERE = pathlib.Path(__file__).parent


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def expand(key, label, context=b""):
    return mac(key, b"cs1 " + label.encode() + b"\0" + context + b"\1")


def s8(text):
    return bytes([len(text)]) + text


def u32(number):
    return number.to_bytes(4, "big")


def some_bytes(name, length):
    """Bytes that look like nothing in particular and are the same on each run."""
    return hashlib.shake_128(name.encode()).digest(length)


def seal(transport_key, uid, iv, plain):
    padded = plain + b"\x80"
    padded += bytes(-len(padded) % 16)
    aes = Cipher(algorithms.AES(expand(transport_key, "card perso enc", uid)[:16]), modes.CBC(iv)).encryptor()
    sealed = iv + aes.update(padded) + aes.finalize()
    return sealed + mac(expand(transport_key, "card perso mac", uid), sealed)[:16]


def tlv(tag, value):
    return bytes([tag, len(value)]) + value


def profile_tlvs(identity, key, pin, puk, issuer, flags):
    return (tlv(0x81, identity) + tlv(0x82, key) + tlv(0x83, pin) + tlv(0x84, puk)
            + tlv(0x85, issuer) + tlv(0x86, bytes([flags])))


def handshake(name, card, server, epoch):
    key, r1 = some_bytes(name + " k", 32), some_bytes(name + " r1", 16)
    hk = expand(key, "a+ hk", s8(card) + s8(server) + u32(epoch) + r1)
    return {"key": key.hex(), "card": card.decode(), "server": server.decode(), "before": str(epoch - 1),
            "r1": r1.hex(), "answer": (u32(epoch) + r1 + hk).hex()}


def checksum(name, counter):
    key, digest = some_bytes(name + " k", 32), some_bytes(name + " digest", 32)
    tag = mac(expand(key, "card cc"), u32(counter) + digest)[:16]
    return {"key": key.hex(), "digest": digest.hex(), "ceiling": str(counter - 1),
            "answer": (b"\x8e\x10" + tag + b"\x02\x04" + u32(counter)).hex()}


def personalise(name, identity, pin, puk, flags):
    transport, uid, iv = (some_bytes(name + part, n) for part, n in ((" t", 32), (" uid", 8), (" iv", 16)))
    key, issuer = some_bytes(name + " k", 32), some_bytes(name + " issuer", 32)
    plain = profile_tlvs(identity, key, pin, puk, issuer, flags)
    return {"transport": transport.hex(), "uid": uid.hex(), "identity": identity.decode(), "key": key.hex(),
            "issuer": issuer.hex(), "checksum_key": expand(key, "card cc").hex(),
            "presence_key": expand(key, "card here").hex(), "pin": pin.decode(), "puk": puk.decode(), "flags": str(flags),
            "command": seal(transport, uid, iv, plain).hex()}


def issuer(name, ins, before, after, counter, n):
    uid, key, issuer_key = some_bytes(name + " uid", 8), some_bytes(name + " k", 32), some_bytes(name + " issuer", 32)
    kiss = expand(issuer_key, "card iss", uid)
    tag = mac(expand(kiss, "card adm", uid), bytes([ins]) + u32(n))[:16]
    return {"uid": uid.hex(), "key": key.hex(), "kiss": kiss.hex(), "before": str(before), "after": str(after),
            "counter": str(counter), "n": str(n), "command": (bytes([0, ins, 0, 0, 20]) + u32(n) + tag).hex()}


def presence(name, life_cycle, counter):
    fields = issuer(name, 0, life_cycle, life_cycle, counter, 0)
    uid, key, challenge = bytes.fromhex(fields["uid"]), bytes.fromhex(fields["key"]), some_bytes(name + " c", 16)
    state = bytes([life_cycle]) + u32(counter)
    proof = mac(expand(key, "card here"), uid + state + challenge)[:16]
    kept = {field: fields[field] for field in ("uid", "key", "kiss", "before", "counter")}
    return kept | {"challenge": challenge.hex(), "answer": (state + proof).hex()}


def reset(name):
    fields = issuer(name, EXTERNAL_AUTHENTICATE, ACTIVE, CREATED, 7, 1700000000)
    transport = expand(bytes.fromhex(fields["kiss"]), "card reset", bytes.fromhex(fields["uid"]))
    return fields | {"transport": transport.hex()}


CREATED, DEACTIVATED, ACTIVE, TERMINATED = 0x01, 0x04, 0x05, 0x0C
DEACTIVATE, ACTIVATE, EXTERNAL_AUTHENTICATE, TERMINATE = 0x04, 0x44, 0x82, 0xE6

VECTORS = {
    "card_handshake_first": handshake("first", b"mote-1", b"broker", 1),
    "card_handshake_longest": handshake("longest", b"A" * 64, b"z" * 64, 65536),
    "card_handshake_last_epoch": handshake("last", b"a", b"b", 2**28 - 1),
    "card_checksum_first": checksum("cc first", 1),
    "card_checksum_late": checksum("cc late", 0x01000001),
    "card_personalise_usual": personalise("usual", b"mote-1", b"1234", b"12345678", 0),
    "card_personalise_longest": personalise("long", b"x" * 64, b"9" * 16, b"p" * 16, 1),
    "card_issuer_deactivate": issuer("off", DEACTIVATE, ACTIVE, DEACTIVATED, 0, 1),
    "card_issuer_activate": issuer("on", ACTIVATE, DEACTIVATED, ACTIVE, 1699999999, 1700000000),
    "card_issuer_terminate": issuer("end", TERMINATE, DEACTIVATED, TERMINATED, 255, 256),
    "card_issuer_authenticate": issuer("show", EXTERNAL_AUTHENTICATE, ACTIVE, ACTIVE, 0x7FFFFFFE, 0x7FFFFFFF),
    "card_presence_active": presence("here", ACTIVE, 0),
    "card_presence_deactivated": presence("blocked", DEACTIVATED, 1700000000),
    "card_reset": reset("reset"),
}


def main():
    check = sys.argv[1:] == ["--check"]
    for name, fields in VECTORS.items():
        text = "".join(f"{field}: {value}\n" for field, value in fields.items())
        path = HERE / f"{name}.vec"
        if check and path.read_text() != text:
            sys.exit(f"{path.name} is not what this program writes")
        if not check:
            path.write_text(text)


if __name__ == "__main__":
    main()
