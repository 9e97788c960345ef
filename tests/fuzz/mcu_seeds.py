"""Seeds of the fuzz targets for what a device has in its flash, and for what its broker sends. The flash target makes the CRC of a
frame right."""
import struct


def frame(name, marks, data=b""):
    return struct.pack("<HBB", name, len(data), marks) + data + bytes(-len(data) % 4) + bytes(4)


def record_page(generation, *records):
    return frame(generation, 0x20) + b"".join(records)


def flash_seeds():
    counter = frame(1, 0, bytes([64, 0, 0, 0]))
    secret = frame(0x8001, 1, bytes(range(32)))
    for how in (0, 1):
        yield "mcu_flash", bytes([how]) + record_page(0, counter, secret, frame(1, 0, bytes([128, 0, 0, 0])))
        yield "mcu_flash", bytes([how]) + record_page(4, secret, frame(0x8001, 2), bytes(8), frame(6, 0x20), counter)
        both = record_page(2, counter).ljust(4096, b"\xff") + record_page(3, secret)
        yield "mcu_flash", bytes([how]) + both
        entries = frame(1, 0xFF, b"twelve bytes") + frame(2, 0, b"sent") + frame(9, 0x7F, b"torn") + frame(10, 0xFF)
        yield "mcu_flash", bytes([2 | how]) + struct.pack("<IIII", 1, 0, 0x1D2C3B4A, 0xFFFFFFFF) + entries
    yield "mcu_flash", b"\0" + b"CSP1" + struct.pack(">II", 3, 0) + bytes(20)


def setting(tag, value):
    return bytes([tag, len(value)]) + value


def device_seeds():
    least = setting(1, b"mote-1") + setting(2, b"plant-a") + setting(3, bytes([10, 0, 2, 2, 7, 91])) + setting(4, bytes([2, 0]))
    topic = setting(6, b"sensor/mote-1")
    pace = setting(7, struct.pack(">II", 1000, 0)) + setting(8, b"\3") + setting(9, struct.pack(">II", 1 << 20, 4000))
    yield "mcu_settings", least + topic
    yield "mcu_settings", least + setting(5, bytes(12)) + topic + pace + setting(10, b"\7\x5b") + setting(11, b"wake")
    will = setting(12, b"will/mote-1") + setting(13, b"gone")
    words = b"".join(setting(16, word) for word in (b"ping", b"report", b"led-on"))
    yield "mcu_settings", least + topic + will + words + setting(17, b"boss") + setting(17, b"deputy")
    mfar = least[:-2] + bytes([2, 1])
    yield "mcu_settings", mfar + topic + setting(14, b"a password") + setting(18, b"\4uuid" + b"0123456789abcdef")


def broker_seeds():
    connack = bytes.fromhex("20020000")
    message = b"\x32\x09\0\3a/b\0\7hi"
    answers = bytes.fromhex("40020001" "9003000101" "d000")
    for how in (0, 31, 128):
        yield "mcu_mqtt", bytes([how]) + connack + message + answers
        yield "mcu_mqtt", bytes([how]) + connack + b"\x30\xc8\1\0\3a/b" + bytes(195) + message
    for stream in ("20020005", "200201", "2002010030ffffffff01", "20020000f000", "30020000"):
        yield "mcu_mqtt", b"\0" + bytes.fromhex(stream)


def gate_request(service, number=0, flags=0, room=255, text=b"", body=b"", commander=0, command=0):
    head = struct.pack(">BIBBBBB", service, number, flags, room, 1, commander, command)
    return head + bytes([len(text)]) + text + bytes([len(body)]) + body


def gate_seeds():
    # in the order of Service
    (refresh, settings, random, hashed, begin, take, give_up, again, settle, sign, opened, resume, reading, control, rekey, rekeyed, challenge,
     command, own, respond) = range(20)
    login = [gate_request(begin), gate_request(take, body=b"\x12" + bytes(90)), gate_request(again), gate_request(give_up)]
    messages = [gate_request(reading), gate_request(sign, 1, text=b"t", body=b"21.5"), gate_request(sign, 1, text=b"t", body=b"21.6"),
                gate_request(sign, 9, 1, text=b"t", body=b"21.5"), gate_request(sign, 9, 1, text=b"u", body=b"21.5"), gate_request(settle)]
    numbers = [gate_request(control, 8), gate_request(control, 1 << 20), gate_request(control, 0xFFFFFFFF), gate_request(reading)]
    words = [gate_request(challenge), gate_request(command, body=bytes(24)), gate_request(own, body=bytes(24)),
             gate_request(respond, text=b"done", commander=1, command=2), gate_request(respond, commander=200, command=200)]
    rest = [gate_request(settings), gate_request(random), gate_request(hashed, body=b"will"), gate_request(resume, text=b"mote-1"),
            gate_request(opened, text=b"n", body=b"\xc0\1\1" + bytes(16)), gate_request(rekey), gate_request(rekeyed, body=bytes(17)),
            gate_request(refresh), gate_request(20)]
    for how in (0, 1):
        for requests in (login, messages, numbers, words, rest):
            yield "mcu_gate", bytes([how]) + b"".join(requests)


def device_step(what, *numbers, body=None):
    return bytes([what, *numbers]) + (b"" if body is None else bytes([len(body)]) + body)


def encounter_seeds():
    # steps as in mcu_device_fuzz.cpp
    (feed, speak, sign, wait, cut, record, publish, tell, behave, room, turn, rekey) = (0, 1, 3, 5, 7, 8, 10, 11, 12, 13, 14, 15)
    readings = [device_step(record, body=b"21.5") for _ in range(10)]
    day = readings + [device_step(publish, body=b"22.0"), device_step(tell, body=b"up"), device_step(wait, 133), device_step(cut)]
    lost = [device_step(behave, 0x20)] + readings[:5] + [device_step(cut), device_step(wait, 140), device_step(behave, 0x3F),
                                                         device_step(wait, 200)]
    words = [device_step(sign, how, 3) for how in (0, 1, 2)] + [device_step(sign, 3, 11) + b"\1", device_step(wait, 130)]
    receipt = b"\x51\0\1" + struct.pack(">IQ", 5, 15)
    told = [device_step(sign, 5, how, body=receipt) for how in (0, 1)] + [device_step(sign, 4, 1) + receipt[3:]]
    hint = b'{"v":1,"why":"unknown_kid","seq":0}'
    forged = [device_step(speak, how, body=receipt) for how in (0, 1, 2, 3, 5, 7)] + [device_step(speak, 1, body=hint)]
    asked = [device_step(speak, 2, body=b""), device_step(turn, 8), device_step(cut), device_step(wait, 160)]
    pings = [device_step(behave, 0x2F), device_step(wait, 157), device_step(wait, 157), device_step(wait, 157)]
    broker = [device_step(feed, body=bytes.fromhex(text)) for text in ("d000", "40020001", "9003000101", "30ffffffff01", "f000")]
    turned = [device_step(turn, how) + device_step(cut) + device_step(wait, 190) for how in (3, 5, 32, 16)]
    tight = [device_step(room, 4)] + readings + [device_step(wait, 135), device_step(room, 200)]
    other = [device_step(rekey), device_step(cut), device_step(wait, 140)]
    for how in (0xE0, 0xE3, 0xFD, 0x61):
        for steps in (day, lost, words, told, forged, asked, pings, broker, turned, tight, other):
            yield "mcu_device", bytes([how]) + b"".join(steps)


ALL = (flash_seeds, device_seeds, broker_seeds, gate_seeds, encounter_seeds)
