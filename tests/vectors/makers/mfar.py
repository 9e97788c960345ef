"""Queries of MFA_R's second step and what a registration answers them."""

from countersign_tests import mfar
from countersign_tests import primitives as p

from .vector import Vector, fixed

FIELDS = [
    ("uuid", bytes.fromhex("00112233445566778899aabbccddeeff")),
    ("serial", b"SN-0042"),
    ("one", b"\x80"),
    ("empty", b""),
    ("longest", fixed("mfar longest value", 255)),
    ("too-long", fixed("mfar too long value", 256)),
    ("A" * 28 + "z._-", b"0123456789"),
    ("twice", b"first of its name"),
    ("twice", b"second of its name"),
]
LONGEST = "uuid;mask(" + "5a" * 53 + ");rotate(10)"
assert len(LONGEST) == mfar.MAX_QUERY_BYTES

ACCEPTED = {
    "field_alone": ("the field as it is", "uuid"),
    "field_longest_name": ("a field's name of 32 bytes", "A" * 28 + "z._-"),
    "field_longest_value": ("a value of 255 bytes", "longest"),
    "slice_all": ("a slice of everything", "serial;slice(0,7)"),
    "slice_first": ("one byte at the beginning", "serial;slice(0,1)"),
    "slice_last": ("one byte at the end", "serial;slice(6,1)"),
    "slice_overlapping": ("a slice that overlaps where it came from", "longest;slice(1,254)"),
    "rotate_0": ("rotate by nothing", "serial;rotate(0)"),
    "rotate_1": ("rotate to the left by one", "serial;rotate(1)"),
    "rotate_length": ("rotate by the length", "serial;rotate(7)"),
    "rotate_over": ("rotate by more than the length", "serial;rotate(16)"),
    "rotate_greatest": ("the greatest number", "longest;rotate(65535)"),
    "rotate_one_byte": ("rotate a single byte", "one;rotate(3)"),
    "flip": ("reverse the order of the bytes", "serial;flip"),
    "flip_even": ("reverse an even number of bytes", "uuid;flip"),
    "mask_shorter": ("a mask that repeats and ends in the middle", "serial;mask(0f10)"),
    "mask_same": ("a mask of the value's own length", "one;mask(80)"),
    "mask_longer": ("the rest of a mask longer than the value does nothing", "one;mask(0f1011)"),
    "ops_in_order": ("operations work from left to right", "uuid;rotate(3);slice(1,9);flip;mask(ff00a5)"),
    "ops_in_other_order": ("the same in another order", "uuid;mask(ff00a5);flip;slice(1,9);rotate(3)"),
    "ops_8": ("as many operations as may be", "uuid" + ";flip;rotate(1)" * 4),
    "128_bytes": ("a query of 128 bytes", LONGEST),
}

MALFORMED = {
    "nothing": ("no field", ""),
    "field_empty": ("a field of no bytes", ";flip"),
    "field_33_bytes": ("a field's name of 33 bytes", "A" * 33),
    "field_blank": ("a blank in a field's name", "a b"),
    "field_slash": ("a slash in a field's name", "a/b"),
    "field_nul": ("a NUL in a field's name", "uuid\0"),
    "field_utf8": ("no ASCII in a field's name", "uuïd"),
    "129_bytes": ("a query of 129 bytes", LONGEST.replace("(10)", "(100)")),
    "ops_9": ("an operation too many", "uuid" + ";flip" * 9),
    "op_empty": ("an empty operation", "uuid;;flip"),
    "op_missing": ("a semicolon at the end", "uuid;"),
    "op_unknown": ("an unknown operation", "uuid;xor(00)"),
    "op_upper_case": ("an operation in capitals", "uuid;FLIP"),
    "op_no_semicolon": ("two operations in one", "uuid;flipflip"),
    "flip_parentheses": ("flip takes nothing", "uuid;flip()"),
    "blank_after_semicolon": ("a blank before an operation", "uuid; flip"),
    "blank_in_slice": ("a blank in a slice", "uuid;slice(1, 2)"),
    "blank_at_end": ("a blank at the end", "uuid;flip "),
    "newline_at_end": ("a line break at the end", "uuid;flip\n"),
    "slice_one_number": ("a slice without a length", "uuid;slice(1)"),
    "slice_three_numbers": ("a slice of three numbers", "uuid;slice(1,2,3)"),
    "slice_no_begin": ("a slice without a beginning", "uuid;slice(,2)"),
    "slice_no_length": ("a slice with a comma and no length", "uuid;slice(1,)"),
    "slice_empty": ("a slice of no bytes", "uuid;slice(1,0)"),
    "slice_open": ("a slice that does not end", "uuid;slice(1,2"),
    "slice_leading_zero": ("a number that is not minimal", "uuid;slice(01,2)"),
    "slice_two_zeros": ("zero in two digits", "uuid;slice(00,2)"),
    "rotate_negative": ("a number below zero", "uuid;rotate(-1)"),
    "rotate_plus": ("a number with a sign", "uuid;rotate(+1)"),
    "rotate_hex": ("a number in hex", "uuid;rotate(0x1)"),
    "rotate_nothing": ("no number", "uuid;rotate()"),
    "rotate_65536": ("a number over the greatest", "uuid;rotate(65536)"),
    "rotate_2_32": ("a number that is 1 in 32 bits", "uuid;rotate(4294967297)"),
    "rotate_2_64": ("a number that is 1 in 64 bits", "uuid;rotate(18446744073709551617)"),
    "mask_empty": ("a mask of no bytes", "uuid;mask()"),
    "mask_half_byte": ("a mask of three digits", "uuid;mask(abc)"),
    "mask_upper_case": ("a mask in capitals", "uuid;mask(AB)"),
    "mask_other_letter": ("a digit that is none", "uuid;mask(0g)"),
}

UNANSWERED = {
    "field_unknown": ("no such field", "model"),
    "field_other_case": ("names are compared byte for byte", "UUID"),
    "field_prefix": ("a name that only begins alike", "uui"),
    "field_no_value": ("a field that is empty", "empty;flip"),
    "field_256_bytes": ("a value of 256 bytes", "too-long;slice(0,8)"),
    "field_twice": ("a name that stands twice", "twice"),
    "slice_begins_behind": ("a slice that begins at the end", "serial;slice(7,1)"),
    "slice_one_over": ("a slice that ends behind the end", "serial;slice(1,7)"),
    "slice_far": ("two numbers whose sum overflows 16 bits", "serial;slice(65535,2)"),
    "slice_of_slice": ("inside the field, not inside the slice before", "uuid;slice(0,8);slice(4,5)"),
}


def render(text):
    """The registration: every short field, and a long one where it is asked for."""
    shown = [(name, value) for name, value in FIELDS if len(value) <= 16 or name in text]
    return b"".join(p.s8(name) + p.s16(value) for name, value in shown)


def query(name, note, text, expect, body=b""):
    header = {"family": "mfar_query", "query": p.to_bytes(text), "fields": render(text)}
    return Vector(f"mfar_query_{name}", note, expect, header, body)


def refused(kind, cases):
    for name, (note, text) in cases.items():
        try:
            mfar.apply_query(text, FIELDS)
        except p.Refused as refusal:
            assert refusal.why == kind, (name, refusal)
            yield query(f"refuse_{name}", note, text, f"refuse {kind}")
            continue
        raise AssertionError(f"{name} was answered")


def vectors():
    for name, (note, text) in ACCEPTED.items():
        yield query(f"accept_{name}", note, text, "accept", mfar.apply_query(text, FIELDS))
    yield from refused("malformed", MALFORMED)
    yield from refused("bad_handshake", UNANSWERED)
