"""The client library over real PC/SC: PINs counted in words, cards pulled, reset and swapped, logins with a card."""

import secrets
import threading

import pytest
from countersign_tests import handshake as h
from countersign_tests import primitives as p
from countersign_tests.cards import CardHost
from countersign_tests.envelope import card_checksum
from probe import Probe

CARDS = 2
PIN, PUK = "1234", "12345678"


@pytest.fixture
def host():
    with CardHost(cards=CARDS) as host:
        yield host


@pytest.fixture
def probe(host):
    with Probe(host.env) as probe:
        yield probe


def personalise(host, probe, index=0, identity="mote-3", **fields):
    """The card's k."""
    key = secrets.token_bytes(32)
    assert probe.card_open(uid=host.uids[index])["ok"]
    values = {"transport_key": host.transport_keys[index], "identity": identity, "key": key.hex(), "pin": PIN,
              "puk": PUK, "issuer_key": secrets.token_hex(32)} | fields
    answer = probe.card_personalise(**values)
    assert answer.get("ok"), answer
    return key


def test_lists_every_reader_and_what_is_in_it(host, probe):
    readers = probe.card_list()["readers"]
    assert sorted(reader["uid"] for reader in readers) == sorted(host.uids)
    host.eject(0)
    readers = probe.card_list()["readers"]
    assert sorted(reader["uid"] for reader in readers) == ["", host.uids[1]]
    assert probe.card_open()["uid"] == host.uids[1], "the only one that is there"


def test_two_cards_need_a_choice(host, probe):
    answer = probe.card_open()
    assert answer["fault"] == 3 and "2 cards" in answer["text"]
    assert probe.card_open(uid="00" * 8)["fault"] == 3
    assert probe.card_open(uid=host.uids[1].upper())["uid"] == host.uids[1]


def test_personalises_a_card_once_and_under_its_own_transport_key(host, probe):
    assert probe.card_open(uid=host.uids[0])["ok"]
    blank = probe.card_info()
    assert (blank["life_cycle"], blank["identity"]) == ("created", "")
    wrong = {"transport_key": "00" * 32, "identity": "x", "key": "11" * 32, "pin": PIN, "puk": PUK, "issuer_key": "22" * 32}
    assert "transport key" in probe.card_personalise(**wrong)["text"]
    personalise(host, probe)
    info = probe.card_info()
    assert (info["life_cycle"], info["identity"], info["epoch"]) == ("active", "mote-3", 0)
    assert (info["pin_tries"], info["puk_tries"]) == (3, 5)
    again = probe.card_personalise(**wrong | {"transport_key": host.transport_keys[0]})
    assert again["text"] == "the card is personalised already"


def test_the_longest_of_everything_fits(host, probe):
    personalise(host, probe, identity="m" * 64, pin="1" * 16, puk="2" * 16)
    assert probe.card_info()["identity"] == "m" * 64
    assert probe.card_verify(pin="1" * 16)["ok"]


def test_gives_the_handshake_key_that_the_server_will_compute(host, probe):
    key = personalise(host, probe)
    for epoch in (1, 2, 3):
        got = probe.card_key(server_id="plant-a", pin=PIN)
        assert got["epoch"] == epoch
        assert got["hk"] == h.handshake_key(key, "mote-3", "plant-a", epoch, bytes.fromhex(got["r1"])).hex()
    assert probe.card_info()["epoch"] == 3


def test_signs_with_a_rising_counter(host, probe):
    key = personalise(host, probe)
    first, second = (probe.card_checksum(pin=PIN) for _ in range(2))
    assert second["counter"] > first["counter"]
    assert second["tag"] == card_checksum(p.expand(key, "card cc"), second["counter"], bytes(32)).hex()


def test_a_wrong_pin_counts_down_in_words_and_the_puk_helps(host, probe):
    personalise(host, probe)
    assert probe.card_verify(pin="9999")["text"] == "wrong PIN, 2 tries left"
    answer = probe.card_verify(pin="9999")
    assert answer["text"] == "wrong PIN, 1 try left" and "blocks the card" in answer["hint"]
    answer = probe.card_verify(pin="9999")
    assert answer["text"] == "the PIN is blocked" and "unblock" in answer["hint"]
    assert probe.card_verify(pin=PIN)["text"] == "the PIN is blocked"
    assert probe.card_unblock(puk="87654321", new_pin="4321")["text"] == "wrong PUK, 4 tries left"
    assert probe.card_unblock(puk=PUK, new_pin="4321")["ok"]
    assert probe.card_verify(pin="4321")["ok"]
    assert probe.card_info()["pin_tries"] == 3


def test_changes_the_pin(host, probe):
    personalise(host, probe)
    assert probe.card_change_pin(pin="9999", new_pin="4321")["text"] == "wrong PIN, 2 tries left"
    assert probe.card_change_pin(pin=PIN, new_pin="4321")["ok"]
    assert probe.card_verify(pin="4321")["ok"]


def test_survives_a_reset_by_another_application(host, probe):
    personalise(host, probe)
    assert probe.card_key(server_id="a", pin=PIN)["ok"]
    host.reset(0)
    assert probe.card_key(server_id="a", pin=PIN)["ok"]


def test_nobody_else_inherits_a_verified_pin(host, probe):
    personalise(host, probe)
    assert probe.card_verify(pin=PIN)["ok"]
    probe.card_close()
    with host.link(0) as link:
        assert link.send("0088000108" + "07" + b"plant-a".hex())[1] == 0x6982


@pytest.mark.parametrize("before", [True, False], ids=["before", "behind"])
def test_a_card_pulled_in_the_middle_is_told_and_nothing_is_lost(host, probe, before):
    personalise(host, probe)
    host.eject_on_next_apdu(0, ins=0x88, before=before)
    answer = probe.card_key(server_id="a", pin=PIN)
    assert answer["text"] == "no card in the reader" and "put the card in" in answer["hint"]
    host.await_pulled(0)
    host.insert(0)
    got = probe.card_key(server_id="a", pin=PIN)
    assert got["epoch"] == (1 if before else 2), "an epoch is never given twice"
    assert probe.card_info()["pin_tries"] == 3


def test_a_pin_lost_on_its_way_is_not_sent_again(host, probe):
    personalise(host, probe)
    host.eject_on_next_apdu(0, ins=0x20)
    assert probe.card_verify(pin="9999")["fault"] == 3
    host.await_pulled(0)
    host.insert(0)
    assert probe.card_info()["pin_tries"] == 2, "one try, not two"


def test_swapped_cards_are_noticed(host, probe):
    personalise(host, probe, 0)
    personalise(host, probe, 1, "mote-4", pin="5678")
    assert probe.card_open(uid=host.uids[0])["ok"]
    host.swap(0, 1)
    answer = probe.card_verify(pin=PIN)
    assert answer["text"] == "another card is in the reader now"
    with Probe(host.env) as other:
        assert other.card_open(reader="", uid=host.uids[0])["ok"]
        assert other.card_info()["pin_tries"] == 3, "no try of the other card was spent"


def test_two_programs_share_a_card(host, probe):
    personalise(host, probe)
    epochs, problems = [], []

    def work():
        with Probe(host.env) as mine:
            mine.card_open(uid=host.uids[0])
            for _ in range(20):
                answer = mine.card_key(server_id="a", pin=PIN)
                (epochs if answer.get("ok") else problems).append(answer.get("epoch", answer))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(epochs) == list(range(1, 41)), "each transaction has its PIN and its epoch"


def test_logs_in_and_publishes_with_a_card(host, probe, plant, reader):
    plant.keys["mote-card"] = personalise(host, probe, identity="mote-card")
    plant.admin.register("mote-card", plant.keys["mote-card"], card=host.uids[0])
    probe.card_close()
    assert probe.open(uid=host.uids[0], pin=PIN, port=plant.broker.port)["ok"]
    answer = probe.login()
    assert answer.get("ok"), (answer, plant.refusals())
    assert probe.publish(topic="plant/mote-card/t", payload="21.5")["accepted"]
    assert reader.receive().payload == b"21.5"
    answer = probe.publish(topic="plant/mote-card/t", payload="22.5", on_card=True)
    assert answer.get("accepted"), (answer, plant.refusals())
    message = reader.receive()
    assert message.payload == b"22.5"
    assert ("cs-card", "1") in message.properties["user"]


def test_a_card_is_found_again_behind_a_service_that_was_killed(host, probe):
    personalise(host, probe)
    assert probe.card_key(server_id="a", pin=PIN)["epoch"] == 1
    host.kill_service()
    answer = probe.card_key(server_id="a", pin=PIN)
    assert answer["text"] == "the smart card service does not answer" and answer["hint"] == "start pcscd"
    host.start_service()
    assert probe.card_key(server_id="a", pin=PIN)["epoch"] == 2
    assert probe.card_info()["pin_tries"] == 3


def test_another_card_behind_a_service_that_was_killed_gets_no_pin(host, probe):
    personalise(host, probe, 0)
    personalise(host, probe, 1, "mote-4", pin="5678")
    assert probe.card_open(uid=host.uids[0])["ok"]
    host.kill_service()
    host.swap_without_service(0, 1)
    host.start_service()
    assert probe.card_key(server_id="a", pin=PIN)["text"] == "another card is in the reader now"
    with Probe(host.env) as other:
        assert other.card_open(uid=host.uids[1])["ok"]
        assert other.card_info()["pin_tries"] == 3


def test_a_session_signs_on_when_the_service_is_back(host, probe, plant, reader):
    plant.keys["mote-service"] = personalise(host, probe, identity="mote-service")
    plant.admin.register("mote-service", plant.keys["mote-service"], card=host.uids[0])
    probe.card_close()
    assert probe.open(uid=host.uids[0], pin=PIN, port=plant.broker.port)["ok"]
    assert probe.login().get("ok")
    topic = "plant/mote-service/t"
    assert probe.publish(topic=topic, payload="1", on_card=True)["accepted"]
    host.kill_service()
    assert probe.publish(topic=topic, payload="2", on_card=True)["text"] == "the smart card service does not answer"
    assert probe.publish(topic=topic, payload="3")["accepted"], "what the host signs needs no card"
    host.start_service()
    answer = probe.publish(topic=topic, payload="4", on_card=True)
    assert answer.get("accepted"), (answer, plant.refusals())
    assert [reader.receive().payload for _ in range(3)] == [b"1", b"3", b"4"]


def test_a_service_killed_under_a_stream_of_messages_costs_those_it_had(host, probe, plant):
    plant.keys["mote-stream"] = personalise(host, probe, identity="mote-stream")
    plant.admin.register("mote-stream", plant.keys["mote-stream"], card=host.uids[0])
    probe.card_close()
    assert probe.open(uid=host.uids[0], pin=PIN, port=plant.broker.port)["ok"]
    assert probe.login().get("ok")
    accepted = failed = 0
    for number in range(60):
        if number == 20:
            threading.Thread(target=host.kill_service).start()
        if number == 40:
            host.start_service()
        answer = probe.publish(topic="plant/mote-stream/t", payload=str(number), on_card=True)
        accepted += answer.get("accepted", False)
        failed += "smart card service" in answer.get("text", "")
    assert accepted + failed == 60, plant.refusals()
    assert accepted >= 40 and failed > 0
    assert plant.refusals() == []


def test_no_service_is_said_plainly():
    with Probe({"PCSCLITE_CSOCK_NAME": "/nonexistent/pcscd.comm"}) as probe:
        answer = probe.card_list()
        assert answer["fault"] == 3 and answer["hint"] == "start pcscd"
