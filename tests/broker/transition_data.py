"""Scenes of transitions_test.py: publishing, levels, enforcement, forgeries and restarts."""

from countersign_tests import envelope as e
from countersign_tests import mfar, mqtt
from transition_stage import BAD, COUNT, GOOD, OK, not_let_in, refused, scene, send, sessions, silent, taken


@scene("auth q5 -send_data-> q6", "auth q6 -validate_authcode-> q6", "auth q6 -validate_data-> q6", "auth q6 -data_ok-> q11",
       "auth q11 -increase_reputation-> q11", "auth q11 -wait_data-> q5", "auth q11 -raise_authlevel-> q12",
       "auth q12 -step3_ok-> q11", "sensor q7 -send_data-> q9", "sensor q9 -wait_data-> q7", "levels q2 -step3_ok-> q3",
       "sensor q7 -send_data once more-> q9", "auth q6 -answered as before-> q5")
def good_data(stage, see):
    plant, device = stage.plant, stage.device()
    with plant.subscriber(f"plant/{device.identity}/t") as reader:
        first = send(device)
        see("sensor q7 -send_data-> q9", first.code in OK)
        got = reader.receive()
        see("auth q5 -send_data-> q6", got.payload == GOOD)
        see("auth q6 -validate_authcode-> q6", got.user("cs-id") == [device.identity])
        see("auth q6 -data_ok-> q11", got.user("cs-score") == ["11"])
        see("auth q11 -increase_reputation-> q11", plant.score(device.identity) == ("AUTH2", 11))
        again = first.send_from(device.connection)
        see("sensor q7 -send_data once more-> q9", again == 0x87 and device.wait_notice("duplicate"))
        see("auth q6 -answered as before-> q5", reader.pending() == [] and plant.score(device.identity) == ("AUTH2", 11))
        see("sensor q9 -wait_data-> q7", taken(device))
        see("auth q11 -wait_data-> q5", all(taken(device) for _ in range(8)) and plant.score(device.identity) == ("AUTH2", 20))
        see("auth q11 -raise_authlevel-> q12", taken(device) and plant.broker.wait_for_audit(
            event="level", identity=device.identity, detail="raised"))
        see("auth q12 -step3_ok-> q11", reader.pending()[-1].user("cs-level") == ["AUTH3"])
        see("levels q2 -step3_ok-> q3", plant.score(device.identity) == ("AUTH3", 21))
        see("auth q6 -validate_data-> q6", refused(plant, device, "out_of_range", BAD) and reader.pending() == [])


@scene("auth q6 -data_fail-> q7", "auth q7 -decrease_reputation-> q7", "auth q7 -wait_data-> q5", "levels q2 -data_fail-> q5",
       "levels q5 -wait_data-> q2", "auth q7 -invalidate_access-> q8", "sensor q9 -invalidate_access-> q2",
       "levels q5 -invalidate_access-> q4", "auth q8 -time passes, or reinstate-> q8")
def bad_data(stage, see):
    plant, device = stage.plant, stage.device()
    see("auth q6 -data_fail-> q7", refused(plant, device, "out_of_range", BAD))
    see("auth q7 -decrease_reputation-> q7", plant.score(device.identity) == ("AUTH2", 9))
    see("levels q2 -data_fail-> q5", device.wait_notice("out_of_range"))
    see("auth q7 -wait_data-> q5", taken(device))
    see("levels q5 -wait_data-> q2", plant.score(device.identity) == ("AUTH2", 10))
    for _ in range(7):
        send(device, BAD)
    assert plant.score(device.identity) == ("AUTH2", 3)
    send(device, BAD)
    shown = plant.show(device.identity)
    see("auth q7 -invalidate_access-> q8", shown["standing"] == "expelled" and shown["sessions"] == [])
    see("levels q5 -invalidate_access-> q4", (shown["level"], shown["score"]) == ("AUTH0", 2))
    see("sensor q9 -invalidate_access-> q2", device.connection.wait_closed() and not_let_in(device.resume) and
        not_let_in(device.connect_step1))
    plant.admin.call("reinstate", identity=device.identity)
    see("auth q8 -time passes, or reinstate-> q8", device.login() and plant.score(device.identity) == ("AUTH2", 10))


@scene("auth q7 -step3_fail-> q10", "auth q10 -enforcement-> q9", "levels q3 -data_fail-> q5", "levels q5 -wait_data-> q3",
       "levels q5 -enforcement-> q1", "sensor q9 -enforcement-> q5", "auth q9 -send_data, refused-> q9",
       "auth q9 -step2 for enforcement-> q3", "auth q3 -step2_ok of enforcement after a fall-> q5")
def fall(stage, see):
    plant, device = stage.plant, stage.device()
    for _ in range(11):
        send(device)
    see("levels q3 -data_fail-> q5", refused(plant, device, "out_of_range", BAD))
    see("levels q5 -wait_data-> q3", plant.score(device.identity) == ("AUTH3", 20))
    for _ in range(17):
        send(device, BAD)
    assert plant.score(device.identity) == ("AUTH3", 3)
    send(device, BAD)
    see("auth q7 -step3_fail-> q10", plant.broker.wait_for_audit(event="level", identity=device.identity, detail="fell"))
    see("auth q10 -enforcement-> q9", plant.broker.wait_for_audit(
        event="enforcement", identity=device.identity, detail="demanded"))
    see("levels q5 -enforcement-> q1", plant.score(device.identity) == ("AUTH2", 2))
    q = device.receive_demand()
    see("sensor q9 -enforcement-> q5", mfar.Question(q))
    see("auth q9 -send_data, refused-> q9", refused(plant, device, "enforcement"))
    device.send_answer_inside(device.answer(q))
    finished = device.receive_auth()
    see("auth q9 -step2 for enforcement-> q3", device.finish(finished))
    see("auth q3 -step2_ok of enforcement after a fall-> q5", plant.score(device.identity) == ("AUTH2", 10) and taken(device))


def demand(device, bad=0):
    for _ in range(bad):
        send(device, BAD)
    for _ in range(COUNT + 1):
        device.publish(f"plant/{device.identity}/free", GOOD)
    return device.receive_demand()


@scene("auth q6 -enforcement by count or time-> q10", "auth q3 -step2_ok of enforcement by count or time-> q5",
       "auth q3 -step2_fail of enforcement-> q8")
def enforcement_by_count(stage, see):
    plant, device = stage.counting, stage.device(stage.counting)
    q = demand(device, bad=3)
    see("auth q6 -enforcement by count or time-> q10", plant.score(device.identity) == ("AUTH2", 7))
    device.answer_enforcement(q)
    see("auth q3 -step2_ok of enforcement by count or time-> q5", plant.score(device.identity) == ("AUTH2", 7))
    q = demand(device)
    device.send_answer_inside(device.answer(q, k_reg=bytes(32)))
    see("auth q3 -step2_fail of enforcement-> q8", sessions(plant, device) == [] and not_let_in(device.resume))


@scene("auth q9 -30 s are over-> q9", "auth q9 -enforcement missed-> q8")
def enforcement_missed(stage, see):
    plant, device = stage.hasty, stage.device(stage.hasty)
    q = demand(device)
    line = plant.broker.wait_for_audit(event="enforcement", identity=device.identity, detail="missed")
    device.send_answer_inside(device.answer(q))
    see("auth q9 -30 s are over-> q9", line and silent(device))
    see("auth q9 -enforcement missed-> q8", sessions(plant, device) == [] and refused(plant, device, "expired"))


@scene("auth q5 -a stranger's forgery-> q6", "auth q6 -authcode_fail-> q5", "auth closed -the stranger connects again-> q5")
def forgeries(stage, see):
    plant, device = stage.plant, stage.device()
    stranger = mqtt.Client(plant.broker.port, version=mqtt.V5, source=stage.address())
    stranger.connect("stranger")
    wire = e.as_payload(device.seal(f"plant/{device.identity}/t", BAD))
    forged, before = wire[:-1] + bytes([wire[-1] ^ 1]), plant.score(device.identity)
    mark = plant.mark()
    device.connection.publish(f"plant/{device.identity}/t", forged, qos=1)
    see("auth q5 -a stranger's forgery-> q6", plant.broker.wait_for_audit(after=mark, why="bad_tag"))
    for _ in range(8):
        stranger.publish(f"plant/{device.identity}/t", BAD, qos=0)
    see("auth q6 -authcode_fail-> q5", stranger.wait_closed() and plant.score(device.identity) == before and taken(device))
    stranger = mqtt.Client(plant.broker.port, version=mqtt.V5, source=stage.address())
    see("auth closed -the stranger connects again-> q5", stranger.connect("stranger").code == 0)
    stranger.abandon()


@scene("auth q5 -unclean restart, or session over-> q0", "sensor q7 -send_data, unknown_kid-> q3", "sensor q9 -authcode_fail-> q2")
def unclean_restart(stage, see):
    plant, device = stage.counting, stage.device(stage.counting)
    assert taken(device)
    plant.restart(kill=True)
    see("auth q5 -unclean restart, or session over-> q0", sessions(plant, device) == [])
    see("sensor q9 -authcode_fail-> q2", not_let_in(device.resume))
    old = device.session
    device.login()
    late = device.publish(f"plant/{device.identity}/t", GOOD, session=old)
    see("sensor q7 -send_data, unknown_kid-> q3", late.code >= 0x80 and device.session.kid != old.kid and taken(device))
