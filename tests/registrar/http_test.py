"""What strangers may send before anybody has looked at who they are, and after."""

import json
import socket
import ssl
import time

import pytest
from service import Registrar, assert_problem, device_data, read_all

DEVICES = "/v1/devices"


def head(method="POST", path=DEVICES, *fields, token=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *fields]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join(lines + ["", ""]).encode()


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else None


def post(registrar, body, *fields):
    """As an administrator, with the right length and type unless `fields` say otherwise."""
    names = {field.split(":")[0] for field in fields}
    fields = list(fields)
    fields += ["Content-Type: application/json"] * ("Content-Type" not in names)
    fields += [f"Content-Length: {len(body)}"] * ("Content-Length" not in names)
    return status_of(registrar.raw(head("POST", DEVICES, *fields, token=registrar.token) + body))


# the body

def test_a_body_over_16_kib_is_refused_before_it_is_read(registrar):
    assert_problem(registrar.admin("POST", DEVICES, json.dumps({"deviceData": device_data(), "label": "x" * 17_000})), 413)
    for length in ("16385", "4294967296", "99999999999999999999999999"):
        assert post(registrar, b"", f"Content-Length: {length}") == 413, length


def test_a_large_body_that_is_on_its_way_does_not_cost_the_client_its_answer(registrar):
    assert_problem(registrar.admin("POST", DEVICES, "x" * 500_000), 413)


def test_a_body_of_16_kib_is_read(registrar):
    filled = json.dumps({"deviceData": {}}).encode()
    assert post(registrar, filled + b" " * (16_384 - len(filled))) == 422


@pytest.mark.parametrize("length", ["-1", "+5", "5 5", "0x10", "5a", " ", "1,1"])
def test_a_length_that_is_none_is_refused(registrar, length):
    assert post(registrar, b"{}", f"Content-Length: {length}") in (400, 411)


def test_a_body_without_a_length_is_refused_at_once(registrar):
    began = time.monotonic()
    json_type = "Content-Type: application/json"
    assert status_of(registrar.raw(head("POST", DEVICES, json_type, token=registrar.token))) == 411
    chunked = head("POST", DEVICES, json_type, "Transfer-Encoding: chunked", token=registrar.token)
    assert status_of(registrar.raw(chunked + b"2\r\n{}\r\n0\r\n\r\n")) == 411
    both = head("POST", DEVICES, json_type, "Transfer-Encoding: chunked", "Content-Length: 2", token=registrar.token)
    assert status_of(registrar.raw(both + b"{}")) == 411
    assert time.monotonic() - began < 5


def test_a_truncated_body_ends_with_its_connection(registrar):
    mark = len(registrar.log())
    with registrar.connect() as link:
        link.sendall(head("POST", DEVICES, "Content-Type: application/json", "Content-Length: 100", token=registrar.token) + b'{"deviceData":')
    registrar.wait_line(after=mark, route=DEVICES, status=400, why="malformed")


@pytest.mark.parametrize("body", [
    b"", b"[]", b"null", b"{", b'{"deviceData":{}} {}', b'{"deviceData":{"uuid":"\xff\xfe"}}', b'{"deviceData":{"uuid":"\xed\xa0\x80"}}',
    b"\xef\xbb\xbf{", b"[" * 8000 + b"]" * 8000, b'{"a":' * 2000 + b"1" + b"}" * 2000, b'{"deviceData":{},"deviceData":{}}',
    b'{"deviceData":{"uuid":"a","uuid":"b"}}', b'{"deviceData":{"uuid":1}}', b'{"deviceData":[]}', b"{}", b'{"deviceData":{},"more":1}',
    b'{"deviceData":{},"label":{"a":{"b":{"c":{}}}}}', b"\x00" * 100,
], ids=range(18))
def test_a_body_that_is_not_its_shape_is_malformed(registrar, body):
    assert post(registrar, body) == 400


@pytest.mark.parametrize("fields", [
    ["Content-Type: text/plain"], ["Content-Type: application/x-www-form-urlencoded"], ["Content-Type: multipart/form-data; boundary=x"],
    ["Content-Type: application/jsonx"], ["Content-Type:"], ["Content-Type: application/json", "Content-Encoding: gzip"],
    ["Content-Type: application/json", "Content-Encoding: identity"],
])
def test_a_body_of_another_type_is_refused(registrar, fields):
    assert post(registrar, b"{}", *fields) == 415


def test_json_may_say_its_character_set(registrar):
    assert post(registrar, b"{}", "Content-Type: Application/JSON; charset=utf-8") == 400


def test_what_takes_no_body_refuses_one(registrar):
    for method, path in (("GET", DEVICES), ("DELETE", DEVICES + "/x"), ("GET", "/healthz")):
        answer = registrar.raw(head(method, path, "Content-Length: 2", token=registrar.token) + b"{}")
        assert status_of(answer) == 400, (method, path)


def test_a_delete_without_a_length_is_answered_at_once(registrar):
    began = time.monotonic()
    assert status_of(registrar.raw(head("DELETE", DEVICES + "/nobody", token=registrar.token))) == 404
    assert time.monotonic() - began < 3


# the head

@pytest.mark.parametrize("data", [
    b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"BREW /healthz HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nX: a\r\n folded\r\n\r\n", b"GET /healthz HTTP/1.1\r\nX : a\r\n\r\n", b"GET /healthz HTTP/1.1\r\nX: \x00\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 65 + b"\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET /healthz HTTP/1.1\r\nX: y\nZ: w\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
], ids=range(12))
def test_a_head_that_can_be_read_in_two_ways_is_malformed(registrar, data):
    assert status_of(registrar.raw(data)) == 400


def test_a_long_head_is_refused(registrar):
    assert status_of(registrar.raw(b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")) == 431
    assert status_of(registrar.raw(b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")) == 414
    assert status_of(registrar.raw(b"a" * 300_000)) == 431


def test_a_long_path_and_many_ranges_find_nothing_to_recurse_into(registrar):
    assert status_of(registrar.raw(head("GET", "/" + "a/" * 4_000))) == 404
    ranges = "bytes=0-0" + ",0-0" * 3_800
    answer = registrar.raw(head("GET", "/openapi.yaml", f"Range: {ranges}"))
    assert status_of(answer) == 200 and b"Accept-Ranges: none" in answer
    assert len(answer) < 100_000
    assert registrar.process.poll() is None


def test_an_answer_is_not_compressed(registrar):
    answer = registrar.raw(head("GET", "/openapi.yaml", "Accept-Encoding: gzip, br, deflate"))
    assert b"Content-Encoding" not in answer and b"openapi: 3" in answer


def test_a_second_request_on_a_connection_is_not_read(registrar):
    first = head("GET", "/healthz")
    answer = registrar.raw(first + head("GET", DEVICES, token=registrar.token))
    assert answer.count(b"HTTP/1.1 ") == 1 and b"Connection: close" in answer


def test_whoever_asks_first_is_told_before_sending_a_body(registrar):
    fields = ("Content-Type: application/json", "Expect: 100-continue")
    with registrar.connect() as link:
        link.sendall(head("POST", DEVICES, *fields, "Content-Length: 16385", token=registrar.token))
        answer, _, body = read_all(link).partition(b"\r\n\r\n")
        assert status_of(answer) == 413 and f"Content-Length: {len(body)}".encode() in answer
    with registrar.connect() as link:
        link.sendall(head("POST", DEVICES, *fields, "Content-Length: 2", token="x"))
        assert status_of(read_all(link)) == 401
    with registrar.connect() as link:
        link.sendall(head("POST", DEVICES, *fields, "Content-Length: 2", token=registrar.token))
        assert link.recv(100).startswith(b"HTTP/1.1 100 ")
        link.sendall(b"{}")
        assert status_of(read_all(link)) == 400


def test_methods_and_paths(registrar):
    assert_problem(registrar.get("/nowhere"), 404)
    refused = registrar.request("PUT", DEVICES)
    assert_problem(refused, 405)
    assert refused.headers["Allow"] == "POST, GET, HEAD"
    whole, bare = registrar.get("/healthz"), registrar.request("HEAD", "/healthz")
    assert bare.status == 200 and bare.body == b"" and bare.headers["Content-Length"] == whole.headers["Content-Length"]
    for path in ("/v1/devices/a%2Fb", "/v1/devices/a%00b", "/v1/devices/%C3%A9", "/v1/devices/..%2f..", "/v1/devices/" + "a" * 65):
        assert_problem(registrar.admin("GET", path), 404)


@pytest.mark.parametrize("query", ["offset=-1", "offset=a", "count=0", "count=1001", "offset=0&offset=1", "count=1&limit=2", "count=", "count=1%00", "token=x"])
def test_a_query_that_is_none_is_malformed(registrar, query):
    assert_problem(registrar.admin("GET", f"{DEVICES}?{query}"), 400)


def test_a_query_where_none_belongs_is_malformed(registrar):
    assert_problem(registrar.get("/healthz?verbose=1"), 400)


# time

def test_slow_clients_block_nobody_and_are_ended(plant, pki, tmp_path):
    with Registrar(tmp_path, pki, plant, threads=4, limits={"request_time": "3s", "connections_per_address": 3}) as registrar:
        slow = [registrar.connect(source="127.0.0.9") for _ in range(3)]
        began = time.monotonic()
        for link in slow:
            link.sendall(b"GET /healthz HTTP/1.1\r\n")
        with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
            registrar.connect(source="127.0.0.9")
        for _ in range(5):
            assert registrar.get("/healthz").status == 200
        assert time.monotonic() - began < 2.5, "others were not kept waiting"
        while time.monotonic() - began < 2.5:
            for link in slow:
                link.sendall(b"X")
            time.sleep(0.1)
        for link in slow:
            link.settimeout(4)
            assert read_all(link) == b""
        assert 2.5 < time.monotonic() - began < 6, "each byte bought no more time"
        assert registrar.get("/healthz", source="127.0.0.9").status == 200


def test_a_client_that_never_shakes_hands_is_ended(plant, pki, tmp_path):
    with Registrar(tmp_path, pki, plant, limits={"request_time": "1s"}) as registrar:
        mark = len(registrar.log())
        with socket.create_connection(("127.0.0.1", registrar.port)) as link:
            link.settimeout(5)
            assert link.recv(1) == b""
        registrar.wait_line(after=mark, event="tls", why="no_handshake")
