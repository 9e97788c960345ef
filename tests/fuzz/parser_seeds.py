"""Seeds for the parsers beside the protocol: administration, key files, cards, mosquitto.conf, saved sessions."""
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ["info", "verify", "change_pin", "unblock", "handshake_key", "checksum", "presence", "obey", "reset", "type_pin"]
OK = bytes.fromhex("9000")
TRIES = bytes([3, 5])
KEY = "42" * 32


def field(data):
    return bytes([len(data)]) + data


# administration

REGISTRATION = {"command": "registerDevice", "identity": "mote-3", "kind": "device", "key": KEY, "roles": ["operator"],
                "suites": [1, 2], "label": "boiler room", "card": "0102030405060708", "correlationData": "x"}
COMMANDS_OF_ADMINISTRATION = [
    [REGISTRATION],
    [{**REGISTRATION, "key": KEY[:-1] + "g"}, {**REGISTRATION, "key": "AB" * 32}],
    [{**REGISTRATION, "suites": suites} for suites in ([], [3], [1.0], "1", [1, 1])],
    [{**REGISTRATION, "roles": roles} for roles in ("operator", ["a b"], [1], ["r"] * 65)],
    [{"command": "listDevices", "offset": 1, "count": 1000, "verbose": True}, {"command": "getMetrics"}],
    [{"command": "endSession", "identity": "mote-3", "kid": 300}, {"command": "blockDevice", "reason": "lost \u00e9"}],
    [{"command": "blockCard", "card": "0123456789abcdef", "order": "00" * 20, "reason": "lost"}, {"command": "listCards", "card": 7}],
    [{"command": "listDevices", "offset": -1, "count": 1e3}, None, "getMetrics", {}],
]
REQUESTS = ['{"commands":[]}', '{"commands":{}}', '[]', '{"commands":[{"key":"1","key":"2"}]}', '{"commands":[[[[[[[[[1]]]]]]]]]}',
            '{"commands":[1e999]}', '{"commands":["\\ud83d\\ude00","\\ud83d"]}', '{"commands":[]} ', '{"commands":[]}x']


def admin_seeds_of_vectors(v, _):
    if v.get("family") == "admin" and "json" in v:
        yield "admin", v["json"].encode()


# what agents say

EVENT = {"v": 1, "event": "inserted", "number": 7, "at": 1_700_000_000_123, "uptime": 3600, "host": "desk-7"}
PLACE = {"reader": "ACME Reader 00 00", "card": "0123456789abcdef"}


def fleet_event_seeds():
    for event in ("inserted", "removed", "reader_added", "reader_removed", "service_lost", "offline", "exploded"):
        yield "fleet_event", json.dumps(EVENT | {"event": event} | PLACE).encode()
    for readers in ([], [PLACE, {"reader": "\u00e9"}], [{}], {}, [PLACE] * 300):
        yield "fleet_event", json.dumps(EVENT | {"event": "online", "readers": readers}).encode()
    for change in ({"v": 1.0}, {"number": -1}, {"host": "x" * 129}, {"card": "0123456789ABCDEF"}, {"deep": [[[[1]]]]}):
        yield "fleet_event", json.dumps(EVENT | PLACE | change).encode()


def admin_seeds():
    for commands in COMMANDS_OF_ADMINISTRATION:
        yield "admin", json.dumps({"commands": commands}).encode()
    for request in REQUESTS:
        yield "admin", request.encode()


# key files

def key_file_seeds():
    yield from variants_of(["version = 1", "identity = mote-3", "kind = device", f"key = {KEY}", "epoch = 12"])
    yield from variants_of(["version = 1", "identity = d-abc", "kind = device", "method = mfar", f"key = {KEY}",
                            "password = p4ss%20word", "data.uuid = 5e0c1f9a-77", "data.site = Süd = %23 7"])


def variants_of(lines):
    whole = "\n".join(["# countersign key: whoever reads this file is mote-3", *lines, "server_id = plant-a", "suite = 2", ""])
    yield "key_file", whole.encode()
    for number, line in enumerate(lines):
        for instead in ("", line + "\n" + line, line.replace(" = ", "="), line + "0", "\t" + line + " # as it was\r"):
            yield "key_file", "\n".join([*lines[:number], instead, *lines[number + 1:]]).encode()


# cards

def card_seed(command, *answers, selects=True):
    how = COMMANDS.index(command) | (0 if selects else 0x80)
    return "card", bytes([how]) + b"".join(field(answer) for answer in answers)


def card_seeds_of_vectors(v, body):
    if v.get("family") == "card_handshake_key":
        yield card_seed("handshake_key", TRIES + OK, OK, body + OK)
        yield card_seed("handshake_key", TRIES + OK, OK, b"\x61\x34", body + OK)
        yield card_seed("handshake_key", TRIES + OK, OK, body[:20] + b"\x61\x20", body[20:] + OK)
        yield card_seed("handshake_key", TRIES + OK, OK, body + OK + b"\x61\x01", b"")
    if v.get("family") == "card_checksum":
        objects = b"\x8e" + field(body) + b"\x02" + field(int(v["card_counter"]).to_bytes(4, "big"))
        yield card_seed("checksum", TRIES + OK, OK, objects + OK)
        yield card_seed("checksum", TRIES + OK, OK, b"\x53\x00" + objects + b"\x53\x7f" + OK)


def card_seeds():
    number = bytes(3) + b"\x04" + OK
    yield card_seed("info", number, number, number, b"mote-3" + OK, TRIES + OK)
    for state in (1, 4, 5, 12, 99):
        own = bytes.fromhex("8002010081010182080102030405060708") + bytes([0x83, 1, state])
        template = b"\x84\x07" + bytes.fromhex("f0435349474e01") + b"\xa5" + field(own)
        yield card_seed("info", b"\x6f" + field(template) + OK, number, number, number, b"mote-3" + OK, TRIES + OK,
                        selects=False)
    for status in (0x6300, 0x63C2, 0x63C0, 0x6982, 0x6983, 0x6984, 0x6985, 0x6283, 0x6A80, 0x6100):
        for command in ("verify", "change_pin", "unblock", "checksum"):
            yield card_seed(command, TRIES + OK, status.to_bytes(2, "big"), *[b"\x61\x01"] * 9)
        for command in ("presence", "obey", "reset"):
            yield card_seed(command, status.to_bytes(2, "big"), status.to_bytes(2, "big"))
    yield card_seed("presence", b"\x05" + number[:4] + bytes(16) + OK)
    yield card_seed("presence", b"\x05" + number[:4] + bytes(15) + OK)
    yield card_seed("reset", OK, OK)
    features = bytes.fromhex("070442000db3060442000db2")
    for answer in (OK, b"\x64\x00", b"\x63\xc1", b"\x90", b""):
        yield card_seed("type_pin", TRIES + OK, features, answer)
    yield card_seed("type_pin", TRIES + OK, features[:-1], OK)


# mosquitto.conf

CONFIGURATIONS = [
    "# nothing\n\n",
    "per_listener_settings true\nlistener 1883\nlistener 8883 ::1\ncertfile a\nuse_identity_as_username true\nport\n",
    "port 1884\nbind_address 127.0.0.1\nmount_point site/\nacl_file /a\npassword_file /p\nallow_anonymous true\n",
    "plugin /other.so\nplugin /usr/local/lib/mosquitto_countersign.so\nplugin_opt_config\nplugin_opt_acl_default maybe\n"
    "plugin mosquitto_countersign.so\nauth_opt_auth_default allow\n",
    "plugin_opt_config nobody\nconnection a\naddress b\ntopic # in 1\nlocal_clientid c\nconnection\ntopic t both\nuser root\n",
    "max_queued_messages 0\nmemory_limit 99999999999999999999\nmax_packet_size 20\nclientid_prefixes a\nlog_type none\n"
    "persistence true\nlistener 99999999999999\nlistener 0 /run/m.sock\nprotocol websockets\nlistener\n",
]


def mosquitto_conf_seeds():
    yield "mosquitto_conf", (ROOT / "config" / "mosquitto.conf").read_bytes()
    for text in CONFIGURATIONS:
        yield "mosquitto_conf", text.encode()


# who logs in with a password, in Mosquitto's files

SALT, HASH = "vN/w78zJaL4HcaQH", "ie0DxrwBsF+Z2WfT1mnYVD/4o9lZSt52iAVR1X8mlvwWvxb6TYXgAdtao1WzylNVajiCIFQ3g5BTPARno3Pnmw=="
HASHES = [f"$7$101${SALT}${HASH}", f"$6${SALT}${HASH}", f"$7$100001${SALT}${HASH}", f"$7$0101${SALT}${HASH}", f"$8${SALT}${HASH}",
          f"$7$101${SALT}${HASH[:-2]}", f"$7$101${SALT}${HASH}$", f"$7$101$${HASH}", f"$6${SALT[:-1]}=${HASH}", "plain", "", "$", "$7"]
CLIENT = {"username": "mote-1", "textName": "on the roof", "password": HASH, "salt": SALT, "iterations": 101,
          "roles": [{"rolename": "sensor"}, {"rolename": "admin"}]}
CLIENTS = [{**CLIENT, "disabled": True}, {**CLIENT, "iterations": -1}, {**CLIENT, "iterations": 1e9}, {**CLIENT, "username": 1},
           {"username": "mote-1"}, {**CLIENT, "textname": "\u00e9" * 300}, None, [], {**CLIENT, "roles": {"rolename": []}}]


def account_seeds():
    for hash_ in HASHES:
        yield "accounts", f"mote-1:{hash_}\n# nothing\n\n mote 2 : {hash_}\r\nmote-1\n:{hash_}\nmote-3:{hash_}".encode()
    yield "accounts", f"a:{HASHES[0]}\na:{HASHES[1]}\n".encode()
    groups = [{"groupname": "g", "roles": [{"rolename": "speaker"}], "clients": [{"username": "mote-1"}, {}]}, 1]
    for one in CLIENTS:
        yield "accounts", json.dumps({"clients": [CLIENT, one], "groups": groups}).encode()
    for text in ("{}", "[]", '{"clients":{}}', '{"clients":[[]]}', "[" * 5000, '{"clients":' + "[" * 5000):
        yield "accounts", text.encode()


# saved sessions: broker-plugin/engine/session_image.cpp

def session(identity, kid, *, created=1_772_366_400_123, words=2, outcome=0, replaces=0, fallen=0):
    numbers = (41).to_bytes(4, "big") + bytes([words]) + (7).to_bytes(8, "big") * words
    outcomes = (b"\x01\x02\x03\x04" + bytes([outcome])) * 32
    acceptance = (42).to_bytes(4, "big") + (7).to_bytes(8, "big")
    counters = b"".join(number.to_bytes(4, "big") for number in (42, 3, 9, 2))
    ends = replaces.to_bytes(2, "big") + bytes(16) + bytes([fallen])
    receipt = kid.to_bytes(2, "big") + acceptance
    return (field(identity.encode()) + bytes(range(16)) + kid.to_bytes(2, "big") + bytes(range(32)) +
            created.to_bytes(8, "big", signed=True) + numbers + outcomes + acceptance + counters + ends + receipt)


def session_image_seeds():
    mote, anna = session("mote-3", 300), session("anna", 1, words=33, outcome=11)
    for sessions in ([], [mote], [anna, mote], [mote, session("mote-3", 301, replaces=300)], [mote, mote],
                     [session("mote-4", 5), mote], [session("unknown", 5), anna], [mote, mote[:-1]], [mote + b"\0"],
                     [session("mote-3", 0)], [session("mote-3", 16_384)], [session("mote-3", 1, outcome=28)],
                     [session("mote-3", 1, created=-1)], [session("mote-3", 1, words=1)], [session("mote-3", 1, words=65)],
                     [session("mote-3", 1, fallen=1)], [session("mote-3", 1, fallen=2)]):
        yield "session_image", b"\2" + b"".join(sessions)
    yield "session_image", b"\1" + mote


# what clients send to the registrar: registrar/head.cpp, registrar/body.cpp

def registrar_seeds():
    line = "POST /v1/devices HTTP/1.1\r\n"
    for fields in ("Host: localhost\r\nContent-Length: 2\r\n", "Authorization: Bearer a\r\nHost: x\r\nRange: bytes=0-0,1-\r\n", "HOST:x\r\nhost: x\r\n",
                   "X: a\r\n b\r\n", "X : y\r\n", "X: y\nZ: w\r\n", "X: \0\r\n", ": x\r\n", "authorization:\t \r\n", ""):
        yield "registrar_head", (line + fields + "\r\n").encode()
    data = '{"uuid":"0b5f7a34","model":"m","vendor":"v","serial":"s","\\u0061":"\\ud83d\\ude00"}'
    for members in (f'"deviceData":{data}', f'"deviceData":{data},"label":"ü","roles":["a","b"],"expiresIn":60', '"deviceData":{},"deviceData":{}',
                    '"deviceData":{"a":"b","a":"c"}', '"deviceData":{"a":{"b":{"c":{}}}}', '"deviceData":{},"expiresIn":-1', '"x":1', '"deviceData":{"a":"\\ud800"}'):
        yield "registrar_body", ("{" + members + "}").encode()
    yield "registrar_body", b'{"deviceData":{"a":"\xff"}}'


OF_VECTORS = (admin_seeds_of_vectors, card_seeds_of_vectors)
OTHERS = (account_seeds, admin_seeds, fleet_event_seeds, key_file_seeds, card_seeds, mosquitto_conf_seeds, session_image_seeds, registrar_seeds)
