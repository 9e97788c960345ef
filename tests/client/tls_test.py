"""TLS as mosquitto_pub has it: whom the client believes, and how it shows itself."""

import subprocess

import pytest
from countersign_tests import config
from countersign_tests.broker import free_port
from countersign_tests.plant import Plant


def openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True, timeout=60)


def make_authority(directory, name):
    openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}")


def make_certificate(directory, name, authority, extension):
    openssl(directory, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    (directory / "extension").write_text(extension)
    openssl(directory, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", "2", "-out", f"{name}.crt", "-extfile", "extension")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pki")
    for authority in ("ours", "theirs"):
        make_authority(directory, authority)
    make_certificate(directory, "broker", "ours", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    make_certificate(directory, "misnamed", "ours", "subjectAltName=DNS:elsewhere.example\n")
    make_certificate(directory, "mote", "ours", "keyUsage=digitalSignature\n")
    hashed = directory / "hashed"
    hashed.mkdir()
    (hashed / "0.pem").write_text((directory / "ours.crt").read_text())
    return directory


def listener(pki, port, certificate, *more):
    return [f"listener {port} 127.0.0.1", f"certfile {pki}/{certificate}.crt", f"keyfile {pki}/{certificate}.key", *more]


@pytest.fixture(scope="module")
def ports():
    return {name: free_port() for name in ("broker", "misnamed", "strict")}


@pytest.fixture(scope="module")
def plant(pki, ports):
    lines = listener(pki, ports["broker"], "broker") + listener(pki, ports["misnamed"], "misnamed")
    lines += listener(pki, ports["strict"], "broker", f"cafile {pki}/ours.crt", "require_certificate true")
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], extra=lines) as plant:
        yield plant


def can_log_in(probe):
    answer = probe.login()
    if answer.get("ok"):
        return probe.publish(topic=f"plant/{probe.identity}/t", payload="x", confirm=True)["accepted"]
    assert answer["fault"] == 4, answer
    return False


@pytest.mark.parametrize("trust", ["cafile", "capath"])
def test_believes_a_broker_of_its_authority(new_probe, pki, ports, version, trust):
    tls = {"cafile": str(pki / "ours.crt")} if trust == "cafile" else {"capath": str(pki / "hashed")}
    assert can_log_in(new_probe(version, log_in=False, port=ports["broker"], tls=tls))


def test_believes_no_other_authority_and_not_the_systems(new_probe, pki, ports):
    for tls in ({"cafile": str(pki / "theirs.crt")}, {"enabled": True}):
        assert not can_log_in(new_probe(log_in=False, port=ports["broker"], tls=tls))


def test_the_name_must_be_right_unless_insecure(new_probe, pki, ports):
    tls = {"cafile": str(pki / "ours.crt")}
    assert not can_log_in(new_probe(log_in=False, port=ports["misnamed"], tls=tls))
    assert can_log_in(new_probe(log_in=False, port=ports["misnamed"], tls=tls | {"insecure": True}))
    theirs = {"cafile": str(pki / "theirs.crt"), "insecure": True}
    assert not can_log_in(new_probe(log_in=False, port=ports["misnamed"], tls=theirs)), "the chain is still checked"


def test_shows_its_own_certificate(new_probe, pki, ports):
    tls = {"cafile": str(pki / "ours.crt")}
    assert not can_log_in(new_probe(log_in=False, port=ports["strict"], tls=tls))
    mine = {"cert": str(pki / "mote.crt"), "key": str(pki / "mote.key")}
    assert can_log_in(new_probe(log_in=False, port=ports["strict"], tls=tls | mine))


def test_wrong_options_are_told_before_anything_is_sent(new_probe, pki, ports):
    for tls, fault in (({"cafile": "/nonexistent"}, 5), ({"capath": str(pki / "nothing")}, 5),
                       ({"cafile": str(pki / "ours.crt"), "cert": str(pki / "mote.crt")}, 2),
                       ({"enabled": True, "version": "sslv3"}, 2)):
        probe = new_probe(log_in=False, port=ports["broker"], tls=tls)
        assert probe.login()["fault"] == fault, tls
