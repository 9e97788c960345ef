"""Another k (docs/protocol.md, section 4)."""

from countersign_tests import rekey as r

from .vector import Vector, fixed

K, SK = fixed("rekey k"), fixed("rekey sk")


def vectors():
    key = r.next_key(K, SK)
    fields = {"family": "rekey", "k": K, "sk": SK, "next": key}
    for name, note, wire in (("request", "A asks for it", r.request(key)), ("answer", "T has it", r.answer(key))):
        yield Vector(f"rekey_accept_{name}", note, "accept", {**fields, "message": name}, wire)
    good = r.request(key)
    for name, note, why, wire in (
            ("empty", "nothing at all", "malformed", b""),
            ("cut", "one byte short", "malformed", good[:-1]),
            ("trailing_byte", "one byte long", "malformed", good + b"\0"),
            ("type", "the answer's type", "malformed", r.answer(key)[:1] + good[1:]),
            ("flipped", "one bit of the proof", "bad_tag", good[:-1] + bytes([good[-1] ^ 1])),
            ("answer_as_request", "the proof of the other side", "bad_tag", good[:1] + r.answer(key)[1:]),
            ("present_key", "the proof of the present k", "bad_tag", r.request(K)),
            ("other_session", "made in another session", "bad_tag", r.request(r.next_key(K, fixed("rekey sk 2"))))):
        yield Vector(f"rekey_refuse_{name}", note, f"refuse {why}", {**fields, "message": "request"}, wire)
