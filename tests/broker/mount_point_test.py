"""A listener with a mount point: the broker writes it before every topic, clients sign what they wrote.

Sessions are made on a listener without one: Mosquitto takes only topics that begin with `$CONTROL` for control topics.
"""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import session as s
from countersign_tests.broker import free_port
from countersign_tests.device import auth0_client_id
from countersign_tests.plant import Plant

MOUNT = "floor-2/"
DENIED = (0x80, 0x87)
NO_CONTROL = "below a mount point the broker sees no control topic: it delivers these like any other"


@pytest.fixture(scope="module")
def mounted():
    """The port of the listener with the mount point."""
    return free_port()


@pytest.fixture(scope="module")
def plant(mounted):
    rules = [
        config.rule("plant/%d/t", retained=True, subscribe=["anyone"]),
        config.rule("orders/%d/#", publish=["known"], subscribe=["%d"]),
    ]
    extra = [f"listener {mounted} 127.0.0.1", f"mount_point {MOUNT}"]
    with Plant(rules, settings={"strip_prefix": MOUNT}, extra=extra) as plant:
        yield plant


@pytest.fixture
def reader(plant):
    """Reads the readings below the mount point, from outside."""
    with plant.subscriber(f"{MOUNT}plant/#", version=mqtt.V5) as client:
        yield client


@pytest.fixture
def mote(new_mote, version, mounted):
    """A device that took its session up again on the mounted listener."""
    device = new_mote(version)
    device.close()
    device.port = mounted
    device.resume()
    return device


def plain_of(message):
    return message.topic, message.payload


def test_a_reading_is_signed_as_written_and_delivered_under_the_mount_point(mote, reader):
    topic = f"plant/{mote.identity}/t"
    assert mote.publish(topic, "21.5").code == 0
    message = reader.receive()
    assert plain_of(message) == (MOUNT + topic, b"21.5") and message.user("cs-id") == [mote.identity]


def test_a_retained_reading_is_kept_under_the_mount_point(plant, mote, reader):
    topic = f"plant/{mote.identity}/t"
    mote.publish(topic, "21.5", retain=True)
    assert reader.receive().payload == b"21.5"
    with plant.subscriber(MOUNT + topic) as late:
        assert plain_of(late.receive()) == (MOUNT + topic, b"21.5")


def test_the_audit_names_the_topic_as_it_was_written(plant, mote):
    mark = plant.mark()
    mote.connection.publish(f"plant/{mote.identity}/t", b"unsigned", qos=1)
    line = plant.broker.wait_for_audit(after=mark, event="publish", verdict="refuse", why="unsigned")
    assert line["topic"] == f"plant/{mote.identity}/t"


def test_a_tag_over_the_topic_with_its_mount_point_is_refused(mote, assert_refused):
    topic = f"plant/{mote.identity}/t"

    def act():
        claim = mote.session.sign(MOUNT + topic, b"21.5")
        return mote.connection.publish(topic, claim.header.encode() + claim.body + claim.tag, qos=1)
    assert_refused(mote, "bad_tag", act, notice=False)


def test_rules_hold_below_the_mount_point(new_mote, mote, assert_refused):
    other = new_mote()
    assert_refused(mote, "denied", lambda: mote.publish(f"plant/{other.identity}/t", "21.5"), notice=False)
    orders = f"orders/{other.identity}/now"
    assert mote.connection.subscribe(orders)[0] in DENIED
    assert mote.connection.subscribe(f"orders/{mote.identity}/now")[0] == 0


def test_from_outside_nobody_reads_what_the_rules_forbid(plant, new_mote, mote):
    """The filters that begin with a wildcard are taken, and nothing is delivered for them."""
    topic = f"orders/{mote.identity}/now"
    with plant.broker.client("outside", version=mqtt.V5) as outside:
        assert outside.subscribe(MOUNT + topic)[0] in DENIED
        assert outside.subscribe(f"{MOUNT}orders/#")[0] in DENIED
        outside.subscribe("+/orders/#")
        mote.connection.subscribe(topic)
        assert mote.publish(topic, "open the valve").code == 0
        assert mote.connection.receive().payload == b"open the valve"
        assert outside.pending() == []


def test_listeners_with_and_without_mount_point_share_the_rules(plant, new_mote, version):
    outside = new_mote(version)
    topic = f"plant/{outside.identity}/t"
    with plant.subscriber(topic) as reader:
        assert outside.publish(topic, "21.5").code == 0
        assert plain_of(reader.receive()) == (topic, b"21.5")


def test_a_refusal_is_told_below_the_mount_point(request, plant, mote):
    if "version 2.0.11 " not in plant.broker.log():
        request.applymarker(pytest.mark.xfail(strict=True, reason="after 2.0.11 the broker cuts the notice's own topic"))
    first = mote.publish(f"plant/{mote.identity}/t", "21.5")
    first.send_from(mote.connection)
    assert mote.wait_notice("duplicate", timeout=0.5)


@pytest.mark.xfail(strict=True, reason=NO_CONTROL)
def test_a_device_shakes_hands_below_the_mount_point(new_mote, mounted):
    mote = new_mote(log_in=False)
    mote.port, mote.timeout = mounted, 0.5
    mote.login()


@pytest.mark.xfail(strict=True, reason=NO_CONTROL)
def test_what_is_for_the_server_alone_is_delivered_to_nobody(plant, mounted):
    with plant.subscriber("+/$CONTROL/#") as reader, mqtt.Client(mounted) as client:
        client.connect(auth0_client_id())
        for topic in (s.AUTH_TOPIC, s.ADMIN_TOPIC):
            client.publish(topic, b"for the server", qos=1)
        assert reader.pending() == []
