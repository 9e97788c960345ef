"""MFA_R's second step, the query API (docs/protocol.md, section 6)."""

import re

from . import primitives as p

MAX_QUERY_BYTES = 128
MAX_QUERY_OPS = 8
MAX_VALUE_BYTES = 255
MAX_NUMBER = 65535

FIELD = re.compile(rb"[A-Za-z0-9._-]{1,32}")
NUMBER = rb"(0|[1-9][0-9]{0,4})"
OPS = {
    "slice": re.compile(rb"slice\(" + NUMBER + rb"," + NUMBER + rb"\)"),
    "rotate": re.compile(rb"rotate\(" + NUMBER + rb"\)"),
    "flip": re.compile(rb"flip"),
    "mask": re.compile(rb"mask\(((?:[0-9a-f]{2})+)\)"),
}


def parse_op(text):
    """(name, arguments) of one operation."""
    for name, form in OPS.items():
        match = form.fullmatch(text)
        if match and name == "mask":
            return name, (bytes.fromhex(match[1].decode()),)
        if match:
            return name, numbers(name, [int(digits) for digits in match.groups()])
    raise p.malformed("no such operation")


def numbers(name, values):
    if any(value > MAX_NUMBER for value in values) or (name == "slice" and values[1] == 0):
        raise p.malformed("a number is out of range")
    return tuple(values)


def parse_query(text):
    """(field, operations); `malformed` for all that T would not write."""
    text = p.to_bytes(text)
    field, *ops = text.split(b";")
    if len(text) > MAX_QUERY_BYTES or len(ops) > MAX_QUERY_OPS or not FIELD.fullmatch(field):
        raise p.malformed("not a query")
    return field.decode(), [parse_op(op) for op in ops]


def apply_op(name, arguments, value):
    if name == "slice":
        begin, length = arguments
        if begin + length > len(value):
            raise p.Refused("bad_handshake", "the slice is not inside")
        return value[begin : begin + length]
    if name == "rotate":
        turn = arguments[0] % len(value)
        return value[turn:] + value[:turn]
    if name == "flip":
        return value[::-1]
    mask = arguments[0]
    return bytes(byte ^ mask[i % len(mask)] for i, byte in enumerate(value))


def apply_query(query, fields):
    """The result over `fields`, a list of (name, value)."""
    name, ops = parse_query(query)
    values = [value for field, value in fields if field == name]
    if len(values) != 1 or not 1 <= len(values[0]) <= MAX_VALUE_BYTES:
        raise p.Refused("bad_handshake", "no such field")
    result = values[0]
    for op, arguments in ops:
        result = apply_op(op, arguments, result)
    return result
