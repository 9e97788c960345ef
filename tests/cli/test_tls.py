"""TLS options, spelled as mosquitto_pub spells them, against a real TLS listener."""

import os
import subprocess

import pytest
from countersign_tests import plant
from countersign_tests.broker import free_port

REQUEST = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-batch"]


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
    """A broker with three TLS listeners: one as it should be, one that wants certificates, one with another's name."""
    folder = tmp_path_factory.mktemp("tls")
    openssl(folder, *REQUEST, "-x509", "-keyout", "ca.pem", "-out", "ca.crt", "-days", "2", "-subj", "/CN=Test")
    certificate(folder, "server", "localhost", "DNS:localhost,IP:127.0.0.1")
    certificate(folder, "other", "elsewhere.example", "DNS:elsewhere.example")
    certificate(folder, "client", "mote", "DNS:mote")
    good, strict, other = free_port(), free_port(), free_port()
    extra = [*listener(folder, good, "server"), *listener(folder, strict, "server"), "require_certificate true",
             *listener(folder, other, "other")]
    with plant.Plant(extra=extra) as running:
        yield running, folder, good, strict, other


def login(site, port, *arguments):
    running, folder, *_ = site
    key = next(running.directory.glob("admin-*.key"))
    return subprocess.run(
        [os.environ["COUNTERSIGN_CLI"], "login", "--key-file", key, "-p", str(port), "--timeout", "5", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60,
    )


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
