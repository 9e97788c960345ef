"""Devices behind a broker that knows nothing of Countersign, joined by a bridge (docs/protocol.md, section 3).

A broker eats `$CONTROL` topics, so there the devices shake hands on a plain topic, which the bridge maps.
"""

import contextlib

import pytest
from countersign_tests import config
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.broker import Broker, free_port
from countersign_tests.device import Device
from countersign_tests.mqtt import Will
from countersign_tests.plant import SERVER_ID, Plant

GATEWAY = "gateway-1"
LOCAL_AUTH_TOPIC = "handshakes"
RULES = [config.rule("plant/%d/t", subscribe=["anyone"])]
CARRIES = {"carries": ["far-*"]}
SETTINGS = {"connections": {"handshakes_per_second": 1000}}
BRIDGE = ["bridge_protocol_version mqttv311", "restart_timeout 1"]


class FarDevice(Device):
    """A device that speaks to the far broker only; `relay` is the bridge's client id at the near one."""

    def __init__(self, *arguments, relay, **options):
        super().__init__(*arguments, **options)
        self.relay, self.relayed = relay, True

    def arrive(self):
        self.open().connect(self.identity)
        self.relayed = True
        self.connection.subscribe(f"countersign/+/{self.relay}/#")

    @property
    def client_id(self):
        return self.relay

    def send_auth(self, payload, qos=0):
        return self.connection.publish(LOCAL_AUTH_TOPIC, s.relayed(self.identity, payload), qos=qos)


class Site:
    """A plant and a far broker; `relay` is the client id of the bridge between them."""

    def __init__(self, plant, far, relay):
        self.plant, self.far, self.relay = plant, far, relay

    def device(self, identity):
        self.plant.register(identity)
        device = FarDevice(identity, self.plant.keys[identity], SERVER_ID, port=self.far.port, relay=self.relay)
        device.arrive()
        return device


@contextlib.contextmanager
def opened_by_the_far_broker():
    """The bridge logs in as a registered identity, by a proof of a session that was made for it."""
    with Plant(RULES, relays=[{"identity": GATEWAY, **CARRIES}], settings=SETTINGS) as plant:
        gateway = plant.device(GATEWAY, kind="agent")
        gateway.close()
        extra = ["connection near", f"address 127.0.0.1:{plant.broker.port}", *BRIDGE, f"remote_clientid {GATEWAY}",
                 f"remote_username {GATEWAY}", f"remote_password {gateway.session.next_resume_password(GATEWAY)}",
                 f'topic "" out 1 {LOCAL_AUTH_TOPIC} {s.AUTH_TOPIC}', "topic plant/# out 1"]
        with Broker(plugin="", extra=extra) as far:
            plant.broker.wait_for_audit(event="resume", verdict="accept", identity=GATEWAY)
            yield Site(plant, far, GATEWAY)


@contextlib.contextmanager
def opened_by_the_plant():
    """Nobody logs in: the plant's own configuration says where to go and whom to believe it brings."""
    port, relay = free_port(), "local-far"
    with Broker(plugin="", port=port) as far:
        extra = ["connection far", f"address 127.0.0.1:{port}", *BRIDGE, f"local_clientid {relay}",
                 f'topic "" in 1 {s.AUTH_TOPIC} {LOCAL_AUTH_TOPIC}', "topic plant/# in 1"]
        relays = [{"bridge": relay, **CARRIES}]
        with Plant(RULES, relays=relays, settings=SETTINGS, extra=extra) as plant:
            far.wait_for_log("plant/# (QoS 1)")
            yield Site(plant, far, relay)


@pytest.fixture(scope="module", params=[opened_by_the_far_broker, opened_by_the_plant], ids=lambda how: how.__name__)
def site(request):
    with request.param() as site:
        yield site


@pytest.fixture(scope="module")
def plant(site):
    return site.plant


@pytest.fixture(scope="module")
def _numbers():
    return iter(range(1, 1000))


@pytest.fixture
def device(site, _numbers):
    """A device behind the bridge that has shaken hands."""
    device = site.device(f"far-{next(_numbers)}")
    device.handshake()
    yield device
    device.connection.abandon()


def test_a_device_behind_a_bridge_shakes_hands_and_its_reading_arrives_plain(device, reader):
    topic = f"plant/{device.identity}/t"
    device.publish(topic, "21.5")
    message = reader.receive()
    assert (message.topic, message.payload) == (topic, b"21.5")
    assert message.user("cs-id") == [device.identity]


def test_its_readings_arrive_in_order_and_a_receipt_says_so(device, reader):
    sent = [device.publish(f"plant/{device.identity}/t", f"{number}") for number in range(20)]
    assert [reader.receive().payload for _ in sent] == [b"%d" % number for number in range(20)]
    receipt = device.request_receipt()
    assert all(receipt.accepted(one.seq) for one in sent)


def test_many_devices_share_the_bridge(site, device, reader, _numbers):
    other = site.device(f"far-{next(_numbers)}")
    other.handshake()
    for one in (device, other, device):
        one.publish(f"plant/{one.identity}/t", one.identity)
        assert reader.receive().user("cs-id") == [one.identity]


def test_what_somebody_forges_behind_the_bridge_is_refused_and_the_bridge_stays(plant, device, reader):
    topic = f"plant/{device.identity}/t"
    claim = device.seal(topic, "21.5")
    mark = plant.mark()
    for _ in range(20):
        device.connection.publish(topic, claim.header.encode() + b"99.9" + claim.tag, qos=1)
    device.connection.publish(topic, e.as_payload(claim), qos=1)
    assert reader.receive().payload == b"21.5", "nothing was delivered before it"
    plant.broker.wait_for_audit(after=mark, event="publish", verdict="refuse", why="bad_tag")


def test_what_nobody_signed_behind_the_bridge_is_refused(plant, device, reader):
    mark = plant.mark()
    device.connection.publish(f"plant/{device.identity}/t", b"21.5", qos=1)
    plant.broker.wait_for_audit(after=mark, event="publish", verdict="refuse", why="unsigned")
    assert reader.pending() == []


def test_a_replay_behind_the_bridge_is_refused_and_its_sender_told(device, reader):
    first = device.publish(f"plant/{device.identity}/t", "21.5")
    assert reader.receive().payload == b"21.5"
    first.send_from(device.connection)
    assert device.wait_notice("duplicate")["seq"] == first.seq
    assert reader.pending() == []


def test_a_bridge_brings_only_whom_it_may(site, plant, reader):
    stranger = site.device(f"near-{site.relay}")
    mark = plant.mark()
    stranger.send_auth(stranger.begin())
    plant.broker.wait_for_audit(after=mark, event="handshake", verdict="refuse", why="denied")
    stranger.connection.publish(f"plant/{stranger.identity}/t", b"21.5", qos=1)
    plant.broker.wait_for_audit(after=mark, event="publish", verdict="refuse")
    assert stranger.connection.pending() == [] and reader.pending() == []


def test_a_will_behind_the_bridge_comes_as_a_plain_message_and_is_refused(plant, device, reader):
    """The far broker publishes it like anything else, and nobody has signed it."""
    device.open().connect(device.identity, will=Will(f"plant/{device.identity}/t", b"gone"))
    mark = plant.mark()
    device.connection.abandon()
    plant.broker.wait_for_audit(after=mark, event="publish", verdict="refuse", why="unsigned")
    assert reader.pending() == []


def test_a_handshake_may_be_the_first_thing_that_the_plants_own_bridge_brings():
    with opened_by_the_plant() as site:
        device = site.device("far-0")
        device.handshake()
