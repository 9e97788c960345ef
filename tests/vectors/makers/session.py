"""Resume proofs, will commitments, receipts, relays, sealed administration, encodings."""

import json

from countersign_tests import envelope as e
from countersign_tests import primitives as p
from countersign_tests import session as s

from .vector import Vector, fixed

SK = fixed("session sk")
KID = 300


def resume(name, note, expect, *, password, n, kid=KID, client_id="mote-3", last_n=0):
    fields = {"family": "resume", "sk": SK, "resume_key": p.expand(SK, "resume"), "kid": kid, "n": n,
              "last_n": last_n, "client_id": client_id, "password": password}
    try:
        assert s.check_resume_password(SK, kid, last_n, client_id, password) == n
        assert expect == "accept", name
    except p.Refused as refused:
        assert expect == f"refuse {refused.why}", (name, refused)
    body = b"" if expect == "refuse malformed" else p.from_base64url(password)
    return Vector(f"resume_{name}", note, expect, fields, body)


def resume_vectors():
    for name, kid, n, client_id, last_n in (
        ("first", KID, 1, "mote-3", 0),
        ("suffix", KID, 7, "mote-3~terminal-2", 6),
        ("jump", 1, 2**32 - 1, "a", 12),
        ("kid_max", 16383, 5, "A" * 64 + "~" + "x" * 60, 4),
    ):
        yield resume(f"accept_{name}", "a proof whose n rises", "accept", n=n, kid=kid, client_id=client_id,
                     last_n=last_n, password=s.resume_password(SK, kid, n, client_id))
    good = s.resume_password(SK, KID, 7, "mote-3")
    raw = p.from_base64url(good)
    cases = {
        "other_client_id": ("refuse bad_tag", good, {"client_id": "mote-3~x"}),
        "same_n": ("refuse replayed", good, {"last_n": 7}),
        "lower_n": ("refuse replayed", good, {"last_n": 8}),
        "n_raised": ("refuse bad_tag", p.base64url(raw[:5] + b"\x08" + raw[6:]), {}),
        "other_kid": ("refuse unknown_kid", good, {"kid": 301}),
        "flipped": ("refuse bad_tag", p.base64url(raw[:-1] + bytes([raw[-1] ^ 1])), {}),
        "short": ("refuse malformed", p.base64url(raw[:-1]), {}),
        "long": ("refuse malformed", p.base64url(raw + b"\0"), {}),
        "padded": ("refuse malformed", good + "=", {}),
        "blank": ("refuse malformed", good[:-1] + " .", {}),
    }
    for name, (expect, password, changes) in cases.items():
        yield resume(f"refuse_{name}", name.replace("_", " "), expect, n=7, password=password, **changes)


def will_vectors():
    props = e.encode_props(payload_format=1, content_type="text/plain")
    for name, n, client_id, topic, payload, props, qos, retain in (
        ("plain", 3, "mote-3", "plant/mote-3/status", b"offline", b"", 0, 0),
        ("raised_connection", 0, "~0123456789abcdefghijkl", "plant/mote-3/status", b"offline", b"", 1, 0),
        ("retained_props", 2**32 - 1, "mote-3~b", "plant/mote-3/status", b"offline", props, 2, 1),
        ("empty_payload", 1, "mote-3", "a", b"", b"", 0, 1),
    ):
        commitment = s.will_commitment(n, client_id, topic, payload, props=props, qos=qos, retain=retain)
        yield Vector(f"will_{name}", "the commitment to a will", "accept", {
            "family": "will", "n": n, "client_id": client_id, "topic": topic, "props": props, "payload": payload,
            "qos": qos, "retain": retain, "digest": s.will_digest(client_id, topic, props, payload, qos, retain),
        }, commitment)


def receipt_vectors():
    everything = s.Receipt(16383, 2**28, 2**64 - 1)
    for name, receipt in (
        ("none", s.Receipt()),
        ("one", s.Receipt.of(5, {0})),
        ("gaps", s.Receipt.of(KID, {100, 99, 97, 90, 37})),
        ("full", everything),
    ):
        accepted = " ".join(str(n) for n in range(receipt.edge - 64, receipt.edge) if n >= 0 and receipt.accepted(n))
        fields = {"family": "receipt", "kid": receipt.kid, "edge": receipt.edge, "bitmap": p.u64(receipt.bitmap),
                  "accepted": accepted, "in_finished": receipt.encode()}
        yield Vector(f"receipt_{name}", "seqs in 'accepted' are the ones its bits name", "accept", fields,
                     s.receipt_payload(receipt))
    for kid in (1, KID, 16383):
        yield Vector(f"receipt_request_{kid}", "a request for a receipt", "accept",
                     {"family": "receipt_request", "kid": kid}, s.receipt_request(kid))


def sealed_json(name, note, direction, topic, message, seq):
    text = json.dumps(message, separators=(",", ":"))
    keys = e.direction_keys(SK, direction)
    claim = e.seal_claim(keys, e.Header(e.SEALED, KID, seq), topic, b"", text)
    fields = {"family": "admin", "direction": direction, "sk": SK, "k_enc": keys.enc, "iv": keys.iv,
              "kid": KID, "seq": seq, "topic": topic, "props": b"", "nonce": keys.nonce(seq), "json": text}
    return Vector(f"admin_{name}", note, "accept", fields, e.as_payload(claim))


def admin_vectors():
    command = {"command": "listDevices", "correlationData": "1"}
    yield sealed_json("request", "a sealed command", "up", s.ADMIN_TOPIC, {"commands": [command]}, 1)
    yield sealed_json("reply", "its sealed reply", "down", s.admin_reply_topic("alice~0"),
                      {"responses": [command | {"data": {"devices": []}}]}, 1)


def notice_vectors():
    keys = e.direction_keys(SK, "down")
    topic = s.notice_topic("mote-3")
    for name, payload, seq in (
        ("replayed", b'{"v":1,"why":"replayed","seq":41}', 1),
        ("receipt", s.receipt_payload(s.Receipt.of(KID, {1, 2, 4})), 2),
    ):
        claim = e.seal_claim(keys, e.Header(0, KID, seq), topic, b"", payload)
        yield Vector(f"notice_{name}", "a down envelope of T", "accept", {
            "family": "notice", "direction": "down", "sk": SK, "k_mac": keys.mac, "kid": KID, "seq": seq,
            "topic": topic, "props": b"", "payload": payload}, e.as_payload(claim))


def relay_vectors():
    for name, identity, payload in (("short", "a", b""), ("m1", "A" * 64, b"\x11\x01rest")):
        yield Vector(f"relay_accept_{name}", "a relayed payload", "accept",
                     {"family": "relay", "identity": identity, "payload": payload}, s.relayed(identity, payload))
    for name, wire in (("empty", b""), ("identity_cut", b"\x60\x05mote"), ("identity_empty", b"\x60\x00x"),
                       ("identity_65_bytes", b"\x60\x41" + b"a" * 65), ("identity_plus", b"\x60\x03a+b")):
        try:
            s.parse_relayed(wire)
            raise AssertionError(name)
        except p.Refused:
            yield Vector(f"relay_refuse_{name}", name.replace("_", " "), "refuse malformed",
                         {"family": "relay"}, wire)


def encoding_vectors():
    for data in (b"", b"\0", b"\xff\xfe", b"abc", bytes(range(256)), bytes.fromhex("fbefbeffff")):
        yield Vector(f"base64url_accept_{len(data)}", "both ways", "accept",
                     {"family": "base64url", "text": p.base64url(data)}, data)
    for name, text in {"padded": "AA==", "half_padded": "AAA=", "one_character": "A", "five_characters": "AAAAA",
                       "plus": "+AAA", "slash": "/AAA", "blank": "AA AA", "dot": "AA.A",
                       "stray_bits_2": "AB", "stray_bits_3": "AAB", "outside_ascii": "AAé"}.items():
        try:
            p.from_base64url(text)
            raise AssertionError(name)
        except p.Refused:
            yield Vector(f"base64url_refuse_{name}", name.replace("_", " "), "refuse malformed",
                         {"family": "base64url", "text": text})
    for n in (0, 1, 127, 128, 16383, 16384, 2097151, 2097152, p.MAX_VBI):
        yield Vector(f"vbi_accept_{n}", "both ways", "accept", {"family": "vbi", "value": n}, p.vbi(n))
    for name, wire in {"empty": "", "cut_1": "80", "cut_2": "ff80", "cut_3": "ffff80", "five_bytes": "8080808001",
                       "five_full": "ffffffff7f", "not_minimal_2": "8000", "not_minimal_3": "ffff00",
                       "not_minimal_4": "80808000"}.items():
        yield Vector(f"vbi_refuse_{name}", name.replace("_", " "), "refuse malformed", {"family": "vbi"},
                     bytes.fromhex(wire))
    for label, context in (("up mac", b""), ("a+ hk", b"\x01a\x01b"), ("x", bytes(200))):
        key = fixed("expand key")
        yield Vector(f"expand_{label.replace(' ', '_').replace('+', 'plus')}", "Expand(key, label, context)", "accept",
                     {"family": "expand", "key": key, "label": label, "context": context},
                     p.expand(key, label, context))


def vectors():
    for family in (resume_vectors, will_vectors, receipt_vectors, admin_vectors, notice_vectors, relay_vectors,
                   encoding_vectors):
        yield from family()
