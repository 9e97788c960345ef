"""Who may use which client id, and what a connection without an identity may do (docs/protocol.md, section 2)."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import session as s
from countersign_tests.broker import wait_until
from countersign_tests.device import auth0_client_id
from countersign_tests.plant import Plant

REFUSED = {mqtt.V311: 5, mqtt.V5: 0x87}
STRANGER_SECONDS = 1


@pytest.fixture(scope="module")
def plant():
    rules = [config.rule("plant/%d/t", wills=True, subscribe=["anyone"])]
    with Plant(rules, settings={"connections": {"stranger_time": f"{STRANGER_SECONDS}s"}}) as plant:
        yield plant


@pytest.fixture(scope="module")
def patient_plant():
    """Here strangers have time, but few of them have room."""
    rules = [config.rule("plant/%d/t", wills=True, subscribe=["anyone"])]
    with Plant(rules, settings={"connections": {"strangers_per_address": 3}}) as plant:
        yield plant


def code_of(client, client_id, **connect):
    return client.connect(client_id, check=False, **connect).code


@pytest.mark.parametrize("suffix", ["", "~", "~x", "~~"])
@pytest.mark.parametrize("login", [{}, {"username": "somebody", "password": "x"}, {"username": "somebody"}], ids=str)
def test_nobody_uses_the_client_id_of_an_identity(plant, mote, raw, version, suffix, login):
    assert code_of(raw(version), mote.identity + suffix, **login) == REFUSED[version]


@pytest.mark.parametrize("clean", [True, False])
def test_a_refused_connect_throws_nobody_out(plant, mote, raw, version, clean):
    mote.resume()
    assert code_of(raw(version), mote.identity, clean=clean) == REFUSED[version]
    assert mote.connection.is_open()


def test_a_client_id_that_only_begins_like_an_identity_belongs_to_nobody(mote, raw, version):
    for client_id in (mote.identity + "0x", mote.identity + "-1", mote.identity[:-1], mote.identity.upper()):
        assert code_of(raw(version), client_id) == 0


def test_an_identity_is_not_a_username_for_just_anybody(mote, raw, version):
    for login in ({"username": mote.identity}, {"username": mote.identity, "password": "x"}):
        assert code_of(raw(version), "some-client", **login) == REFUSED[version]


@pytest.mark.parametrize("client_id", ["~", "~short", "~" + "x" * 15, "~" + "x" * 15 + "/", "~" + "x" * 15 + "#", "~" + "x" * 15 + "+"])
def test_a_strangers_client_id_has_a_form(raw, version, client_id):
    assert code_of(raw(version), client_id) == REFUSED[version]


@pytest.mark.parametrize("how", [{"clean": False}, {"username": "~", "password": "x"},
                                 {"username": "root"}, {"username": "mote-1"}], ids=str)
def test_a_stranger_connects_in_one_way_only(raw, version, how):
    assert code_of(raw(version), auth0_client_id(), **how) == REFUSED[version]


@pytest.mark.parametrize("how", [{}, {"username": "~"}, {"username": ""}], ids=str)
def test_a_stranger_is_let_in_to_shake_hands(raw, version, how):
    assert code_of(raw(version), auth0_client_id(), **how) == 0


def test_a_strangers_client_id_in_use_is_refused(raw, version):
    first, client_id = raw(version), auth0_client_id()
    assert code_of(first, client_id) == 0
    assert code_of(raw(version), client_id) == REFUSED[version]
    assert first.is_open()


def test_the_client_id_of_a_raised_connection_cannot_be_taken_over(mote, raw, version):
    assert code_of(raw(version), mote.client_id) == REFUSED[version]
    assert mote.connection.is_open()


def test_a_stranger_may_publish_to_the_handshake_alone(patient_plant, raw, version):
    stranger = mqtt.Client(patient_plant.broker.port, version=version, source="127.78.0.1")
    stranger.connect(auth0_client_id())
    with patient_plant.subscriber("#") as everything:
        for topic in ("plant/x/t", "no/rule/here", "$CONTROL/countersign/v1", "$CONTROL/dynamic-security/v1",
                      "$CONTROL/countersign/auth2", s.notice_topic("x"), "$SYS/broker/x"):
            code = stranger.publish(topic, "hello", qos=1)
            assert code == (0x87 if version == mqtt.V5 else 0), topic
        assert [m.topic for m in everything.pending() if not m.topic.startswith("$SYS")] == []
    stranger.abandon()


def test_a_stranger_may_subscribe_to_nothing(patient_plant, version):
    stranger = mqtt.Client(patient_plant.broker.port, version=version, source="127.78.0.2")
    stranger.connect(auth0_client_id())
    for topic in ("plant/x/t", "#", "no/rule/here", "$SYS/#", s.auth_reply_topic(stranger.client_id), "$share/g/x"):
        assert stranger.subscribe(topic) == ((0x87,) if version == mqtt.V5 else (0x80,)), topic
    stranger.abandon()


def test_strangers_are_capped_per_address_and_the_oldest_goes_first(patient_plant, version):
    def stranger(source):
        client = mqtt.Client(patient_plant.broker.port, version=version, source=source)
        client.connect(auth0_client_id())
        return client
    address = f"127.78.1.{version}"
    crowd = [stranger(address) for _ in range(3)]
    other = stranger(f"127.78.2.{version}")
    late = [stranger(address) for _ in range(2)]
    assert crowd[0].wait_closed() and crowd[1].wait_closed()
    assert all(one.is_open() for one in [crowd[2], *late, other])
    for one in [*crowd, *late, other]:
        one.abandon()


def test_who_is_shaking_hands_is_not_pushed_out_by_a_crowd(patient_plant, version):
    plant, address = patient_plant, f"127.78.3.{version}"
    identity = f"slow-{version}"
    plant.register(identity)
    mote = plant.client_of(identity, version=version)
    mote.source = address
    mote.connect_auth0()
    m3 = mote.ask(mote.begin(), lambda wire: mote.pending.answer(wire))
    crowd = []
    for _ in range(8):
        crowd.append(mqtt.Client(plant.broker.port, version=version, source=address))
        crowd[-1].connect(auth0_client_id())
    mote.ask(m3, mote.finish)
    assert mote.publish(f"plant/{identity}/t", "21").code < 0x80
    for one in crowd:
        one.abandon()


def test_a_stranger_that_does_not_shake_hands_is_closed(plant, raw, version):
    stranger = raw(version)
    stranger.connect(auth0_client_id())
    assert stranger.wait_closed(STRANGER_SECONDS + 10)


def test_pinging_does_not_keep_a_stranger_in(plant, raw, version):
    stranger = raw(version)
    stranger.connect(auth0_client_id())
    wait_until(lambda: not stranger.is_open(), STRANGER_SECONDS + 10, "the stranger is still there")


def test_who_shook_hands_stays(plant, new_mote, raw, version):
    mote, clock = new_mote(version), raw(version)
    clock.connect(auth0_client_id())
    assert clock.wait_closed(STRANGER_SECONDS + 10), "by then the time of a stranger is over"
    assert mote.publish(f"plant/{mote.identity}/t", "21").code < 0x80 and mote.connection.is_open()


def test_a_client_that_countersign_does_not_know_goes_on_as_before(plant, raw, version):
    client = raw(version)
    assert code_of(client, "plain-client", username="old", password="friend") == 0
    with plant.subscriber("elsewhere/#") as other:
        client.publish("elsewhere/x", "hello", qos=1)
        assert other.receive().payload == b"hello"


def test_an_identity_registered_later_takes_its_client_id_back(plant, raw, version):
    identity = f"late-{version}"
    squatter = raw(version)
    assert code_of(squatter, identity) == 0
    plant.register(identity)
    assert squatter.wait_closed()
    assert code_of(raw(version), identity) == REFUSED[version]
    device = plant.log_in(identity, version=version)
    assert device.resume().code == 0
