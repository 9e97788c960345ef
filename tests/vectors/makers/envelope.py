"""Envelopes: accepted ones of every kind, and refused ones with the refusal's name."""

from countersign_tests import envelope as e
from countersign_tests import primitives as p

from .vector import Vector, fixed

SK = fixed("envelope sk")
K = fixed("envelope card k")
TOPIC = "plant/mote-3/temperature"
PAYLOAD = b"21.5"
ALL_PROPS = e.encode_props(1, "text/plain", "plant/mote-3/reply", b"\x00\x01\xff")


def header_line_fields(claim, *, topic, props, payload, form, direction="up"):
    header = claim.header
    keys = e.direction_keys(SK, direction)
    fields = {
        "family": "envelope",
        "form": form,
        "direction": direction,
        "sk": SK,
        "k_mac": keys.mac,
        "k_enc": keys.enc,
        "iv": keys.iv,
        "flags": header.flags,
        "kid": header.kid,
        "seq": header.seq,
        "topic": topic,
        "props": props,
        "payload": payload,
        "header": header.encode(),
        "tag": claim.tag,
    }
    if header.flags & e.ON_CARD:
        fields |= card_fields(header, topic, props, payload)
    return fields


def card_fields(header, topic, props, payload):
    card = e.card_keys(K, SK)
    digest = e.card_digest(card.bind, header, topic, props, payload)
    return {
        "k": K,
        "k_cc": card.cc,
        "card_bind": card.bind,
        "card_counter": header.card_counter,
        "card_digest": digest,
    }


def seal(flags, kid, seq, topic, props, payload, counter, direction):
    if not flags & e.ON_CARD:
        keys = e.direction_keys(SK, direction)
        return e.seal_claim(keys, e.Header(flags, kid, seq), topic, props, payload)
    card = e.card_keys(K, SK)
    checksum = lambda digest: (counter, e.card_checksum(card.cc, counter, digest))
    return e.seal_on_card(checksum, card.bind, e.Header(flags, kid, seq), topic, props, payload)


def accept(
    name, note, *, flags=0, kid=5, seq=7, topic=TOPIC, props=b"", payload=PAYLOAD, counter=9,
    form="payload", direction="up",
):
    claim = seal(flags, kid, seq, topic, props, payload, counter, direction)
    fields = header_line_fields(
        claim, topic=topic, props=props, payload=payload, form=form, direction=direction
    )
    card = e.card_keys(K, SK)
    keys = e.direction_keys(SK, direction)
    if form == "property":
        fields["cs1"], body = e.as_property(claim)
        parsed = e.parse_property(fields["cs1"], body)
    else:
        body = e.as_payload(claim)
        parsed = e.parse_payload(body)
    assert parsed == claim, name
    assert e.open_claim(keys, parsed, topic, props, card) == payload, name
    return Vector(f"envelope_accept_{name}", note, "accept", fields, body)


def accepted():
    yield accept("minimal", "smallest kid and seq, no payload", kid=1, seq=0, payload=b"")
    yield accept("plain", "a reading, signed")
    yield accept("down", "the same reading in the other direction", direction="down")
    yield accept("kid_largest_one_byte", "kid 127 takes one byte", kid=127)
    yield accept("kid_smallest_two_bytes", "kid 128 takes two bytes", kid=128)
    yield accept("kid_max", "the largest kid", kid=16383)
    for seq in (127, 128, 16383, 16384, 2097151, 2097152, p.MAX_SEQ):
        size = len(p.vbi(seq))
        name = "seq_max" if seq == p.MAX_SEQ else f"seq_{seq}"
        yield accept(name, f"seq {seq} takes {size} byte{'s' if size > 1 else ''}", seq=seq)
    yield accept("all_max", "largest kid and seq, on card: the longest header",
                 flags=e.ON_CARD, kid=16383, seq=p.MAX_SEQ, counter=2**32 - 1)
    names = {0: "plain", 1: "sealed", 2: "retain", 3: "sealed_retain", 4: "short", 6: "short_retain",
             8: "card", 10: "card_retain"}
    for flags, name in names.items():
        yield accept(f"flags_{name}", f"flags {flags}", flags=flags)
        yield accept(f"flags_{name}_empty", f"flags {flags}, empty payload", flags=flags, payload=b"")
        yield accept(f"flags_{name}_props", f"flags {flags}, all properties, seq over one byte",
                     flags=flags, props=ALL_PROPS, kid=300, seq=70000)
        yield accept(f"property_{name}", f"flags {flags} in the user property cs1", flags=flags,
                     form="property", props=ALL_PROPS)
    yield accept("property_empty", "user property cs1, empty payload", form="property", payload=b"")
    yield accept("property_looks_like_envelope", "with cs1 the payload is never parsed as an envelope",
                 form="property", payload=bytes.fromhex("c00507") + bytes(16))
    for name, props in {
        "payload_format": e.encode_props(payload_format=0),
        "content_type": e.encode_props(content_type="application/json"),
        "response_topic": e.encode_props(response_topic="a/b"),
        "correlation_data": e.encode_props(correlation_data=b""),
    }.items():
        yield accept(f"props_{name}", f"only {name.replace('_', ' ')} present", props=props)
    yield accept("topic_utf8", "a topic outside ASCII", topic="anlage/kühlung/°C")
    yield accept("payload_binary", "every byte value", payload=bytes(range(256)))
    yield accept("payload_600_bytes", "longer than one hash block several times", payload=bytes(600))
    yield accept("sealed_600_bytes", "many AES blocks", flags=1, payload=fixed("long", 600))
    yield accept("topic_like_props", "lengths keep topic, props and payload apart",
                 topic="a", props=e.encode_props(content_type="b"), payload=b"c")


def refuse(name, why, note, body, *, topic=TOPIC, props=b"", form="payload", cs1=None, extra=None):
    """Made from bytes as they are; checked against the parser and the keys of this file."""
    keys = e.direction_keys(SK, "up")
    fields = {"family": "envelope", "form": form, "direction": "up", "sk": SK, "k_mac": keys.mac,
              "k_enc": keys.enc, "iv": keys.iv, "kid": 5, "topic": topic, "props": props, "k": K}
    if cs1 is not None:
        values = [cs1] if isinstance(cs1, str) else cs1
        fields["cs1"] = values[0]
        if len(values) > 1:
            fields["cs1_second"] = values[1]
    fields |= extra or {}
    try:
        claim = e.parse_payload(body) if form == "payload" else e.parse_property(cs1, body)
        e.open_claim(keys, claim, topic, props, e.card_keys(K, SK))
        raise AssertionError(f"{name} was accepted")
    except p.Refused as refused:
        assert refused.why == why, (name, refused)
    return Vector(f"envelope_refuse_{name}", note, f"refuse {why}", fields, body)


def plain(flags=0, topic=TOPIC, props=b"", payload=PAYLOAD, kid=5, seq=7):
    return seal(flags, kid, seq, topic, props, payload, 9, "up")


def flipped(data, byte, bit):
    out = bytearray(data)
    out[byte] ^= 1 << bit
    return bytes(out)


def refused_by_tag():
    wire = e.as_payload(plain())
    yield refuse("topic_moved", "bad_tag", "a reading replayed under another topic", wire,
                 topic="plant/mote-4/temperature")
    yield refuse("topic_byte_moved_to_body", "bad_tag", "one byte moved from topic to body",
                 wire[:3] + b"e" + wire[3:], topic=TOPIC[:-1])
    with_props = e.as_payload(plain(props=ALL_PROPS))
    yield refuse("props_dropped", "bad_tag", "properties removed on the way", with_props)
    yield refuse("props_changed", "bad_tag", "another response topic", with_props,
                 props=e.encode_props(1, "text/plain", "plant/mote-3/other", b"\x00\x01\xff"))
    yield refuse("props_added", "bad_tag", "a property added on the way", wire,
                 props=e.encode_props(payload_format=1))
    for name, flags in {"plain": 0, "sealed": 1, "short": 4, "card": 8}.items():
        good = e.as_payload(plain(flags))
        header = len(plain(flags).header.encode())
        yield refuse(f"{name}_seq_changed", "bad_tag", "seq raised by one", flipped(good, 2, 3))
        yield refuse(f"{name}_retain_added", "bad_tag", "retain intent set on the way", flipped(good, 0, 1))
        yield refuse(f"{name}_body_flipped", "bad_tag", "one bit of the body", flipped(good, header, 0))
        yield refuse(f"{name}_tag_flipped", "bad_tag", "last bit of the tag", flipped(good, -1, 0))
        yield refuse(f"{name}_one_byte_short", "bad_tag", "last byte cut off", good[:-1])
        yield refuse(f"{name}_one_byte_long", "bad_tag", "one byte appended", good + b"\0")
    yield refuse("card_counter_changed", "bad_tag", "card counter raised by one",
                 flipped(e.as_payload(plain(8)), 6, 1))
    yield refuse("down_as_up", "bad_tag", "a notice of T sent back to it", e.as_payload(
        e.seal_claim(e.direction_keys(SK, "down"), e.Header(0, 5, 7), TOPIC, b"", PAYLOAD)))
    yield refuse("full_tag_shortened", "bad_tag", "short flag set and the tag cut to 8 bytes",
                 flipped(wire, 0, 2)[:-8])
    yield refuse("plain_passed_off_as_sealed", "bad_tag", "sealed flag set", flipped(wire, 0, 0))
    yield refuse("sealed_passed_off_as_plain", "bad_tag", "sealed flag cleared",
                 flipped(e.as_payload(plain(1)), 0, 0))
    cs1, body = e.as_property(plain())
    yield refuse("property_body_changed", "bad_tag", "cs1 kept, payload changed", b"99.9",
                 form="property", cs1=cs1)


def refused_unsigned():
    tag = bytes(16)
    unsigned = {
        "empty": ("nothing at all", b""),
        "text": ("a plain reading", b"21.5"),
        "json": ("JSON", b'{"temperature":21.5}'),
        "zero_byte": ("one byte", b"\0"),
        "mark_d": ("0xD in the upper half: no envelope of this version", b"\xd0\x05\x07" + tag),
        "mark_e": ("0xE in the upper half: no envelope of this version", b"\xe0\x05\x07" + tag),
        "mark_f": ("every bit of the first byte", b"\xff\x05\x07" + tag),
        "mark_8": ("0x8 in the upper half", b"\x80\x05\x07" + tag),
        "mark_4": ("0x4 in the upper half", b"\x40\x05\x07" + tag),
    }
    for name, (note, body) in unsigned.items():
        yield refuse(f"unsigned_{name}", "unsigned", note, body)


def refused_by_form():
    tag = bytes(16)
    malformed = {
        "only_first_byte": ("cut after the first byte", b"\xc0"),
        "kid_cut": ("cut inside kid", b"\xc0\x85"),
        "seq_missing": ("cut after kid", b"\xc0\x05"),
        "seq_cut": ("cut inside seq", b"\xc0\x05\x87"),
        "tag_missing": ("cut after seq", b"\xc0\x05\x07"),
        "tag_15_bytes": ("one byte too few for a tag", b"\xc0\x05\x07" + tag[:15]),
        "short_tag_7_bytes": ("one byte too few for a short tag", b"\xc4\x05\x07" + tag[:7]),
        "sealed_tag_15_bytes": ("sealed, one byte too few for a tag", b"\xc1\x05\x07" + tag[:15]),
        "card_counter_missing": ("on-card, cut after seq", b"\xc8\x05\x07"),
        "card_counter_cut": ("on-card, counter of three bytes", b"\xc8\x05\x07\0\0\x09"),
        "card_tag_15_bytes": ("on-card, one byte too few", b"\xc8\x05\x07\0\0\0\x09" + tag[:15]),
        "kid_zero": ("kid 0 is no session", b"\xc0\x00\x07" + tag),
        "kid_not_minimal": ("kid 5 in two bytes", b"\xc0\x85\x00\x07" + tag),
        "kid_zero_in_two_bytes": ("kid 0 in two bytes", b"\xc0\x80\x00\x07" + tag),
        "kid_16384": ("one over the largest kid", b"\xc0\x80\x80\x01\x07" + tag),
        "seq_not_minimal": ("seq 7 in two bytes", b"\xc0\x05\x87\x00" + tag),
        "seq_zero_in_four_bytes": ("seq 0 in four bytes", b"\xc0\x05\x80\x80\x80\x00" + tag),
        "seq_five_bytes": ("seq 2^28", b"\xc0\x05\x80\x80\x80\x80\x01" + tag),
        "sealed_short": ("sealed and short", b"\xc5\x05\x07" + tag),
        "sealed_card": ("sealed and on-card", b"\xc9\x05\x07\0\0\0\x09" + tag),
        "card_short": ("on-card and short", b"\xcc\x05\x07\0\0\0\x09" + tag),
        "all_flags": ("every flag", b"\xcf\x05\x07\0\0\0\x09" + tag),
        "sealed_short_retain": ("sealed, short, retain", b"\xc7\x05\x07" + tag),
        "sealed_card_retain": ("sealed, on-card, retain", b"\xcb\x05\x07\0\0\0\x09" + tag),
        "sealed_card_short": ("sealed, on-card, short", b"\xcd\x05\x07\0\0\0\x09" + tag),
        "card_short_retain": ("on-card, short, retain", b"\xce\x05\x07\0\0\0\x09" + tag),
    }
    for name, (note, body) in malformed.items():
        yield refuse(name, "malformed", note, body)


def refused_property():
    claim = plain()
    cs1, body = e.as_property(claim)
    raw = p.from_base64url(cs1)
    assert len(raw) % 3 == 1, "the last character then has four unused bits"
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    stray = cs1[:-1] + last[last.index(cs1[-1]) + 1]
    other, _ = e.as_property(plain(seq=8))
    broken = {
        "padded": ("padded base64", cs1 + "=="),
        "stray_bits": ("unused low bits are set", stray),
        "plain_alphabet": ("'+' is of the other base64 alphabet", "+" + cs1[1:]),
        "impossible_length": ("4n+1 characters", cs1 + "AAA"),
        "blank_inside": ("a blank in the middle", cs1[:8] + " " + cs1[8:]),
        "empty": ("an empty property", ""),
        "tag_missing": ("header alone", p.base64url(claim.header.encode())),
        "one_byte_short": ("tag of 15 bytes", p.base64url(raw[:-1])),
        "one_byte_long": ("a byte after the tag", p.base64url(raw + b"\0")),
        "body_inside": ("a whole envelope inside the property", p.base64url(e.as_payload(claim))),
        "kid_not_minimal": ("kid 5 in two bytes", p.base64url(b"\xc0\x85\x00" + raw[2:])),
        "sealed_short": ("flags exclude each other", p.base64url(b"\xc5" + raw[1:])),
        "mark_d": ("0xD in the upper half of the first byte", p.base64url(b"\xd0" + raw[1:])),
    }
    for name, (note, text) in broken.items():
        yield refuse(f"property_{name}", "malformed", note, body, form="property", cs1=text)
    yield refuse("property_twice", "malformed", "two cs1 properties, each good for itself", body,
                 form="property", cs1=[cs1, other])
    yield refuse("property_twice_same", "malformed", "the same cs1 property twice", body,
                 form="property", cs1=[cs1, cs1])


def vectors():
    yield from accepted()
    yield from refused_by_tag()
    yield from refused_unsigned()
    yield from refused_by_form()
    yield from refused_property()
