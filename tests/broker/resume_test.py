"""Resume: a session taken up again by one proof, once, under its own client id (docs/protocol.md, section 2)."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import primitives as p
from countersign_tests import session as s
from countersign_tests.plant import Plant

# MQTT 3.1.1: not authorised; 5: not authorised
REFUSED = {mqtt.V311: 5, mqtt.V5: 0x87}


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/%d/t", subscribe=["anyone"]),
        config.rule("orders/%d/#", publish=["known"], subscribe=["%d"]),
    ]
    with Plant(rules, settings={"connections": {"strangers_per_address": 1000}}) as plant:
        yield plant


@pytest.fixture
def attacker(plant, version, new_address):
    """CONNECTs as it likes; returns the CONNACK's code, None if there is none."""
    def attempt(client_id, **connect):
        connection = mqtt.Client(plant.broker.port, version=version, source=new_address())
        try:
            return connection.connect(client_id, check=False, **connect).code
        except mqtt.Closed:
            return None
        finally:
            connection.abandon()
    return attempt


def works(device):
    return device.publish(f"plant/{device.identity}/t", "21").code < 0x80 and device.request_receipt().edge


def proof(device, n, client_id=None, kid=None):
    session = device.session
    return s.resume_password(session.sk, kid or session.kid, n, client_id or device.identity)


def test_a_session_is_taken_up_again_under_the_devices_own_client_id(plant, mote, reader):
    kid = mote.session.kid
    mote.close()
    assert mote.resume().code == 0
    assert mote.client_id == mote.identity and mote.session.kid == kid
    mote.publish(f"plant/{mote.identity}/t", "21")
    assert reader.receive().user("cs-id") == [mote.identity]


@pytest.mark.parametrize("suffix", ["", "a", "living-room", "x" * 100])
def test_a_device_may_use_its_client_id_with_a_suffix(mote, suffix):
    assert mote.resume(suffix).code == 0 and works(mote)


def test_two_connections_of_one_session_live_side_by_side(mote):
    mote.resume("one")
    one = mote.connection
    mote.resume("two")
    assert works(mote) and one.is_open()


def test_a_proof_is_taken_once(plant, mote, version, attacker):
    password = proof(mote, 7)
    assert attacker(mote.identity, username=mote.identity, password=password) == 0
    for _ in range(20):  # a new connection may well stand where the old one stood in memory
        mark = plant.mark()
        assert attacker(mote.identity, username=mote.identity, password=password) == REFUSED[version]
        plant.broker.wait_for_audit(after=mark, event="connect", why="replayed")


def test_n_rises_and_may_jump(mote, version, attacker):
    for n, expected in ((5, 0), (6, 0), (1000, 0), (999, REFUSED[version]), (7, REFUSED[version]), (1000, REFUSED[version]),
                        (2**32 - 1, 0), (0, REFUSED[version])):
        assert attacker(mote.identity, username=mote.identity, password=proof(mote, n)) == expected, n


def test_a_proof_is_for_one_client_id(mote, version, attacker):
    for made_for, used_for in ((mote.identity + "~a", mote.identity), (mote.identity, mote.identity + "~a"),
                               (mote.identity + "~a", mote.identity + "~b"), (mote.identity, mote.identity + "~")):
        assert attacker(used_for, username=mote.identity, password=proof(mote, 50, made_for)) == REFUSED[version]
    mote.session.n = 50
    assert mote.resume().code == 0, "a wrong client id has spent nothing"


def test_a_proof_of_another_device_opens_nothing(new_mote, mote, version, attacker):
    other = new_mote(version)
    stolen = proof(other, 9, mote.identity)
    for username in (mote.identity, other.identity):
        assert attacker(mote.identity, username=username, password=stolen) == REFUSED[version]
    stolen = proof(other, 9, mote.identity, kid=mote.session.kid)
    assert attacker(mote.identity, username=mote.identity, password=stolen) == REFUSED[version]


def test_a_device_cannot_take_another_devices_client_id(new_mote, mote, version, attacker):
    other = new_mote(version)
    for username in (other.identity, mote.identity, None):
        code = attacker(mote.identity, username=username, password=proof(other, 9) if username else None)
        assert code == REFUSED[version]


@pytest.mark.parametrize("change", [
    lambda text: "", lambda text: text[:-1], lambda text: text + "A", lambda text: text[:-1] + "!",
    lambda text: text.swapcase(), lambda text: "A" * 30, lambda text: text + "=="], ids=range(7))
def test_a_broken_proof_is_refused(mote, version, attacker, change):
    assert attacker(mote.identity, username=mote.identity, password=change(proof(mote, 5))) == REFUSED[version]


def test_no_bit_of_a_proof_can_be_flipped(mote, version, attacker):
    wire = p.from_base64url(proof(mote, 5))
    for bit in range(8 * len(wire)):
        changed = bytearray(wire)
        changed[bit // 8] ^= 1 << bit % 8
        code = attacker(mote.identity, username=mote.identity, password=p.base64url(bytes(changed)))
        assert code == REFUSED[version], f"bit {bit}"
    assert mote.resume().code == 0


def test_the_username_must_be_the_identity(mote, version, attacker):
    for username in (None, "~", "somebody", mote.identity.upper(), mote.identity + "x"):
        password = proof(mote, 5) if username else None
        assert attacker(mote.identity, username=username, password=password) == REFUSED[version]


def test_a_new_handshake_ends_the_old_sessions_proofs_with_its_first_message(mote, version, attacker):
    old = mote.session
    mote.login()
    assert works(mote)
    password = s.resume_password(old.sk, old.kid, 99, mote.identity)
    assert attacker(mote.identity, username=mote.identity, password=password) == REFUSED[version]


def test_an_ended_session_cannot_be_taken_up(plant, mote, version, attacker):
    plant.admin.call("end_session", identity=mote.identity)
    assert attacker(mote.identity, username=mote.identity, password=proof(mote, 5)) == REFUSED[version]


@pytest.mark.parametrize("name", ["disable", "block"])
def test_who_lost_its_rights_cannot_resume(plant, mote, version, attacker, name):
    plant.admin.call(name, identity=mote.identity)
    assert attacker(mote.identity, username=mote.identity, password=proof(mote, 5)) == REFUSED[version]


def test_a_half_open_connection_is_taken_over_by_its_device(mote):
    mote.resume()
    half_open = mote.connection  # its other end is gone, and nobody has told the broker
    mote.resume()
    assert mote.client_id == half_open.client_id and works(mote)
    assert half_open.wait_closed()


def test_a_stolen_client_id_throws_nobody_out(mote, version, attacker):
    mote.resume()
    for username, password in ((None, None), (mote.identity, None), (mote.identity, "x"), ("somebody", "y"), ("~", None),
                               (mote.identity, proof(mote, 1))):
        assert attacker(mote.identity, username=username, password=password) == REFUSED[version]
    assert mote.connection.is_open() and works(mote)


def test_queued_messages_wait_for_their_device_and_nobody_can_wipe_them(plant, new_mote, mote, version, attacker):
    expiry = {"session_expiry": 3600} if version == mqtt.V5 else None
    mote.resume(clean=False, properties=expiry)
    orders = f"orders/{mote.identity}/now"
    assert mote.connection.subscribe(orders, qos=1) == (1,)
    mote.close()
    boss = new_mote()
    for number in range(5):
        boss.publish(orders, f"order {number}")
    for clean in (True, False):
        for username, password in ((None, None), (mote.identity, None), (boss.identity, proof(boss, 9, mote.identity)),
                                   (mote.identity, proof(mote, 1)), (mote.identity, "guess")):
            assert attacker(mote.identity, username=username, password=password, clean=clean) == REFUSED[version]
    plant.broker.reload()
    plant.broker.wait_for_log("configuration reloaded")
    ack = mote.resume(clean=False, properties=expiry)
    assert ack.session_present
    assert [message.payload for message in mote.connection.pending()] == [b"order %d" % n for n in range(5)]


def test_nobody_else_reads_what_is_meant_for_the_device(new_mote, mote, raw, version):
    orders, denied = f"orders/{mote.identity}/#", ((0x87,) if version == mqtt.V5 else (0x80,))
    stranger = raw(version)
    stranger.connect("somebody")
    other = new_mote(version)
    for client in (stranger, other.connection):
        assert client.subscribe(orders) == denied
        assert client.subscribe("orders/#") == denied
    assert mote.connection.subscribe(orders) == (0,)


def test_a_reload_throws_no_legitimate_connection_out(plant, new_mote, raw, version, new_address):
    raised, resumed, stranger, foreign = new_mote(version), new_mote(version), new_mote(version, log_in=False), raw(version)
    resumed.resume()
    stranger.connect_auth0()
    foreign.connect("somebody-else")
    for _ in range(3):
        plant.reload()
    for device in (raised, resumed):
        assert device.connection.is_open() and works(device)
    assert foreign.is_open()
    stranger.handshake()
    assert works(stranger) and resumed.resume().code == 0


def test_a_reload_throws_out_who_lost_its_rights_meanwhile(plant, mote):
    mote.resume()
    plant.admin.call("disable", identity=mote.identity)
    plant.broker.reload()
    assert mote.connection.wait_closed()


def test_a_reload_does_not_let_a_replayed_connect_in(plant, mote, version, attacker):
    password = proof(mote, 7)
    assert attacker(mote.identity, username=mote.identity, password=password) == 0
    plant.reload()
    assert attacker(mote.identity, username=mote.identity, password=password) == REFUSED[version]


def test_a_replayed_connect_does_not_throw_its_device_out(mote, version, attacker):
    password = proof(mote, 3)
    mote.session.n = 2
    mote.resume()
    assert attacker(mote.identity, username=mote.identity, password=password) == REFUSED[version]
    assert mote.connection.is_open() and works(mote)


def test_a_connected_user_outlasts_more_logins_than_sessions(plant, new_address):
    plant.register("anna", kind="user")
    first = plant.client_of("anna")
    first.source = new_address()
    first.login()
    for _ in range(9):
        login = plant.log_in("anna")
        login.connection.disconnect()
    assert works(first)
    assert len(plant.admin.call("sessions", identity="anna")["sessions"]) == 8
