"""Whom TLS lets in, and as whom."""

import re
import shutil
import socket
import ssl
import subprocess

import pytest
from pki import make_certificate
from service import Registrar, assert_problem, read_all

DEVICES = "/v1/devices"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
def test_old_tls_is_refused(registrar, version):
    with pytest.raises(ssl.SSLError) as refusal, socket.create_connection(("127.0.0.1", registrar.port)) as plain:
        registrar.context(version=version).wrap_socket(plain, server_hostname="localhost")
    assert "ALERT_PROTOCOL_VERSION" in str(refusal.value), "the service said so, not our own library"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_new_tls_is_taken_with_forward_secrecy_and_without_resumption(registrar, version):
    context = registrar.context()
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", registrar.port)) as plain, context.wrap_socket(plain, server_hostname="localhost") as link:
        assert link.version() == ("TLSv1.2" if version == ssl.TLSVersion.TLSv1_2 else "TLSv1.3")
        assert link.cipher()[0].startswith(("ECDHE-", "TLS_"))
        link.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_all(link).startswith(b"HTTP/1.1 200 ")
        assert link.session is None or not link.session.has_ticket


def test_weak_ciphers_are_refused(registrar):
    context = registrar.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", registrar.port)) as plain:
        context.wrap_socket(plain, server_hostname="localhost")


def test_plain_http_is_refused(registrar):
    with socket.create_connection(("127.0.0.1", registrar.port), timeout=20) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = read_all(plain)
    assert not answer.startswith(b"HTTP/"), answer


def test_a_certificate_of_our_authority_administers(registrar):
    assert registrar.get(DEVICES, certificate="alice").status == 200
    registrar.wait_line(route=DEVICES, caller="certificate:CN=alice,O=plant", status=200)


@pytest.mark.parametrize("name", ["mallory", "late", "purpose"])
def test_a_certificate_that_does_not_verify_ends_the_handshake(registrar, name):
    mark = len(registrar.log())
    with pytest.raises((ssl.SSLError, ConnectionError)):
        registrar.get("/healthz", certificate=name)
    assert registrar.wait_line(after=mark, event="tls")["status"] == 0


def test_only_listed_subjects_administer(plant, pki, tmp_path):
    with Registrar(tmp_path, pki, plant, administrators=["CN=bob,O=plant"]) as registrar:
        assert registrar.get(DEVICES, certificate="bob").status == 200
        assert_problem(registrar.get(DEVICES, certificate="alice"), 403)
        assert registrar.get("/healthz", certificate="alice").status == 200


def test_a_token_decides_even_beside_a_certificate(registrar, source):
    assert_problem(registrar.get(DEVICES, certificate="alice", token="wrong", source=source), 401)


def test_without_an_authority_certificates_are_not_asked_for(plant, pki, tmp_path):
    with Registrar(tmp_path, pki, plant, client_ca=None) as registrar:
        assert_problem(registrar.get(DEVICES, certificate="alice"), 401)
        assert registrar.admin("GET", DEVICES).status == 200


def test_a_renewed_certificate_is_taken_without_a_stop(plant, pki, tmp_path):
    folder = tmp_path / "own"
    shutil.copytree(pki, folder)
    with Registrar(tmp_path, pki, plant, certificate=str(folder / "service.crt"), key=str(folder / "service.key")) as registrar:
        before = peer_certificate(registrar)
        make_certificate(folder, "service", "ours", extension="subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        registrar.reload()
        assert peer_certificate(registrar) != before
        (folder / "service.crt").write_text("no certificate")
        renewed = peer_certificate(registrar)
        registrar.reload()
        assert "not reloaded: " in registrar.output() and "no certificate in PEM" in registrar.output()
        assert peer_certificate(registrar) == renewed, "the old one goes on"


def peer_certificate(registrar):
    with registrar.connect() as link:
        return link.getpeercert(binary_form=True)


def test_administrators_are_renewed_without_a_stop(plant, pki, tmp_path):
    with Registrar(tmp_path, pki, plant) as registrar:
        assert registrar.admin("GET", DEVICES).status == registrar.get(DEVICES, certificate="alice").status == 200
        registrar.settings |= {"admin_token_hashes": [], "administrators": ["CN=bob,O=plant"]}
        registrar.reload()
        assert registrar.admin("GET", DEVICES).status == 401
        assert registrar.get(DEVICES, certificate="alice").status == 403


def test_openssl_sees_no_renegotiation_and_no_compression(registrar):
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{registrar.port}", "-CAfile", registrar.pki / "ours.crt", "-tls1_2"],
                          input=b"R\n", capture_output=True, timeout=30)
    text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    assert "Compression: NONE" in text and "Verify return code: 0" in text
    assert re.search(r"no renegotiation|renegotiat", text), text
