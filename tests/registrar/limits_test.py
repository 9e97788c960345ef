"""What one address may cost, and whoever guesses."""

import concurrent.futures
import contextlib
import http.client
import secrets
import ssl
import time

import pytest
from countersign_tests.broker import wait_until

from service import Registrar, assert_problem, device_data

DEVICES = "/v1/devices"
GONE = (ssl.SSLError, ConnectionError, http.client.HTTPException, OSError)


@pytest.fixture(scope="module")
def strict(plant, pki, tmp_path_factory):
    limits = {"requests_per_second": 1, "burst": 5, "failed_logins": 3, "back_off_max": "2s", "connections_per_address": 4}
    with Registrar(tmp_path_factory.mktemp("strict"), pki, plant, limits=limits) as registrar:
        yield registrar


def until_refused(registrar, path, source):
    """The first answer with 429: never before the burst is spent. On a busy machine a place or two have come back by then."""
    for number in range(100):
        reply = registrar.get(path, source=source)
        if reply.status == 429:
            assert number >= 5
            return reply
    raise AssertionError("there is no limit")


@pytest.mark.parametrize("path", ["/healthz", "/openapi.yaml", DEVICES, "/nowhere"])
def test_an_address_is_served_then_refused_then_dropped(strict, source, path):
    refused = until_refused(strict, path, source)
    assert_problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 2
    with pytest.raises(GONE):
        for _ in range(100):
            assert strict.get(path, source=source).status in (200, 401, 404, 429)


def test_another_address_is_served_meanwhile(strict, source):
    until_refused(strict, "/healthz", source)
    assert strict.get("/healthz", source="127.65.0.1").status == 200


def test_retry_after_is_true(strict, source):
    refused = until_refused(strict, "/healthz", source)
    time.sleep(int(refused.headers["Retry-After"]))
    assert strict.get("/healthz", source=source).status == 200


def test_a_guesser_waits_and_longer_each_time(plant, pki, tmp_path, source):
    with Registrar(tmp_path, pki, plant, limits={"failed_logins": 3, "back_off_max": "4s"}) as registrar:
        bodies = {registrar.get(DEVICES, token=secrets.token_urlsafe(), source=source).body for _ in range(3)}
        assert len(bodies) == 1
        refused = registrar.get(DEVICES, token="x", source=source)
        assert_problem(refused, 429)
        assert refused.headers["Retry-After"] == "1"
        assert_problem(registrar.admin("GET", DEVICES, source=source), 429)
        assert registrar.get(DEVICES, certificate="alice", source=source).status == 200, "no guess"
        assert registrar.admin("GET", DEVICES).status == 200, "another address"
        time.sleep(1.1)
        assert registrar.get(DEVICES, token="x", source=source).status == 401
        assert registrar.get(DEVICES, token="x", source=source).headers["Retry-After"] == "2"
        time.sleep(2.1)
        assert registrar.admin("GET", DEVICES, source=source).status == 200
        assert registrar.get(DEVICES, token="x", source=source).status == 401, "counted from the beginning"


def test_guessed_enrolment_tokens_count_too(plant, pki, tmp_path, source):
    with Registrar(tmp_path, pki, plant, limits={"failed_logins": 3}) as registrar:
        def guess():
            return registrar.request("POST", DEVICES, {"deviceData": device_data()}, token=secrets.token_urlsafe(32), source=source).status
        assert [guess() for _ in range(4)] == [401, 401, 401, 429]


def test_many_at_once_are_all_answered(registrar):
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda _: registrar.admin("GET", DEVICES + "?count=1").status, range(100)))
    assert statuses == [200] * 100


def test_connections_of_one_address_are_counted_and_given_back(plant, pki, tmp_path, source):
    with Registrar(tmp_path, pki, plant, limits={"connections_per_address": 3}) as registrar:
        for _ in range(3):
            links = [registrar.connect(source=source) for _ in range(3)]
            with pytest.raises(GONE):
                registrar.connect(source=source)
            for link in links:
                link.close()
            wait_until(lambda: is_served(registrar, source), 10, "the places were not given back")


def is_served(registrar, source):
    with contextlib.suppress(*GONE):
        return registrar.get("/healthz", source=source).status == 200
    return False
