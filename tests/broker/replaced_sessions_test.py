"""A new session of a device beside the one it replaces, until its first valid message (docs/protocol.md, section 2)."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests.plant import Plant


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/%d/t", subscribe=["anyone"]),
        config.rule("plant/%d/sealed", sealed=True, subscribe=["anyone"]),
    ]
    with Plant(rules) as plant:
        yield plant


@pytest.fixture
def pair(plant, mote):
    """The same device twice: with its old session, and logged in once more over a new connection."""
    newer = plant.client_of(mote.identity, version=mote.version)
    newer.source = mote.source
    newer.login()
    return mote, newer


def reading(device):
    return f"plant/{device.identity}/t"


def kids(plant, device):
    return {one["kid"] for one in plant.show(device.identity)["sessions"]}


def test_the_old_session_takes_publishes_while_the_new_one_is_silent(plant, pair, reader):
    old, new = pair
    assert old.session.kid != new.session.kid and kids(plant, old) == {old.session.kid, new.session.kid}
    for number in range(5):
        old.publish(reading(old), f"{number}")
    assert [message.payload for message in reader.pending()] == [b"0", b"1", b"2", b"3", b"4"]
    assert old.connection.is_open() and new.connection.is_open()


def test_the_first_message_of_the_new_session_closes_the_connection_of_the_old(plant, pair, reader):
    old, new = pair
    old.publish(reading(old), "old")
    new.publish(reading(new), "new")
    assert old.connection.wait_closed()
    assert new.connection.is_open()
    assert [message.payload for message in reader.pending()] == [b"old", b"new"]


def test_a_replaced_session_is_over_for_whoever_sends_under_it(plant, pair, reader, assert_refused):
    old, new = pair
    claim = old.seal(reading(old), "late")
    new.publish(reading(new), "new")
    assert reader.receive().payload == b"new"
    assert old.connection.wait_closed()
    new.previous_session = old.session
    assert_refused(new, "expired", lambda: new.connection.publish(reading(old), e.as_payload(claim), qos=1))


def test_a_replaced_session_is_not_taken_up_again(pair):
    old, new = pair
    new.publish(reading(new), "new")
    old.connection.wait_closed()
    with pytest.raises(mqtt.ConnectRefused):
        old.resume()
    assert new.resume().code == 0


def test_until_then_the_old_session_is_taken_up_again(pair, reader):
    """A lost `finished` locks nobody out."""
    old, _ = pair
    old.close()
    assert old.resume().code == 0
    old.publish(reading(old), "old")
    assert reader.receive().payload == b"old"


@pytest.mark.parametrize("lost", ["m3", "finished"])
def test_a_login_that_breaks_off_leaves_the_old_session_as_it_was(plant, mote, reader, lost):
    broken = plant.client_of(mote.identity, version=mote.version)
    broken.source = mote.source
    broken.connect_auth0()
    m3 = broken.ask(broken.begin(), lambda wire: broken.pending.answer(wire))
    if lost == "finished":
        broken.send_auth(m3)
        broken.receive_auth()
    broken.connection.abandon()
    mote.publish(reading(mote), "old")
    assert reader.receive().payload == b"old" and mote.connection.is_open()


def test_what_is_forged_under_the_new_session_closes_nothing(plant, pair, reader):
    old, new = pair
    claim = new.seal(reading(new), "21.5")
    mark = plant.mark()
    new.connection.publish(reading(new), claim.header.encode() + b"99.9" + claim.tag, qos=1)
    plant.broker.wait_for_audit(after=mark, verdict="refuse", why="bad_tag")
    old.publish(reading(old), "old")
    assert [message.payload for message in reader.pending()] == [b"old"]
    assert old.connection.is_open()


@pytest.mark.parametrize("first", [
    lambda new: new.request_receipt(),
    lambda new: new.publish(reading(new), "sealed", sealed=True),
    lambda new: new.publish(f"plant/{new.identity}/sealed", "refused by its rule: but nobody else could have made it"),
], ids=["receipt request", "sealed", "refused by its rule"])
def test_any_message_that_verifies_is_the_first(pair, first):
    old, new = pair
    first(new)
    assert old.connection.wait_closed()
    assert new.connection.is_open()


def test_every_connection_of_the_old_session_is_closed(pair):
    old, new = pair
    connections = [old.connection]
    for suffix in ("one", "two"):
        old.resume(suffix)
        connections.append(old.connection)
    assert all(connection.is_open() for connection in connections)
    new.publish(reading(new), "new")
    assert all(connection.wait_closed() for connection in connections)
    assert new.connection.is_open()


def test_a_connection_that_shook_hands_again_outlives_its_own_old_session(mote, reader):
    connection, old = mote.connection, mote.session
    mote.handshake()
    mote.publish(reading(mote), "old", session=old)
    mote.publish(reading(mote), "new")
    assert [message.payload for message in reader.pending()] == [b"old", b"new"]
    assert mote.connection is connection and connection.is_open()


def test_the_old_sessions_receipt_is_final_and_tells_what_it_took(pair):
    old, new = pair
    sent = [old.publish(reading(old), "21.5") for _ in range(3)]
    receipt = new.request_receipt(old.session.kid)
    assert receipt.edge == sent[-1].seq + 1 and all(receipt.accepted(one.seq) for one in sent)


def test_a_third_login_ends_the_first_session_and_replaces_the_second(plant, pair, reader):
    first, second = pair
    third = plant.client_of(first.identity, version=first.version)
    third.source = first.source
    third.login()
    assert first.connection.wait_closed()
    second.publish(reading(second), "second")
    third.publish(reading(third), "third")
    assert second.connection.wait_closed() and third.connection.is_open()
    assert [message.payload for message in reader.pending()] == [b"second", b"third"]


def test_a_reload_does_not_end_the_old_session(plant, pair, reader):
    old, new = pair
    plant.reload()
    old.publish(reading(old), "old")
    new.publish(reading(new), "new")
    assert old.connection.wait_closed()
    assert [message.payload for message in reader.pending()] == [b"old", b"new"]


def test_after_a_clean_restart_the_first_message_still_decides(plant, pair):
    old, new = pair
    plant.restart()
    old.resume("old")
    new.resume("new")
    with plant.subscriber("plant/#") as reader:
        old.publish(reading(old), "old")
        new.publish(reading(new), "new")
        assert old.connection.wait_closed() and new.connection.is_open()
        assert [message.payload for message in reader.pending()] == [b"old", b"new"]
