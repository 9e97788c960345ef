"""A+ transcripts of both suites, and messages that must be refused although they open."""

from countersign_tests import envelope as e
from countersign_tests import handshake as h
from countersign_tests import primitives as p
from countersign_tests.session import Receipt

from .vector import Vector, fixed

K = fixed("a+ k")
LOW_ORDER = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")


def run(suite, *, identity="mote-3", server_id="broker.plant-1", epoch=1, kid=5, receipt=Receipt()):
    device = h.DeviceSide(
        identity=identity, server_id=server_id, suite=suite, epoch=epoch, r1=fixed("a+ r1", 16),
        n1_secret=fixed("a+ n1"), n3=fixed("a+ n3"), k=K,
    )
    server = h.ServerSide(device.m1, K, server_id)
    m2 = server.answer(
        r2=fixed("a+ r2", 16), n2_secret=fixed("a+ n2"), auth_code=fixed("a+ auth code", 16), kid=kid
    )
    m3 = device.answer(m2)
    session = server.accept(m3)
    finished = server.finished(receipt)
    own, told = device.finish(finished)
    assert own.sk == session.sk and own.auth_code == session.auth_code and told == receipt
    return device, server, m2, m3, finished, session


def inputs(device, server, receipt):
    dh = device.suite == h.SUITE_DH
    fields = {
        "family": "a+",
        "suite": device.suite,
        "ida": device.identity,
        "idt": device.server_id,
        "k": K,
        "epoch": server.epoch,
        "r1": fixed("a+ r1", 16),
    }
    fields |= {"n1_private": device.n1_secret} if dh else {}
    fields |= {"n1": device.n1, "r2": fixed("a+ r2", 16)}
    fields |= {"n2_private": fixed("a+ n2")} if dh else {}
    return fields | {
        "n2": server.n2,
        "auth_code": server.auth_code,
        "kid": server.kid,
        "n3": device.n3,
        "receipt_kid": receipt.kid,
        "receipt_edge": receipt.edge,
        "receipt_bitmap": p.u64(receipt.bitmap),
    }


def session_keys(sk, k):
    up, down = e.direction_keys(sk, "up"), e.direction_keys(sk, "down")
    return {
        "up_mac": up.mac, "up_enc": up.enc, "up_iv": up.iv,
        "down_mac": down.mac, "down_enc": down.enc, "down_iv": down.iv,
        "resume_key": p.expand(sk, "resume"),
        "fin_key": p.expand(sk, "fin"),
        "card_bind": p.expand(sk, "card bind"),
        "k_cc": p.expand(k, "card cc"),
    }


def transcript(name, note, suite, receipt=Receipt(), **changes):
    device, server, m2, m3, finished, session = run(suite, receipt=receipt, **changes)
    fields = inputs(device, server, receipt)
    fields |= {"hk": device.hk, "k1": h.key1(device.hk), "m1": device.m1, "th1": device.th1}
    fields |= {"k2": h.key2(device.hk, device.th1, fixed("a+ r2", 16)), "m2": m2, "th2": device.th2}
    fields |= {"k3": h.key3(device.hk, device.th2), "m3": m3, "th3": device.th3}
    fields |= {"sess": p.expand(device.hk, "sess")}
    fields |= {"dh": p.dh(device.n1_secret, device.n2)} if suite == h.SUITE_DH else {}
    fields |= {"ikm": device.ikm, "sk": session.sk} | session_keys(session.sk, K)
    fields |= {"receipt": receipt.encode(), "finished": finished}
    return Vector(f"aplus_accept_{name}", note, "accept", fields)


def accepted():
    receipt = Receipt.of(4, set(range(30, 95)) - {40, 41, 90})
    for suite, kind in ((1, "X25519"), (2, "random nonces")):
        yield transcript(f"suite{suite}", f"suite {suite}, {kind}, first epoch", suite)
        yield transcript(f"suite{suite}_receipt", f"suite {suite}, finished carries a receipt", suite,
                         receipt=receipt, epoch=77)
        yield transcript(f"suite{suite}_shortest", "identities of one byte", suite, identity="a",
                         server_id="T", kid=1)
        yield transcript(f"suite{suite}_longest", "64-byte identities, greatest epoch and kid", suite,
                         identity="A" * 60 + "_-.9", server_id="z" * 64, epoch=p.MAX_EPOCH, kid=16383,
                         receipt=Receipt(16383, 2**28, 2**64 - 1))


def sealed_m1(*, suite=1, identity="mote-3", server_id="broker.plant-1", epoch=1, n1=None, first=h.M1):
    """An m1 that opens under its own hk, whatever its fields hold."""
    r1 = fixed("a+ r1", 16)
    hk = h.handshake_key(K, identity, server_id, epoch, r1)
    aad = p.u8(first) + p.u8(suite) + p.s8(identity) + p.s8(server_id) + p.u32(epoch) + r1
    return aad + p.aead_seal(h.key1(hk), h.ZERO_NONCE, aad, n1 or p.dh_public(fixed("a+ n1")))


def common(message):
    return {"family": "a+", "message": message, "suite": 1, "ida": "mote-3",
            "idt": "broker.plant-1", "k": K}


def refused_m1():
    good = sealed_m1()
    cases = {
        "type": ("malformed", "another message type", sealed_m1(first=0x15)),
        "suite_0": ("malformed", "suite 0", sealed_m1(suite=0)),
        "suite_3": ("malformed", "suite 3", sealed_m1(suite=3)),
        "identity_empty": ("malformed", "identity of no bytes", sealed_m1(identity="")),
        "identity_65_bytes": ("malformed", "identity of 65 bytes", sealed_m1(identity="a" * 65)),
        "identity_slash": ("malformed", "a slash in the identity", sealed_m1(identity="mote/3")),
        "identity_tilde": ("malformed", "a tilde in the identity", sealed_m1(identity="mote-3~x")),
        "identity_nul": ("malformed", "a NUL in the identity", sealed_m1(identity="mote-3\0")),
        "server_empty": ("malformed", "server identity of no bytes", sealed_m1(server_id="")),
        "epoch_2_28": ("malformed", "epoch 2^28", sealed_m1(epoch=2**28)),
        "trailing_byte": ("malformed", "one byte too many", good + b"\0"),
        "cut": ("malformed", "one byte too few", good[:-1]),
        "empty": ("malformed", "nothing", b""),
        "only_type": ("malformed", "type alone", good[:1]),
        "flipped": ("bad_handshake", "last bit of the tag", good[:-1] + bytes([good[-1] ^ 1])),
        "other_server": ("bad_handshake", "for another server", sealed_m1(server_id="broker.plant-2")),
        "epoch_changed": ("bad_handshake", "epoch raised without the key",
                          good.replace(p.u32(1) + fixed("a+ r1", 16), p.u32(2) + fixed("a+ r1", 16))),
        "low_order": ("bad_handshake", "N1 of low order: DH gives zeros", sealed_m1(n1=LOW_ORDER)),
        "zero_point": ("bad_handshake", "N1 is zero: DH gives zeros", sealed_m1(n1=bytes(32))),
    }
    for name, (why, note, wire) in cases.items():
        check(lambda w=wire: h.ServerSide(w, K, "broker.plant-1").answer(
            r2=fixed("a+ r2", 16), n2_secret=fixed("a+ n2"), auth_code=bytes(16), kid=1), why, name)
        yield Vector(f"aplus_refuse_m1_{name}", note, f"refuse {why}", common("m1"), wire)


def check(act, why, name):
    try:
        act()
    except p.Refused as refused:
        assert refused.why == why, (name, refused)
        return
    raise AssertionError(f"{name} was accepted")


def fresh_device():
    return h.DeviceSide(
        identity="mote-3", server_id="broker.plant-1", suite=1, epoch=1, r1=fixed("a+ r1", 16),
        n1_secret=fixed("a+ n1"), n3=fixed("a+ n3"), k=K,
    )


def sealed_m2(*, suite=1, kid=5, n2=None, inner_extra=b"", first=h.M2):
    device = fresh_device()
    r2 = fixed("a+ r2", 16)
    aad = p.u8(first) + p.u8(suite) + r2
    plain = (n2 or p.dh_public(fixed("a+ n2"))) + fixed("a+ auth code", 16) + p.u16(kid) + inner_extra
    return aad + p.aead_seal(h.key2(device.hk, device.th1, r2), h.ZERO_NONCE, aad, plain)


def device_fields(message):
    fields = {key: value for key, value in common(message).items()}
    return fields | {"epoch": 1, "r1": fixed("a+ r1", 16), "n1_private": fixed("a+ n1"),
                     "n3": fixed("a+ n3"), "m1": fresh_device().m1}


def refused_m2():
    cases = {
        "type": ("malformed", "another message type", sealed_m2(first=0x11)),
        "suite_2": ("bad_handshake", "suite differs from m1's", sealed_m2(suite=2)),
        "suite_0": ("malformed", "suite 0", sealed_m2(suite=0)),
        "kid_zero": ("malformed", "kid 0", sealed_m2(kid=0)),
        "kid_16384": ("malformed", "kid over the largest", sealed_m2(kid=16384)),
        "inner_byte": ("malformed", "a byte too many, authenticated", sealed_m2(inner_extra=b"\0")),
        "cut": ("malformed", "one byte too few", sealed_m2()[:-1]),
        "low_order": ("bad_handshake", "N2 of low order: DH gives zeros", sealed_m2(n2=LOW_ORDER)),
        "flipped": ("bad_handshake", "first bit of r2",
                    sealed_m2()[:2] + bytes([sealed_m2()[2] ^ 128]) + sealed_m2()[3:]),
    }
    for name, (why, note, wire) in cases.items():
        check(lambda w=wire: fresh_device().answer(w), why, name)
        yield Vector(f"aplus_refuse_m2_{name}", note, f"refuse {why}", device_fields("m2"), wire)


def refused_m3():
    device, server, m2, m3, _, _ = run(1)
    def sealed(first=h.M3, suite=1, n3=device.n3):
        aad = p.u8(first) + p.u8(suite)
        return aad + p.aead_seal(h.key3(server.hk, server.th2), h.ZERO_NONCE, aad, n3)
    assert sealed() == m3
    cases = {
        "type": ("malformed", "another message type", sealed(first=0x14)),
        "suite_2": ("bad_handshake", "suite differs from m1's", sealed(suite=2)),
        "suite_3": ("malformed", "unknown suite", sealed(suite=3)),
        "inner_byte": ("malformed", "a byte too many, authenticated", sealed(n3=device.n3 + b"\0")),
        "inner_short": ("malformed", "a byte too few, authenticated", sealed(n3=device.n3[:-1])),
        "flipped": ("bad_handshake", "last bit", m3[:-1] + bytes([m3[-1] ^ 1])),
    }
    for name, (why, note, wire) in cases.items():
        check(lambda w=wire: server.accept(w), why, name)
        fields = device_fields("m3") | {"r2": fixed("a+ r2", 16), "n2_private": fixed("a+ n2"),
                                        "auth_code": server.auth_code, "kid": 5, "m2": m2}
        yield Vector(f"aplus_refuse_m3_{name}", note, f"refuse {why}", fields, wire)


def refused_finished():
    device, server, m2, m3, finished, _ = run(1)
    cases = {
        "type": ("malformed", "another message type", b"\x13" + finished[1:]),
        "cut": ("malformed", "one byte too few", finished[:-1]),
        "trailing_byte": ("malformed", "one byte too many", finished + b"\0"),
        "receipt_changed": ("bad_handshake", "receipt edge raised",
                            finished[:6] + bytes([finished[6] ^ 1]) + finished[7:]),
        "flipped": ("bad_handshake", "last bit", finished[:-1] + bytes([finished[-1] ^ 1])),
        "zero_tag": ("bad_handshake", "tag of zeros", finished[:15] + bytes(16)),
    }
    for name, (why, note, wire) in cases.items():
        check(lambda w=wire: device.finish(w), why, name)
        fields = device_fields("finished") | {"m2": m2, "m3": m3}
        yield Vector(f"aplus_refuse_finished_{name}", note, f"refuse {why}", fields, wire)


def vectors():
    yield from accepted()
    yield from refused_m1()
    yield from refused_m2()
    yield from refused_m3()
    yield from refused_finished()
