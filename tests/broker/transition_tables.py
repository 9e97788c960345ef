"""The tables of formal/: the paper's automata, what the corrections took away, and what they put there."""

AUTHENTICATION = """
init -start-> q0
q0 -step1-> q1
q1 -step1_ok-> q2
q1 -step1_fail-> q8
q2 -compatibility_mode-> q4
q4 -compatibility_data-> q4
q4 -disconnect-> q0
q2 -generate_query-> q9
q9 -send_query-> q2
q2 -step2-> q3
q9 -step2-> q3
q3 -validate_query-> q3
q3 -step2_ok-> q5
q3 -step2_fail-> q8
q5 -send_data-> q6
q6 -validate_authcode-> q6
q6 -validate_data-> q6
q6 -authcode_fail-> q8
q6 -data_ok-> q11
q6 -data_fail-> q7
q11 -increase_reputation-> q11
q11 -raise_authlevel-> q12
q12 -step3_ok-> q11
q11 -wait_data-> q5
q7 -decrease_reputation-> q7
q7 -wait_data-> q5
q7 -step3_fail-> q10
q7 -invalidate_access-> q8
q10 -enforcement-> q9
q5 -end-> final
q8 -reset-> q0
"""

SENSOR = """
q0 -reg-> q1
q1 -reg_ok-> q3
q1 -reg_fail-> q2
q3 -step1-> q4
q4 -step1_ok-> q5
q4 -step1_fail-> q2
q4 -compatibility_mode-> q8
q5 -solve_query-> q5
q5 -step2-> q6
q6 -step2_ok-> q7
q6 -step2_fail-> q2
q7 -send_data-> q9
q9 -wait_data-> q7
q9 -enforcement-> q5
q9 -authcode_fail-> q2
q9 -invalidate_access-> q2
q2 -reset-> q3
"""

LEVELS = """
q0 -step1_ok-> q1
q0 -step1_fail-> q4
q0 -compatibility_mode-> q6
q1 -step2_ok-> q2
q1 -step2_fail-> q4
q2 -step3_ok-> q3
q2 -authcode_fail-> q4
q3 -authcode_fail-> q4
q2 -data_fail-> q5
q3 -data_fail-> q5
q5 -wait_data-> q2
q5 -wait_data-> q3
q5 -enforcement-> q1
q5 -invalidate_access-> q4
q4 -reset-> q0
"""

REGISTRATION = """
n -reg-> r0
r0 -reg_ok-> r1
r0 -reg_fail-> n
r1 -unreg-> n
"""


def rows(automaton, table):
    return [f"{automaton} {line}" for line in table.split("\n") if line]


ROWS = (*rows("auth", AUTHENTICATION), *rows("sensor", SENSOR), *rows("levels", LEVELS), *rows("registration", REGISTRATION))

# What took the place of a row, or stands beside it: the events of formal/mfar.pml that the paper does not have.
OURS = (
    "auth q5 -a stranger's forgery-> q6",
    "auth q6 -authcode_fail-> q5",
    "auth q5 -a stranger's login fails-> q5",
    "auth closed -the stranger connects again-> q5",
    "auth q6 -answered as before-> q5",
    "sensor q7 -send_data once more-> q9",
    "auth q5 -step1 beside a session-> q1",
    "auth q1 -step1_fail beside a session-> q5",
    "auth q1 -step1_ok beside a session-> q2",
    "auth q3 -step2_fail beside a session-> q5",
    "auth q3 -step2_ok beside a session-> q5",
    "auth q6 -enforcement by count or time-> q10",
    "auth q9 -step2 for enforcement-> q3",
    "auth q3 -step2_fail of enforcement-> q8",
    "auth q3 -step2_ok of enforcement after a fall-> q5",
    "auth q3 -step2_ok of enforcement by count or time-> q5",
    "auth q9 -send_data, refused-> q9",
    "auth q9 -30 s are over-> q9",
    "auth q9 -enforcement missed-> q8",
    "auth q5 -unclean restart, or session over-> q0",
    "auth q8 -time passes, or reinstate-> q8",
    "auth q1 -step1_ok, compatibility_mode-> q4",
    "sensor q7 -send_data, unknown_kid-> q3",
    "sensor q7 -unknown_sender-> q0",
    "registration r0 -reg_ok, legacy-> r1",
    "registration r1 -reg, reg_fail-> r1",
)

GONE = {
    "auth q6 -authcode_fail-> q8": "anyone could put a device out; it counts against the connection: q6 -authcode_fail-> q5",
    "levels q2 -authcode_fail-> q4": "as above: a forgery says nothing about the device it names",
    "levels q3 -authcode_fail-> q4": "as above",
    "auth q2 -compatibility_mode-> q4": "a legacy device has no first factor that a query could follow: "
                                        "q1 -step1_ok, compatibility_mode-> q4 in one step",
    "auth q9 -step2-> q3": "is enforcement's answer: q9 -step2 for enforcement-> q3; a login's query is sent before it is answered",
}
