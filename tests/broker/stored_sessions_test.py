"""Messages that wait in the broker's store while it is stopped: for their device, and for nobody else (docs/protocol.md, 2)."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import session as s
from countersign_tests.plant import Plant

REFUSED = {mqtt.V311: 5, mqtt.V5: 0x87}
EXPIRY = {mqtt.V311: None, mqtt.V5: {"session_expiry": 3600}}


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/%d/t", subscribe=["anyone"]),
        config.rule("orders/%d/#", publish=["known"], subscribe=["%d"]),
    ]
    with Plant(rules, extra=["persistence true"]) as plant:
        yield plant


@pytest.fixture
def queued(plant, new_mote, mote):
    """A device that is away, with orders waiting for it in the stored session of its own client id."""
    resume(mote)
    assert mote.connection.subscribe(f"orders/{mote.identity}/#", qos=1) == (1,)
    mote.close()
    order(new_mote(), mote, range(3))
    return mote


def resume(device, suffix=""):
    return device.resume(suffix, clean=False, properties=EXPIRY[device.version])


def order(boss, device, numbers):
    for number in numbers:
        boss.publish(f"orders/{device.identity}/{number}", f"order {number}")


def waiting(device):
    payloads = [message.payload for message in device.connection.pending()]
    device.connection.ping()  # the broker has our acknowledgements
    return payloads


def orders(count):
    return [b"order %d" % number for number in range(count)]


@pytest.fixture
def attempt(plant, version, new_address):
    """CONNECTs as a thief would: the CONNACK's code."""
    def connect(client_id, **login):
        with mqtt.Client(plant.broker.port, version=version, source=new_address()) as thief:
            try:
                return thief.connect(client_id, check=False, **login).code
            except mqtt.Closed:
                return REFUSED[version]
    return connect


def test_a_device_gets_after_a_clean_restart_what_was_queued_before_it(plant, queued):
    plant.restart()
    assert resume(queued).session_present
    assert waiting(queued) == orders(3)


def test_what_is_queued_after_the_restart_comes_behind_it(plant, new_mote, queued):
    plant.restart()
    order(new_mote(), queued, range(3, 5))
    assert resume(queued).session_present
    assert waiting(queued) == orders(5)


def test_what_was_taken_does_not_come_again(plant, queued):
    plant.restart()
    resume(queued)
    assert waiting(queued) == orders(3)
    queued.close()
    plant.restart()
    assert resume(queued).session_present
    assert waiting(queued) == []


def test_the_stored_subscription_goes_on(plant, new_mote, queued):
    plant.restart()
    resume(queued)
    assert waiting(queued) == orders(3)
    order(new_mote(), queued, [3])
    assert queued.connection.receive().payload == b"order 3"


@pytest.mark.parametrize("clean", [False, True], ids=["take over", "wipe"])
def test_nobody_else_takes_a_stored_session_over_or_wipes_it(plant, new_mote, queued, version, attempt, clean):
    other = new_mote(version)
    plant.restart()
    spent = s.resume_password(queued.session.sk, queued.session.kid, queued.session.n, queued.identity)
    foreign = other.session.next_resume_password(queued.identity)
    for login in ({}, {"username": queued.identity}, {"username": queued.identity, "password": "guess"},
                  {"username": queued.identity, "password": spent}, {"username": queued.identity, "password": foreign},
                  {"username": other.identity, "password": foreign}, {"username": "somebody", "password": "x"}):
        assert attempt(queued.identity, clean=clean, **login) == REFUSED[version], login
    assert resume(queued).session_present
    assert waiting(queued) == orders(3)


def test_another_client_id_of_the_same_device_has_a_session_of_its_own(plant, queued):
    plant.restart()
    assert not resume(queued, "other").session_present
    assert waiting(queued) == []
    assert resume(queued).session_present
    assert waiting(queued) == orders(3)


def test_after_a_kill_the_device_logs_in_anew_and_still_gets_them(plant, new_mote, version):
    """The broker saved its store at the stop before; the session that made it is gone, its client id is not."""
    mote = new_mote(version)
    resume(mote)
    mote.connection.subscribe(f"orders/{mote.identity}/#", qos=1)
    mote.close()
    order(new_mote(), mote, range(3))
    plant.restart()
    plant.restart(kill=True)
    with pytest.raises(mqtt.ConnectRefused):
        resume(mote)
    mote.login()
    mote.close()
    assert resume(mote).session_present
    assert waiting(mote) == orders(3)


@pytest.mark.parametrize("name", ["disable", "block"])
def test_who_lost_its_rights_meanwhile_gets_nothing(plant, queued, version, name):
    plant.restart()
    plant.admin.call(name, identity=queued.identity)
    with pytest.raises(mqtt.ConnectRefused) as refused:
        resume(queued)
    assert refused.value.code == REFUSED[version]


def test_who_takes_over_the_client_id_of_a_removed_device_gets_nothing_of_its_own(plant, new_mote, queued, raw, version):
    """The client id is anybody's again, and the broker's stored session with it; the rules still hold."""
    boss = new_mote()
    boss.close()
    plant.restart()
    boss.resume()
    plant.admin.call("remove", identity=queued.identity)
    heir = raw(version)
    # with a name: 2.0.11 saves a nameless stored session behind a named one with the other's length (docs/threat-model.md)
    heir.connect(queued.identity, username="heir", clean=False, properties=EXPIRY[version])
    order(boss, queued, [3])
    assert heir.pending() == []


def test_a_reload_leaves_stored_sessions_to_their_devices(plant, queued):
    plant.restart()
    plant.reload()
    assert resume(queued).session_present
    assert waiting(queued) == orders(3)
