"""Both sides of the protocol agree, and nothing altered passes."""

import importlib.util
import pathlib
import subprocess
import sys

import pytest

from countersign_tests import protocol as P

K = b"k" * 32
VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors"


def device_side(suite, **changes):
    arguments = {"identity": "mote-3", "server_id": "broker", "suite": suite, "epoch": 9, "r1": b"r" * 16,
                 "n1_secret": b"1" * 32, "n3": b"3" * 32, "k": K}
    return P.DeviceSide(**arguments | changes)


def server_answer(m1, kid=77):
    side = P.ServerSide(m1, K, "broker")
    return side, side.answer(r2=b"2" * 16, n2_secret=b"n" * 32, auth_code=b"a" * 16, kid=kid)


def every_flip(data):
    for bit in range(8 * len(data)):
        out = bytearray(data)
        out[bit // 8] ^= 1 << bit % 8
        yield bytes(out)


def shake(suite):
    device = device_side(suite)
    server, m2 = server_answer(device.m1)
    m3 = device.answer(m2)
    return device, server, m2, m3, server.accept(m3)


@pytest.mark.parametrize("suite", (1, 2))
def test_both_sides_get_the_same_session(suite):
    device, server, _, _, session = shake(suite)
    receipt = P.Receipt.of(76, {1, 2, 64})
    own, told = device.finish(server.finished(receipt))
    assert (own.sk, own.kid, own.auth_code) == (session.sk, 77, b"a" * 16)
    assert told == receipt


@pytest.mark.parametrize("suite", (1, 2))
def test_refuses_every_flipped_bit_of_the_handshake(suite):
    device, server, m2, m3, _ = shake(suite)
    finished = server.finished()
    for wrong in every_flip(device.m1):
        with pytest.raises(P.Refused):
            P.ServerSide(wrong, K, "broker")
    fresh = device_side(suite)
    for wrong in every_flip(m2):
        with pytest.raises(P.Refused):
            fresh.answer(wrong)
    assert fresh.answer(m2) == m3, "wrong messages changed nothing"
    for wrong in every_flip(m3):
        with pytest.raises(P.Refused):
            server.accept(wrong)
    assert server.accept(m3).sk == device.sk
    for wrong in every_flip(finished):
        with pytest.raises(P.Refused):
            device.finish(wrong)
    device.finish(finished)


def test_repeats_m3_and_refuses_a_second_m2():
    device = device_side(1)
    _, m2 = server_answer(device.m1)
    _, other = server_answer(device.m1, kid=78)
    assert device.answer(m2) == device.answer(m2)
    with pytest.raises(P.Refused):
        device.answer(other)


def test_refuses_a_suite_that_policy_forbids():
    with pytest.raises(P.Refused, match="bad_handshake"):
        P.ServerSide(device_side(2).m1, K, "broker", suites=(1,))


FLAGS = (0, 1, 2, 3, 4, 6, 8, 10)
KEYS = P.direction_keys(b"s" * 32, "up")
CARD = P.card_keys(K, b"s" * 32)


def sealed(flags, payload, topic="a/b", props=b""):
    header = P.Header(flags, 300, 70000)
    if flags & P.ON_CARD:
        return P.seal_on_card(lambda d: (7, P.card_checksum(CARD.cc, 7, d)), CARD.bind, header, topic, props, payload)
    return P.seal_claim(KEYS, header, topic, props, payload)


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("payload", (b"", b"x", bytes(300)))
def test_envelope_opens_again_in_both_forms(flags, payload):
    props = P.encode_props(1, "t", "r", b"c")
    claim = sealed(flags, payload, props=props)
    assert P.open_claim(KEYS, P.parse_payload(P.as_payload(claim)), "a/b", props, CARD) == payload
    assert P.open_claim(KEYS, P.parse_property(*P.as_property(claim)), "a/b", props, CARD) == payload


@pytest.mark.parametrize("flags", FLAGS)
def test_refuses_every_flipped_bit_of_an_envelope(flags):
    wire = P.as_payload(sealed(flags, b"21.5"))
    for wrong in every_flip(wire):
        with pytest.raises(P.Refused):
            P.open_claim(KEYS, P.parse_payload(wrong), "a/b", b"", CARD)


@pytest.mark.parametrize("flags", FLAGS)
def test_refuses_every_shortened_envelope(flags):
    wire = P.as_payload(sealed(flags, b"21.5"))
    for size in range(len(wire)):
        with pytest.raises(P.Refused):
            P.open_claim(KEYS, P.parse_payload(wire[:size]), "a/b", b"", CARD)


@pytest.mark.parametrize("n", (0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 2**28 - 1))
def test_vbi_reads_what_it_wrote(n):
    assert P.Reader(P.vbi(n)).vbi(4) == n


def test_resume_proof_is_for_one_client_id_and_rises():
    session = P.Session("mote-3", 77, b"s" * 32, b"a" * 16)
    password = session.next_resume_password("mote-3")
    assert P.check_resume_password(session.sk, 77, 0, "mote-3", password) == 1
    for last_n, client_id, why in ((1, "mote-3", "replayed"), (0, "mote-3~x", "bad_tag")):
        with pytest.raises(P.Refused, match=why):
            P.check_resume_password(session.sk, 77, last_n, client_id, password)


def test_receipt_names_the_accepted_seqs():
    accepted = {5, 6, 9, 68}
    receipt = P.Receipt.of(3, accepted)
    assert receipt.edge == 69
    assert {seq for seq in range(100) if receipt.accepted(seq)} == accepted
    assert not P.Receipt.of(3, {4, 68}).accepted(4), "65 behind is out of reach"


def test_last_seq_and_last_epoch_are_the_end():
    session = P.Session("a", 1, b"s" * 32, b"a" * 16, seq=P.MAX_SEQ - 1)
    assert session.next_seq() == P.MAX_SEQ
    with pytest.raises(OverflowError):
        session.next_seq()


def test_refusals_have_their_frozen_values():
    picked = {"none": 0, "duplicate": 7, "unsigned": 9, "expelled": 14, "disabled": 16, "will": 19, "cloned": 23,
              "internal": 27}
    assert {name: P.REFUSALS[name] for name in picked} == picked and len(P.REFUSALS) == 28


def test_vectors_are_what_the_generator_writes():
    run = subprocess.run([sys.executable, VECTORS / "make_vectors.py", "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_vector_check_sees_a_changed_file(tmp_path):
    spec = importlib.util.spec_from_file_location("make_vectors", VECTORS / "make_vectors.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.HERE = tmp_path
    (tmp_path / "a.vec").write_text("old")
    (tmp_path / "c.vec").write_text("c")
    assert list(module.differences({"a.vec": "new", "b.vec": "b"})) == [
        "a.vec: differs", "b.vec: missing", "c.vec: left over"]
