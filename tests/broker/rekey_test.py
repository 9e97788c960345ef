"""Another k (docs/protocol.md, section 4): asked for in a session, computed on both sides, never sent."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import rekey as r
from countersign_tests import session as s
from countersign_tests.plant import Plant


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe=["anyone"])]) as plant:
        yield plant


@pytest.fixture
def mote(plant, request):
    return plant.device(f"mote-{abs(hash(request.node.name)) % 1_000_000}")


def ask(mote, message):
    mote.publish_auth(message)
    return mote.open_down(mote.connection.receive(topic=s.notice_topic(mote.client_id)))


def next_of(mote):
    return r.next_key(mote.key.k, mote.session.sk)


def changes(plant, mote):
    """How often T said that it changed the key; what comes first in the file was written first."""
    return sum(line["event"] == "rekeyed" and line.get("identity") == mote.identity for line in plant.broker.audit())


def wait_refused(plant, mote, why):
    return plant.broker.wait_for_audit(event="rekey", identity=mote.identity, why=why)


def relogin(mote, key):
    mote.close()
    mote.key.k = key
    return mote.login()


def test_both_sides_have_the_next_key_and_the_old_one_opens_nothing(plant, mote):
    old, key = mote.key.k, next_of(mote)
    assert ask(mote, r.request(key)) == r.answer(key)
    plant.broker.wait_for_audit(event="rekeyed", identity=mote.identity)
    session, _ = relogin(mote, key)
    assert session.kid != 0
    mote.close()
    mote.key.k = old
    with pytest.raises(mqtt.TimedOut):
        mote.login()


def test_the_session_goes_on(mote):
    ask(mote, r.request(next_of(mote)))
    assert mote.publish(f"plant/{mote.identity}/t", "1").seq
    assert mote.request_receipt().kid == mote.session.kid


def test_the_same_question_again_gets_the_same_answer_and_changes_nothing(plant, mote):
    key = next_of(mote)
    assert ask(mote, r.request(key)) == ask(mote, r.request(key)) == r.answer(key)
    mote.publish(f"plant/{mote.identity}/t", "1", short=True)
    plant.broker.wait_for_audit(event="publish", identity=mote.identity)
    assert changes(plant, mote) == 1


def test_whoever_asks_for_the_key_of_an_earlier_session_learns_which_one_counts(plant, mote):
    stale = next_of(mote)
    mote.close()
    mote.login()
    assert ask(mote, r.request(stale)) == r.answer(mote.key.k)
    wait_refused(plant, mote, "bad_tag")
    assert changes(plant, mote) == 0


def test_it_holds_over_a_restart_of_the_broker(plant, mote):
    key = next_of(mote)
    ask(mote, r.request(key))
    plant.restart(kill=True)
    session, _ = relogin(mote, key)
    assert session.kid != 0


@pytest.mark.parametrize("message", [b"\x42", b"\x42" + bytes(15), b"\x42" + bytes(17)])
def test_a_message_of_another_length_is_refused(plant, mote, message):
    mote.publish_auth(message)
    assert mote.request_receipt().kid == mote.session.kid
    wait_refused(plant, mote, "malformed")


def test_the_key_of_a_card_stays(plant):
    card = plant.device("card-holder", card="00112233445566aa")
    card.publish_auth(r.request(next_of(card)))
    assert card.request_receipt().kid == card.session.kid
    wait_refused(plant, card, "denied")


def test_two_changes_in_a_row(mote):
    for _ in range(2):
        key = next_of(mote)
        assert ask(mote, r.request(key)) == r.answer(key)
        mote.key.k = key
    session, _ = relogin(mote, key)
    assert session.kid != 0
