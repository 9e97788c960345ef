"""RegServ's acts, seen from outside: by HTTPS, at the broker, and in what the plugin keeps."""

import concurrent.futures
import hashlib
import json
import re
import secrets
import subprocess
import time

import pytest
from countersign_tests import mqtt
from countersign_tests.registered import RegisteredDevice, Registration

from service import assert_problem, device_data

DEVICES, LEGACY, TOKENS = "/v1/devices", "/v1/legacy-devices", "/v1/enrolment-tokens"


def new_token(registrar, **fields):
    reply = registrar.admin("POST", TOKENS, fields)
    assert reply.status == 201, reply
    return reply.json


def register(registrar, data=None, *, token=None, **fields):
    body = {"deviceData": data or device_data()} | fields
    return registrar.request("POST", DEVICES, body, token=token or registrar.token)


def publishes(plant, user, password, topic):
    """True if the plain client of Mosquitto gets through."""
    done = subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(plant.broker.port), "-V", "5", "-q", "1", "-i", f"pump-{secrets.token_hex(4)}",
                           "-u", user, "-P", password, "-t", topic, "-m", "4.2"], capture_output=True, text=True, timeout=30)
    return done.returncode == 0 and "Not authorized" not in done.stderr


# devices

def test_an_administrator_registers_a_device(registrar, plant):
    data = device_data(hall="3")
    reply = register(registrar, data, label="boiler room", roles=["sensor"])
    assert reply.status == 201, reply
    assert reply.headers["Cache-Control"] == "no-store"
    made = reply.json
    assert made["user"] == made["identity"] and re.fullmatch(r"d-[a-z2-7]{26}", made["user"])
    assert re.fullmatch(r"[\w-]{43}", made["password"]) and re.fullmatch(r"[0-9a-f]{64}", made["kReg"])
    assert abs(time.time() - time.mktime(time.strptime(made["timestamp"][:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone) < 60
    assert reply.headers["Location"] == f"{DEVICES}/{made['user']}"
    shown = registrar.admin("GET", reply.headers["Location"]).json
    assert (shown["method"], shown["deviceData"], shown["label"], shown["roles"]) == ("mfar", data, "boiler room", ["sensor"])
    assert made["password"] not in json.dumps(shown) and made["kReg"] not in json.dumps(shown)


def test_a_token_registers_one_device(registrar):
    made = new_token(registrar, expiresIn=600, label="hall 3", roles=["sensor"])
    first = register(registrar, token=made["token"])
    assert first.status == 201, first
    shown = registrar.admin("GET", f"{DEVICES}/{first.json['user']}").json
    assert (shown["label"], shown["roles"]) == ("hall 3", ["sensor"])
    assert_problem(register(registrar, token=made["token"]), 401)
    assert made["id"] not in [one["id"] for one in registrar.admin("GET", TOKENS).json["tokens"]]


def test_of_two_who_race_with_a_token_exactly_one_wins(registrar):
    for _ in range(5):
        token = new_token(registrar)["token"]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(lambda _: register(registrar, token=token).status, range(8)))
        assert statuses == [201] + [401] * 7


def test_a_token_is_kept_where_the_device_is_refused(registrar):
    token, known = new_token(registrar)["token"], device_data()
    assert register(registrar, known).status == 201
    assert_problem(register(registrar, known, token=token), 409)
    assert register(registrar, token=token).status == 201


def test_every_bad_token_gets_the_same_answer(registrar, plant):
    spent = new_token(registrar)["token"]
    assert register(registrar, token=spent).status == 201
    revoked = new_token(registrar)
    assert registrar.admin("DELETE", f"{TOKENS}/{revoked['id']}").status == 204
    replies = [register(registrar, token=token) for token in (spent, revoked["token"], secrets.token_urlsafe(32), "short", "x" * 300)]
    replies.append(registrar.request("POST", DEVICES, {"deviceData": device_data()}))
    assert {reply.status for reply in replies} == {401}
    assert len({reply.body for reply in replies}) == 1
    assert all(reply.headers["WWW-Authenticate"].startswith("Bearer") for reply in replies)


def test_a_token_opens_nothing_else(registrar):
    token = new_token(registrar)["token"]
    for method, path, body in (("GET", DEVICES, None), ("GET", f"{DEVICES}/x", None), ("DELETE", f"{DEVICES}/x", None), ("POST", LEGACY, {"user": "x", "password": "y"}),
                               ("POST", TOKENS, {}), ("GET", TOKENS, None), ("DELETE", f"{TOKENS}/{'0' * 16}", None)):
        assert_problem(registrar.request(method, path, body, token=token), 401)
    assert_problem(registrar.request("POST", DEVICES, {"deviceData": device_data(), "roles": ["sensor"]}, token=token), 400)
    assert register(registrar, token=token).status == 201, "it is still good for what it is for"


def test_a_known_device_is_refused_whatever_its_free_fields_say(registrar):
    data = device_data()
    assert register(registrar, data).status == 201
    for again in (data, data | {"hall": "9"}, dict(reversed(data.items()))):
        assert assert_problem(register(registrar, again), 409)["detail"] == "Device data is known"
    assert register(registrar, data | {"serial": secrets.token_hex(4)}).status == 201


@pytest.mark.parametrize("data", [
    {}, {"uuid": "12345678"}, device_data(uuid=""), device_data(uuid="x" * 256), device_data(**{"a b": "c"}), device_data(**{"": "c"}),
    device_data(**{f"f{number}": "x" for number in range(13)}), {"uuid": "1", "model": "2", "vendor": "3", "serial": "4"}, device_data(**{"x" * 33: "y"}),
], ids=range(9))
def test_device_data_that_is_none_is_refused(registrar, data):
    assert_problem(registrar.admin("POST", DEVICES, {"deviceData": data}), 422)


def test_text_beyond_ascii_is_kept(registrar):
    data = device_data(halle="Kühlhaus ☃")
    user = register(registrar, data, label="Nähe Tür").json["user"]
    shown = registrar.admin("GET", f"{DEVICES}/{user}").json
    assert shown["deviceData"] == data and shown["label"] == "Nähe Tür"


def test_devices_are_listed_page_by_page(registrar):
    for _ in range(3):
        register(registrar)
    whole = registrar.admin("GET", f"{DEVICES}?count=1000").json
    assert whole["totalCount"] == len(whole["devices"]) >= 3
    pages = [registrar.admin("GET", f"{DEVICES}?offset={offset}&count=2").json["devices"] for offset in range(0, whole["totalCount"], 2)]
    assert [one["identity"] for page in pages for one in page] == [one["identity"] for one in whole["devices"]]
    assert registrar.admin("GET", f"{DEVICES}?offset=2147483647").json["devices"] == []


def test_a_device_that_is_removed_is_gone_and_may_come_again(registrar):
    data = device_data()
    user = register(registrar, data).json["user"]
    gone = registrar.admin("DELETE", f"{DEVICES}/{user}")
    assert gone.status == 204 and gone.body == b""
    assert_problem(registrar.admin("GET", f"{DEVICES}/{user}"), 404)
    assert_problem(registrar.admin("DELETE", f"{DEVICES}/{user}"), 404)
    again = register(registrar, data)
    assert again.status == 201 and again.json["user"] != user


@pytest.mark.parametrize("by_token", [True, False], ids=["token", "administrator"])
def test_a_registered_device_logs_in_signs_and_is_out_when_unregistered(registrar, plant, by_token):
    data = device_data()
    reply = register(registrar, data, token=new_token(registrar)["token"] if by_token else None)
    device = RegisteredDevice(Registration.of(reply.json, data), port=plant.broker.port, version=mqtt.V5)
    try:
        device.login()
        topic = f"plant/{device.identity}/t"
        with plant.subscriber(topic) as reader:
            device.publish(topic, b"21.5")
            assert reader.receive().payload == b"21.5"
        shown = registrar.admin("GET", reply.headers["Location"]).json
        assert shown["level"] == "AUTH2" and len(shown["sessions"]) == 1
        assert registrar.admin("DELETE", reply.headers["Location"]).status == 204
        device.connection.wait_closed(10)
        with pytest.raises((mqtt.MqttError, OSError)):
            device.login()
    finally:
        if device.connection:
            device.connection.abandon()


# legacy devices

def test_a_legacy_device_logs_in_with_what_it_was_given(registrar, plant):
    user = f"pump-{secrets.token_hex(3)}"
    reply = registrar.admin("POST", LEGACY, {"user": user, "password": "pass word ü", "label": "hall 2"})
    assert reply.status == 201 and reply.json == {"identity": user, "user": user}
    assert registrar.admin("GET", reply.headers["Location"]).json["method"] == "password"
    with plant.subscriber(f"old/{user}/#", version=mqtt.V5) as reader:
        assert publishes(plant, user, "pass word ü", f"old/{user}/t")
        message = reader.receive()
        assert message.payload == b"4.2"
    assert not publishes(plant, user, "another", f"old/{user}/t")
    assert_problem(registrar.admin("POST", LEGACY, {"user": user, "password": "x"}), 409)


def test_a_legacy_device_may_bring_the_hash_it_has(registrar, plant, tmp_path):
    user, file = f"pump-{secrets.token_hex(3)}", tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", file, user, "secret"], check=True, capture_output=True, timeout=30)
    hashed = next(line for line in file.read_text().splitlines() if line.startswith(user)).partition(":")[2]
    assert registrar.admin("POST", LEGACY, {"user": user, "passwordHash": hashed}).status == 201
    assert publishes(plant, user, "secret", f"old/{user}/t")
    assert not publishes(plant, user, hashed, f"old/{user}/t")


@pytest.mark.parametrize("body, status", [
    ({"user": "a b", "password": "x"}, 422), ({"user": "ok-1"}, 400), ({"user": "ok-2", "password": "x", "passwordHash": "$6$YQ==$YQ=="}, 400),
    ({"user": "ok-3", "password": ""}, 422), ({"user": "ok-4", "passwordHash": "plain"}, 422), ({"password": "x"}, 400),
    ({"user": "ok-5", "password": "x", "roles": ["a b"]}, 422), ({"user": "ok-7", "password": "x", "label": "x" * 257}, 422), ({"user": "ok-8", "password": "x", "kind": "admin"}, 400),
])
def test_a_legacy_device_that_is_none_is_refused(registrar, body, status):
    assert_problem(registrar.admin("POST", LEGACY, body), status)


def test_unregistering_ends_sessions_and_connections(registrar, plant):
    user = f"pump-{secrets.token_hex(3)}"
    assert registrar.admin("POST", LEGACY, {"user": user, "password": "x"}).status == 201
    with plant.broker.client(f"client-of-{user}", username=user, password="x") as client:
        client.ping()
        assert registrar.admin("DELETE", f"{DEVICES}/{user}").status == 204
        client.wait_closed(10)
    assert not publishes(plant, user, "x", f"old/{user}/t")


# tokens

def test_tokens_are_listed_without_themselves_and_revoked(registrar):
    made = new_token(registrar, expiresIn=60, label="one")
    assert re.fullmatch(r"[\w-]{43}", made["token"]) and re.fullmatch(r"[0-9a-f]{16}", made["id"])
    assert 0 < made["expiresAt"] / 1000 - time.time() <= 61
    listed = registrar.admin("GET", TOKENS)
    assert made["token"] not in listed.body.decode()
    assert next(one for one in listed.json["tokens"] if one["id"] == made["id"])["label"] == "one"
    assert registrar.admin("DELETE", f"{TOKENS}/{made['id']}").status == 204
    assert_problem(registrar.admin("DELETE", f"{TOKENS}/{made['id']}"), 404)
    assert_problem(register(registrar, token=made["token"]), 401)


@pytest.mark.parametrize("fields, status", [
    ({"expiresIn": 59}, 422), ({"expiresIn": 31_536_001}, 422), ({"expiresIn": "60"}, 400), ({"expiresIn": -60}, 400), ({"roles": ["a b"]}, 422), ({"label": "x" * 257}, 422), ({"token": "mine"}, 400),
])
def test_a_token_that_may_not_be_is_refused(registrar, fields, status):
    assert_problem(registrar.admin("POST", TOKENS, fields), status)


def test_a_token_in_the_place_of_its_id_is_not_found_and_not_logged(registrar):
    token = new_token(registrar)["token"]
    assert_problem(registrar.admin("DELETE", f"{TOKENS}/{token}"), 404)
    assert_problem(registrar.get(f"/{token}"), 404)
    assert token not in registrar.log_path.read_text()


# the boundary

def test_the_registrar_is_no_administrator(registrar, plant):
    """Whoever takes it over reaches devices of its own methods, and nobody else."""
    plant.register("signed-1")
    for identity in ("admin", "signed-1", registrar.identity):
        assert_problem(registrar.admin("GET", f"{DEVICES}/{identity}"), 403)
        assert_problem(registrar.admin("DELETE", f"{DEVICES}/{identity}"), 403)
        assert plant.show(identity)["standing"] == "active"
    names = [one["identity"] for one in registrar.admin("GET", f"{DEVICES}?count=1000").json["devices"]]
    assert not {"admin", "signed-1", registrar.identity} & set(names)
    for roles in (["admin"], ["sensor", "registrar"]):
        assert_problem(register(registrar, roles=roles), 403)
        assert_problem(registrar.admin("POST", TOKENS, {"roles": roles}), 403)
        assert_problem(registrar.admin("POST", LEGACY, {"user": "climber", "password": "x", "roles": roles}), 403)


# secrets

def test_no_secret_is_ever_logged(registrar, plant):
    mark = len(registrar.log())
    token = new_token(registrar)["token"]
    made = register(registrar, token=token).json
    user, password = f"pump-{secrets.token_hex(3)}", secrets.token_urlsafe()
    registrar.admin("POST", LEGACY, {"user": user, "password": password})
    registrar.admin("POST", LEGACY, {"user": user, "password": password})
    registrar.admin("POST", LEGACY, {"user": "x", password: "y"})
    registrar.request("POST", DEVICES, "{" + password, token=token)
    registrar.get(f"{DEVICES}?token={token}&password={password}", token=password)
    misplaced = secrets.token_urlsafe()
    registrar.admin("GET", f"{DEVICES}/{misplaced}")
    lines = registrar.log()[mark:]
    assert {"enrolment", "token:1"} <= {line["caller"] for line in lines}
    assert made["user"] in [line["identity"] for line in lines]
    written = registrar.log_path.read_text() + registrar.output() + plant.broker.output() + plant.broker.audit_path.read_text()
    for secret in (token, made["password"], made["kReg"], password, registrar.token, hashlib.sha256(registrar.token.encode()).hexdigest()):
        assert secret not in written
    assert misplaced not in registrar.log_path.read_text() + registrar.output()


def test_foreign_text_is_escaped_in_the_log(registrar):
    registrar.admin("GET", f"{DEVICES}/%1b[2J%0a")
    registrar.raw(b"GET /healthz\x1b[2J HTTP/1.1\r\n\r\n")
    text = registrar.log_path.read_text()
    assert all(" " <= char <= "~" or char == "\n" for char in text)
