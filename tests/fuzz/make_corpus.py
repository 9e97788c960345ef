#!/usr/bin/python3
"""Writes the seeds of the fuzz targets, made of tests/vectors and the shipped configurations, to OUT/<target>/.
The parsers beside the protocol have theirs in parser_seeds.py, a device's flash and its broker in mcu_seeds.py.

usage: make_corpus.py OUT
"""
import pathlib
import sys

import mcu_seeds
import parser_seeds

ROOT = pathlib.Path(__file__).resolve().parents[2]
MESSAGES = ["receipt", "receipt_request", "notice", "will", "resume", "base64url", "vbi", "client_id"]
APLUS = ["m1", "m2", "m3", "finished"]
MFAR = ["step1", "q", "a", "finished"]


def read_vector(path):
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(":", 1) for line in head.splitlines())
    return {key: value.removeprefix(" ") for key, value in fields.items()}, bytes.fromhex(body.replace("\n", ""))


def field(data):
    return bytes([min(len(data), 255)]) + data[:255]


def envelope_seeds(v, body):
    if v.get("family") not in ("envelope", "admin", "notice"):
        return
    retain = 2 if int(v.get("flags", 0)) & 2 else 0
    readable = v.get("form") == "property"
    context = field(v["topic"].encode()) + field(bytes.fromhex(v["props"]))
    text = field(v["cs1"].encode()) if readable else b""
    for strict in (0, 16):
        yield "envelope", bytes([readable | retain | strict]) + context + text + body


def aplus_seeds(v, body):
    if v.get("family") != "a+":
        return
    suite = 4 if v["suite"] == "2" else 0
    if "message" in v:
        yield "aplus", bytes([APLUS.index(v["message"]) | suite]) + body
        return
    for again in (0, 16):
        for number, name in enumerate(APLUS):
            yield "aplus", bytes([number | suite | again]) + bytes.fromhex(v[name])
        second = bytes.fromhex(v["n2"] + v["auth_code"]) + int(v["kid"]).to_bytes(2, "big")
        for number, plain in enumerate((bytes.fromhex(v["n1"]), second, bytes.fromhex(v["n3"]))):
            yield "aplus", bytes([number | suite | again | 8]) + plain


def message_seeds(v, body):
    family = v.get("family")
    texts = {"resume": v.get("password"), "base64url": v.get("text"), "notice": None}
    for name in ("receipt", "receipt_request", "will", "vbi"):
        if family == name:
            yield "messages", bytes([MESSAGES.index(name)]) + body
    if texts.get(family) is not None:
        yield "messages", bytes([MESSAGES.index(family)]) + texts[family].encode()
    if family == "notice":
        yield "messages", bytes([MESSAGES.index("notice")]) + bytes.fromhex(v["payload"])
    if "client_id" in v:
        yield "messages", bytes([MESSAGES.index("client_id")]) + v["client_id"].encode()


def command_seeds(v, body):
    if v.get("family") != "command":
        return
    if "message" in v:
        side = int(v["message"] == "response")
        for own in (0, 2):
            yield "command", bytes([side | own, 1]) + field(b"") + body
        return
    for opened in range(6):
        for own in (0, 2):
            yield "command", bytes([4 | own, opened]) + field(bytes.fromhex(v["command"]))
    yield "command", bytes([5, 1]) + field(bytes.fromhex(v["response"]))


def mfar_seeds(v, body):
    if v.get("family") == "mfar_step1":
        yield "mfar", b"\0" + body
    if v.get("family") != "mfar":
        return
    suite = 4 if v["suite"] == "2" else 0
    if "message" in v:
        yield "mfar", bytes([MFAR.index(v["message"]) | suite]) + body
        return
    for number, name in enumerate(MFAR[1:], 1):
        yield "mfar", bytes([number | suite]) + bytes.fromhex(v[name])
    yield "mfar", bytes([2 | suite | 8]) + bytes.fromhex(v["n1"])


def query_seeds(v, body):
    if v.get("family") != "mfar_query":
        return
    text = bytes.fromhex(v["query"])
    for value in (body, bytes(range(40)), bytes(255)):
        yield "mfar_query", field(text.partition(b";")[0]) + field(value) + text


def audit_seeds(v, body):
    if v.get("family") != "envelope":
        return
    numbers = bytes(2) + (1_772_366_400_123).to_bytes(6, "big") + (300).to_bytes(2, "big") + b"\x05" + bytes(4) + b"\x89"
    texts = [b"mote-3", v["topic"].encode(), v["note"].encode(), b"127.0.0.1", body[:80], b"publish", b"refuse"]
    yield "audit", numbers + b"".join(field(text) for text in texts)


def settings_seeds():
    for path in sorted((ROOT / "config").glob("*.toml")):
        text = path.read_bytes()
        yield "settings", text
        for block in text.split(b"\n\n"):
            yield "settings", b'server_id = "t"\n[default]\nmode = "off"\n' + block
    yield "settings", b'server_id = t\n""[default]\nmode = "off"\n'
    for value in ('4"é"', "1.'é'", '[1,2"é"]', '4="é"', '2020-01-01"é"'):
        yield "settings", f"a = {value}\n".encode()


def number_seeds():
    documents = ['{"t":21.5,"a":[1,-2e3,{"b/c":4,"~":0.5}]}', "21.5", " -1e-7\n", '{"t":1,"t":2}', '[[[[[[1]]]]]]', '"21"', "1e999"]
    for pointer in ("", "/t", "/a/1", "/a/2/b~1c", "/a/2/~0", "/0/0/0/0/0/0", "/x", "t", "/~2"):
        for document in documents:
            yield "number", b"\0" + field(pointer.encode()) + document.encode()
    for rule in ("plant/%d/#", "+/%d", "#", "$SYS/#", "plant/+/t", "a//b", "%d", "a/#/b", "plant/%d/%d"):
        for topic in ("plant/mote-3/t", "plant/#", "+/+", "$SYS/x", "a//b", "plant/+/#", "", "/"):
            yield "number", b"\1" + field(rule.encode()) + topic.encode()


def notice_seeds():
    for why in ("replayed", "internal", "nonsense", ""):
        for seq in ("0", "41", "041", "268435455", "268435456", "-1"):
            yield "messages", bytes([MESSAGES.index("notice")]) + f'{{"v":1,"why":"{why}","seq":{seq}}}'.encode()


def seeds():
    for path in sorted((ROOT / "tests" / "vectors").glob("*.vec")):
        v, body = read_vector(path)
        for make in (envelope_seeds, aplus_seeds, message_seeds, command_seeds, mfar_seeds, query_seeds, audit_seeds, *parser_seeds.OF_VECTORS):
            for number, (target, seed) in enumerate(make(v, body)):
                yield target, f"{path.stem}-{number}", seed
    for make in (settings_seeds, number_seeds, notice_seeds, *parser_seeds.OTHERS, *mcu_seeds.ALL):
        for number, (target, seed) in enumerate(make()):
            yield target, f"{make.__name__}-{number}", seed


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for target, name, seed in seeds():
        path = pathlib.Path(sys.argv[1]) / target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(seed)


if __name__ == "__main__":
    main()
