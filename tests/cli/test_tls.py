"""TLS options, spelled as mosquitto_pub spells them, against a real TLS listener."""

import os
import shutil
import ssl
import subprocess

import pytest
from countersign_tests import plant
from countersign_tests.broker import free_port

import tls_front

REQUEST = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-batch"]
PSK = "00112233445566778899aabbccddeeff"
WEAKER = "ECDHE-RSA-AES128-GCM-SHA256"  # a cipher that is never the first choice


def openssl(folder, *arguments):
    subprocess.run(arguments, cwd=folder, check=True, capture_output=True, timeout=60)


def certificate(folder, name, subject, names):
    """A key and a certificate from our own authority."""
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    openssl(folder, *REQUEST, "-keyout", f"{name}.pem", "-out", f"{name}.csr", "-subj", f"/CN={subject}")
    openssl(folder, "openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.pem",
            "-CAcreateserial", "-out", f"{name}.crt", "-days", "2", "-extfile", f"{name}.ext")
    (folder / f"{name}.pem").chmod(0o644)


def listener(folder, port, name):
    return [f"listener {port} 127.0.0.1", f"cafile {folder}/ca.crt", f"certfile {folder}/{name}.crt",
            f"keyfile {folder}/{name}.pem"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A broker with TLS listeners: as it should be, one that wants certificates, another's name, a pre-shared key."""
    folder = tmp_path_factory.mktemp("tls")
    openssl(folder, *REQUEST, "-x509", "-keyout", "ca.pem", "-out", "ca.crt", "-days", "2", "-subj", "/CN=Test")
    certificate(folder, "server", "localhost", "DNS:localhost,IP:127.0.0.1")
    certificate(folder, "other", "elsewhere.example", "DNS:elsewhere.example")
    certificate(folder, "client", "mote", "DNS:mote")
    good, strict, other, shared = free_port(), free_port(), free_port(), free_port()
    (folder / "psk").write_text(f"mote:{PSK}\n")
    (folder / "psk").chmod(0o644)
    extra = [*listener(folder, good, "server"), *listener(folder, strict, "server"), "require_certificate true",
             *listener(folder, other, "other"), f"listener {shared} 127.0.0.1", "psk_hint plant",
             f"psk_file {folder}/psk"]
    with plant.Plant(extra=extra) as running:
        yield running, folder, good, strict, other, shared


def login(site, port, *arguments, **environment):
    running, folder, *_ = site
    key = next(running.directory.glob("admin-*.key"))
    return subprocess.run(
        [os.environ["COUNTERSIGN_CLI"], "login", "--key-file", key, "-p", str(port), "--timeout", "5", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60, env=os.environ | environment,
    )


def login_through(site, front, *arguments):
    """Through a TLS server of our own. The completed process, and what the client got of it."""
    running, folder, *_ = site
    with tls_front.TlsFront(tls_front.context(folder, **front), running.broker.port) as server:
        return login(site, server.port, "--cafile", "ca.crt", *arguments), server.seen


@pytest.mark.parametrize("how", [["-h", "localhost"], ["-h", "127.0.0.1"], ["-V", "311"], ["--tls-version", "tlsv1.2"]])
def test_a_known_authority_is_enough(site, how):
    done = login(site, site[2], "--cafile", "ca.crt", *how)
    assert done.returncode == 0, done


def test_an_unknown_authority_is_refused(site):
    done = login(site, site[2], "--tls")
    assert done.returncode == 4, done


def test_a_server_of_another_name_is_refused_unless_asked_for(site):
    assert login(site, site[4], "--cafile", "ca.crt").returncode == 4
    done = login(site, site[4], "--cafile", "ca.crt", "--insecure")
    assert done.returncode == 0, done


def test_a_listener_that_wants_certificates_gets_ours(site):
    assert login(site, site[3], "--cafile", "ca.crt").returncode == 4
    done = login(site, site[3], "--cafile", "ca.crt", "--cert", "client.crt", "--key", "client.pem")
    assert done.returncode == 0, done


def test_files_that_are_not_there_are_named(site):
    done = login(site, site[2], "--cafile", "nowhere.crt")
    assert (done.returncode, "nowhere.crt" in done.stderr) == (5, True), done


def test_the_systems_authorities_are_asked(site):
    mine = {"SSL_CERT_FILE": str(site[1] / "ca.crt")}  # where OpenSSL looks for them
    for flag in ("--tls", "--tls-use-os-certs"):
        done = login(site, site[2], flag, **mine)
        assert done.returncode == 0, done


def test_authorities_in_a_directory_are_enough(site):
    hashed = site[1] / "hashed"
    hashed.mkdir()
    shutil.copy(site[1] / "ca.crt", hashed / "ca.pem")
    openssl(site[1], "openssl", "rehash", str(hashed))
    assert login(site, site[2], "--capath", "hashed").returncode == 0
    (site[1] / "empty").mkdir()
    done = login(site, site[2], "--capath", "empty")
    assert (done.returncode, "no certificates in empty" in done.stderr) == (5, True), done


@pytest.mark.parametrize(("asked", "server", "works"), [
    ("tlsv1.2", ssl.TLSVersion.TLSv1_2, True), ("tlsv1.2", ssl.TLSVersion.TLSv1_3, True),
    ("tlsv1.3", ssl.TLSVersion.TLSv1_2, False), ("tlsv1.3", ssl.TLSVersion.TLSv1_3, True),
])
def test_the_version_is_the_least_that_will_do(site, asked, server, works):
    done, seen = login_through(site, {"version": server}, "--tls-version", asked)
    assert (done.returncode, bool(seen)) == (0 if works else 4, works), done


def test_a_cipher_that_is_asked_for_is_taken(site):
    server = {"version": ssl.TLSVersion.TLSv1_2}
    done, seen = login_through(site, server)
    assert done.returncode == 0 and WEAKER not in {cipher for _, cipher, _ in seen}, (done, seen)
    done, seen = login_through(site, server, "--ciphers", WEAKER)
    assert done.returncode == 0 and {cipher for _, cipher, _ in seen} == {WEAKER}, (done, seen)
    done, seen = login_through(site, server | {"ciphers": "ECDHE-RSA-AES256-GCM-SHA384"}, "--ciphers", WEAKER)
    assert (done.returncode, seen) == (4, []), done


def test_the_application_protocol_is_asked_for(site):
    done, seen = login_through(site, {"alpn": "mqtt"}, "--tls-alpn", "mqtt")
    assert done.returncode == 0 and {name for _, _, name in seen} == {"mqtt"}, (done, seen)
    done, seen = login_through(site, {"alpn": "mqtt"})
    assert done.returncode == 0 and {name for _, _, name in seen} == {None}, (done, seen)


def test_a_shared_key_stands_for_certificates(site):
    *_, shared = site
    for version in ("311", "5"):
        done = login(site, shared, "--psk", PSK, "--psk-identity", "mote", "-V", version)
        assert done.returncode == 0, done
    assert login(site, shared, "--psk-identity", "mote", COUNTERSIGN_PSK=PSK).returncode == 0
    for key, identity in ((PSK.replace("0", "1"), "mote"), (PSK, "somebody")):
        assert login(site, shared, "--psk", key, "--psk-identity", identity).returncode == 4


def test_with_a_shared_key_no_certificate_is_believed(site):
    mine = {"SSL_CERT_FILE": str(site[1] / "ca.crt")}
    done = login(site, site[2], "--psk", PSK, "--psk-identity", "mote", **mine)
    assert done.returncode == 4, done


@pytest.mark.parametrize(("arguments", "said"), [
    (["--ciphers", "nonsense"], 'knows no cipher of TLS 1.2 in "nonsense"'),
    (["--ciphers", "TLS_AES_128_GCM_SHA256"], "knows no cipher of TLS 1.2"),
    (["--tls-version", "sslv3"], "sslv3 cannot be asked for"),
    (["--tls-version", "tlsv1.3", "--ciphers", WEAKER], "which tlsv1.3 leaves out"),
    (["--psk", PSK], "go together"),
    (["--psk-identity", "mote"], "go together"),
    (["--psk", "0x12", "--psk-identity", "mote"], "is not hex"),
    (["--psk", PSK, "--psk-identity", "mote", "--cafile", "ca.crt"], "one or the other"),
])
def test_what_cannot_be_is_said_before_anything_is_sent(site, arguments, said):
    done = login(site, 1, *arguments)
    assert (done.returncode, said in done.stderr) == (2, True), done
