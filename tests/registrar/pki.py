"""Certificates for tests, made by openssl: authorities, the service's own, administrators'."""

import subprocess

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True, timeout=60)


def make_authority(directory, name):
    openssl(directory, "req", "-x509", *CURVE, "-days", "2", "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}")


def make_certificate(directory, name, authority, subject=None, extension="keyUsage=digitalSignature\n", days=2):
    openssl(directory, "req", *CURVE, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject or f"/CN={name}")
    (directory / f"{name}.ext").write_text(extension)
    openssl(directory, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", str(days), "-out", f"{name}.crt", "-extfile", f"{name}.ext")


def make_all(directory):
    """`ours` signs the service and its administrators, `theirs` strangers."""
    for authority in ("ours", "theirs"):
        make_authority(directory, authority)
    make_certificate(directory, "service", "ours", extension="subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    make_certificate(directory, "alice", "ours", subject="/O=plant/CN=alice")
    make_certificate(directory, "bob", "ours", subject="/O=plant/CN=bob")
    make_certificate(directory, "mallory", "theirs", subject="/O=plant/CN=alice")
    make_certificate(directory, "late", "ours", subject="/O=plant/CN=alice", days=-1)
    make_certificate(directory, "purpose", "ours", subject="/O=plant/CN=alice", extension="extendedKeyUsage=serverAuth\n")
    return directory
