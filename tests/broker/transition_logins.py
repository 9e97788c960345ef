"""Scenes of transitions_test.py: registration and login, alone and beside a session."""

from countersign_tests import mfar
from countersign_tests.admin import AdminError
from countersign_tests.plant import device_data
from transition_stage import BAD, GOOD, OK, not_let_in, scene, send, sessions, silent, taken


@scene("registration n -reg-> r0", "registration r0 -reg_ok-> r1", "sensor q0 -reg-> q1", "sensor q1 -reg_ok-> q3",
       "registration r1 -reg, reg_fail-> r1", "registration r0 -reg_fail-> n", "sensor q1 -reg_fail-> q2",
       "registration r1 -unreg-> n", "sensor q7 -unknown_sender-> q0")
def registration(stage, see):
    plant, data = stage.plant, device_data()
    device = stage.device(registration=plant.register_data(data))
    see("registration n -reg-> r0", device.registration.k_reg)
    see("registration r0 -reg_ok-> r1", plant.show(device.identity)["standing"] == "active")
    see("sensor q0 -reg-> q1", device.registration.user)
    see("sensor q1 -reg_ok-> q3", device.session)
    known = failure_of(plant, data)
    see("registration r1 -reg, reg_fail-> r1", known == "Device data is known" and taken(device))
    before = count(plant)
    see("registration r0 -reg_fail-> n", failure_of(plant, {"uuid": "12345678"}) and count(plant) == before)
    see("sensor q1 -reg_fail-> q2", known)
    plant.admin.call("remove", identity=device.identity)
    see("registration r1 -unreg-> n", device.connection.wait_closed() and failure_of(plant, data) is None)
    stranger = plant.registered(device.registration, source=stage.address())
    see("sensor q7 -unknown_sender-> q0", not_let_in(stranger.connect_step1))


def failure_of(plant, data):
    try:
        plant.register_data(data)
    except AdminError as error:
        return str(error)
    return None


def count(plant):
    return plant.admin.call("list")["totalCount"]


@scene("auth init -start-> q0", "auth q0 -step1-> q1", "auth q1 -step1_ok-> q2", "auth q2 -generate_query-> q9",
       "auth q9 -send_query-> q2", "auth q2 -step2-> q3", "auth q3 -validate_query-> q3", "auth q3 -step2_ok-> q5",
       "sensor q3 -step1-> q4", "sensor q4 -step1_ok-> q5", "sensor q5 -solve_query-> q5", "sensor q5 -step2-> q6",
       "sensor q6 -step2_ok-> q7", "levels q0 -step1_ok-> q1", "levels q1 -step2_ok-> q2", "auth q5 -end-> final")
def login(stage, see):
    plant, device = stage.plant, stage.device(log_in=False)
    see("auth init -start-> q0", plant.show(device.identity)["level"] == "AUTH0")
    code = device.connect_step1().code
    see("auth q0 -step1-> q1", code == 0)
    see("sensor q3 -step1-> q4", code == 0)
    q = device.receive_q()
    see("auth q1 -step1_ok-> q2", q)
    see("sensor q4 -step1_ok-> q5", q)
    subscribed = device.connection.subscribe(f"plant/{device.identity}/t")[0]
    see("levels q0 -step1_ok-> q1", subscribed >= 0x80 and sessions(plant, device) == [])
    device.send_step1()
    see("auth q9 -send_query-> q2", device.receive_q() == q)
    other = stage.device(log_in=False, registration=device.registration)
    see("auth q2 -generate_query-> q9", mfar.Question(other.ask_step1()).query != mfar.Question(q).query)
    a = device.answer(q)
    see("sensor q5 -solve_query-> q5", device.answer(q) == a and len(a) == 49)
    device.send_auth(a)
    finished = device.receive_auth()
    see("auth q2 -step2-> q3", finished)
    see("sensor q5 -step2-> q6", finished)
    session, _ = device.finish(finished)
    see("auth q3 -validate_query-> q3", session.kid == mfar.Question(q).kid)
    see("auth q3 -step2_ok-> q5", plant.score(device.identity) == ("AUTH2", 10))
    see("levels q1 -step2_ok-> q2", plant.score(device.identity)[0] == "AUTH2")
    see("sensor q6 -step2_ok-> q7", taken(device))
    plant.admin.call("end_session", identity=device.identity)
    see("auth q5 -end-> final", sessions(plant, device) == [] and device.connection.wait_closed() and not_let_in(device.resume))


@scene("auth q1 -step1_fail-> q8", "sensor q4 -step1_fail-> q2", "levels q0 -step1_fail-> q4", "auth q8 -reset-> q0",
       "sensor q2 -reset-> q3", "levels q4 -reset-> q0")
def step1_fails(stage, see):
    plant, device = stage.plant, stage.device(log_in=False)
    mark = plant.mark()
    out = not_let_in(lambda: device.connect_step1(password="wrong"))
    line = plant.broker.wait_for_audit(after=mark, verdict="refuse", address=device.source)
    see("auth q1 -step1_fail-> q8", out and line)
    see("sensor q4 -step1_fail-> q2", out)
    see("levels q0 -step1_fail-> q4", plant.show(device.identity)["level"] == "AUTH0")
    code = device.connect_step1().code
    see("auth q8 -reset-> q0", code == 0)
    see("sensor q2 -reset-> q3", device.send_answer(device.receive_q()))
    see("levels q4 -reset-> q0", plant.score(device.identity)[0] == "AUTH2")


@scene("auth q3 -step2_fail-> q8", "sensor q6 -step2_fail-> q2", "levels q1 -step2_fail-> q4")
def step2_fails(stage, see):
    plant, device = stage.plant, stage.device(log_in=False)
    q, mark = device.ask_step1(), plant.mark()
    device.send_auth(device.answer(q, k_reg=bytes(32)))
    line = plant.broker.wait_for_audit(after=mark, event="step2", why="bad_handshake")
    see("auth q3 -step2_fail-> q8", line and silent(device))
    device.send_auth(device.answer(q))
    see("sensor q6 -step2_fail-> q2", silent(device))
    see("levels q1 -step2_fail-> q4", plant.show(device.identity)["level"] == "AUTH0" and sessions(plant, device) == [])


@scene("auth q1 -step1_ok, compatibility_mode-> q4", "auth q4 -compatibility_data-> q4", "auth q4 -disconnect-> q0",
       "sensor q4 -compatibility_mode-> q8", "levels q0 -compatibility_mode-> q6", "registration r0 -reg_ok, legacy-> r1")
def compatibility(stage, see):
    plant = stage.plant
    device = plant.legacy("old-thermometer", source=stage.address())
    see("registration r0 -reg_ok, legacy-> r1", plant.show(device.identity)["kind"] == "legacy")
    with plant.subscriber("old/#", "plant/#") as reader:
        code = device.connect().code
        see("auth q1 -step1_ok, compatibility_mode-> q4", code == 0 and device.connection.pending() == [])
        topic, seen = f"old/{device.identity}/t", []
        for _ in range(3):
            assert device.publish(topic, GOOD) in OK
            seen += [(one.user("cs-level"), one.user("cs-score")) for one in reader.pending()]
        see("auth q4 -compatibility_data-> q4", seen == [(["AUTH1"], ["0"])] * 3)
        see("levels q0 -compatibility_mode-> q6", plant.show(device.identity)["level"] == "AUTH1")
        code = device.publish(f"plant/{device.identity}/t", GOOD)
        see("sensor q4 -compatibility_mode-> q8", code == 0x87 and reader.pending() == [])
    device.close()
    see("auth q4 -disconnect-> q0", device.connect(password="wrong", check=False).code and device.connect().code == 0)


@scene("auth q5 -step1 beside a session-> q1", "auth q1 -step1_fail beside a session-> q5",
       "auth q1 -step1_ok beside a session-> q2", "auth q3 -step2_fail beside a session-> q5",
       "auth q3 -step2_ok beside a session-> q5", "auth q5 -a stranger's login fails-> q5")
def beside_a_session(stage, see):
    plant, device = stage.plant, stage.device()
    send(device, BAD)
    before = plant.score(device.identity), [one["kid"] for one in sessions(plant, device)]
    second = stage.device(log_in=False, registration=device.registration)

    def untouched():
        return (plant.score(device.identity), [one["kid"] for one in sessions(plant, device)]) == before
    see("auth q1 -step1_fail beside a session-> q5", not_let_in(lambda: second.connect_step1(password="wrong")) and untouched())
    see("auth q5 -a stranger's login fails-> q5", untouched())
    q = second.ask_step1()
    see("auth q5 -step1 beside a session-> q1", untouched())
    see("auth q1 -step1_ok beside a session-> q2", q and untouched())
    second.send_auth(second.answer(q, k_reg=bytes(32)))
    see("auth q3 -step2_fail beside a session-> q5", silent(second) and untouched())
    second.send_answer(second.ask_step1())
    see("auth q3 -step2_ok beside a session-> q5", plant.score(device.identity) == before[0] and taken(second))
