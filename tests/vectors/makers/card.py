"""What a card answers and is told (docs/protocol.md, sections 9 and 11)."""

from countersign_tests import card_messages as c
from countersign_tests import envelope as e
from countersign_tests import primitives as p

from .vector import Vector, fixed


def card_vectors():
    k, issuer, uid, transport = fixed("card k"), fixed("card issuer"), fixed("card uid", 8), fixed("card transport")
    digest, cc = fixed("card digest"), p.expand(k, "card cc")
    for counter in (1, 256, 2**32 - 1):
        yield Vector(f"card_checksum_{counter}", "COMPUTE CRYPTOGRAPHIC CHECKSUM: the tag", "accept",
                     {"family": "card_checksum", "k": k, "k_cc": cc, "card_counter": counter, "digest": digest},
                     e.card_checksum(cc, counter, digest))
    for identity, server, epoch in (("mote-3", "broker.plant-1", 1), ("A" * 64, "z" * 64, p.MAX_EPOCH)):
        r1 = fixed("card r1", 16)
        hk = p.expand(k, "a+ hk", p.s8(identity) + p.s8(server) + p.u32(epoch) + r1)
        yield Vector(f"card_handshake_key_{epoch}", "HANDSHAKE KEY: epoch, r1, hk", "accept",
                     {"family": "card_handshake_key", "k": k, "ida": identity, "idt": server, "epoch": epoch,
                      "r1": r1, "hk": hk}, p.u32(epoch) + r1 + hk)
    adm = p.expand(issuer, "card adm", uid)
    for name, ins in (("deactivate", 0x04), ("activate", 0x44), ("terminate", 0xE6), ("external_authenticate", 0x82)):
        proof = p.u32(7) + p.hmac_sha256(adm, p.u8(ins) + p.u32(7))[:16]
        yield Vector(f"card_{name}", "the issuer's proof", "accept",
                     {"family": "card_admin", "kiss": issuer, "uid": uid, "key": adm, "ins": p.u8(ins), "n": 7}, proof)
    yield Vector("card_perso_keys", "transport keys of PUT DATA: kp1 (16 bytes) and kp2", "accept",
                 {"family": "card_perso", "transport_key": transport, "uid": uid},
                 p.expand(transport, "card perso enc", uid)[:16] + p.expand(transport, "card perso mac", uid))


def presence_vectors():
    k, uid, challenge = fixed("card k"), fixed("card uid", 8), fixed("card challenge", 16)
    for name, state, counter in (("active", c.ACTIVE, 0), ("deactivated", c.DEACTIVATED, 2**32 - 1)):
        yield Vector(f"card_presence_{name}", "INTERNAL AUTHENTICATE: the card is there, in this state", "accept",
                     {"family": "card_presence", "k": k, "k_here": p.expand(k, "card here"), "uid": uid,
                      "challenge": challenge, "life_cycle": state, "admin_counter": counter},
                     c.presence(k, uid, challenge, state, counter))


def issuer_key_vectors():
    issuer, uid = fixed("issuer key"), fixed("card uid", 8)
    kiss = c.issuer_key_of(issuer, uid)
    yield Vector("card_issuer_key", "Kiss of one card, of the issuer's key", "accept",
                 {"family": "card_issuer_key", "issuer": issuer, "uid": uid,
                  "reset_transport_key": p.expand(kiss, "card reset", uid)}, kiss)


def order_vectors():
    uid, challenge = fixed("card uid", 8), fixed("card challenge", 16)
    proof = p.u32(7) + fixed("card order tag", 16)
    nothing = bytes(20)
    for name, ins, carried in (("proof", 0, nothing), ("deactivate", 0x04, proof), ("activate", 0x44, proof)):
        yield Vector(f"card_order_accept_{name}", "what T wants of a card", "accept",
                     {"family": "card_order", "uid": uid, "challenge": challenge, "ins": ins,
                      "n": 7 if ins else 0, "tag": carried[4:]}, c.order(uid, challenge, ins, carried))
    good = c.order(uid, challenge, 0x04, proof)
    for name, wire in (("empty", b""), ("cut", good[:-1]), ("trailing_byte", good + b"\0"), ("mark", b"\x51" + good[1:]),
                       ("terminate", c.order(uid, challenge, 0xE6, proof))):
        yield Vector(f"card_order_refuse_{name}", name.replace("_", " "), "refuse malformed", {"family": "card_order"}, wire)


def report_vectors():
    k, uid, challenge = fixed("card k"), fixed("card uid", 8), fixed("card challenge", 16)
    here = c.presence(k, uid, challenge, c.DEACTIVATED, 7)
    for name, status, presence, reader in (("here", 0x9000, here, "ACME Reader 00 00"), ("refused", 0x6982, here, "R"),
                                           ("absent", 0x6A82, bytes(21), ""), ("longest", 0x9000, here, "r" * 128)):
        yield Vector(f"card_report_accept_{name}", "what an agent says of it", "accept",
                     {"family": "card_report", "uid": uid, "status": status, "presence": presence,
                      "reader": reader}, c.report(uid, status, presence, reader))
    good = c.report(uid, 0x9000, here, "ACME")
    for name, wire in (("empty", b""), ("cut", good[:-1]), ("trailing_byte", good + b"\0"), ("mark", b"\x52" + good[1:]),
                       ("reader_129_bytes", c.report(uid, 0x9000, here, "r" * 129))):
        yield Vector(f"card_report_refuse_{name}", name.replace("_", " "), "refuse malformed", {"family": "card_report"}, wire)


def vectors():
    for family in (card_vectors, presence_vectors, issuer_key_vectors, order_vectors, report_vectors):
        yield from family()
