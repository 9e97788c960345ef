/* MFA_R as Countersign does it: registration x authentication x sensor x levels of one identity, and strangers around it.
 *
 * Each `::` is one event that all automata take together, as the broadcasts of the paper's timed automata. The words in
 * printf are the events' names: the paper's where it has one. States carry the paper's names in comments [MFA_R, Figs. 4-11].
 * README.md says what each claim means; claims.toml, which of them must hold and which mutants must break them. */

#include "reputation.pml"

mtype:registration = {
  unregistered,   /* n  */
  registering,    /* r0 */
  registered      /* r1 */
}

mtype:authentication = {
  idle,           /* q0  no connection has an identity */
  presented,      /* q1  user and password received */
  known,          /* q2  first factor passed */
  answered,       /* q3  answer received */
  compatible,     /* q4  legacy device */
  ready,          /* q5  waits for data */
  received,       /* q6  data received */
  out,            /* q7  out of range */
  failed,         /* q8  critical failure */
  queried,        /* q9  query made */
  falling_due,    /* q10 enforcement falls due */
  in,             /* q11 in range */
  rising          /* q12 third factor passed */
}

mtype:sensor = {
  fresh_made,     /* q0  not registered */
  enrolling,      /* q1  */
  broken,         /* q2  critical failure */
  enrolled,       /* q3  */
  logging_in,     /* q4  */
  solving,        /* q5  */
  solved,         /* q6  */
  sending,        /* q7  may publish */
  plain,          /* q8  compatibility mode */
  waiting         /* q9  published, waits for the reply (timed automaton only) */
}

mtype:levels = {
  no_level,       /* q0 */
  one,            /* q1  AUTH1 */
  two,            /* q2  AUTH2 */
  three,          /* q3  AUTH3 (q6 of the timed automaton) */
  lost,           /* q4  critical failure */
  in_doubt,       /* q5  out-of-range data */
  legacy_level    /* q6  compatibility mode */
}

mtype:fault = { no_fault, step1_failed, step2_failed, enforcement_missed, data_failed }

/* how `ready` was reached; by_renewal: enforcement after a fall, by_proof: enforcement by count or time */
mtype:way = { no_way, by_login, by_further_login, by_renewal, by_proof, by_data }

/* bad tags that one connection may bring; 8 in the code, fewer here: the number does not matter */
#define STRIKES 3

/* -DOTHERS=false: nobody but T and the device acts, nothing is repeated for ever. Else c00 would not see who is stuck. */
#ifndef OTHERS
#define OTHERS true
#endif

/* out-of-range messages in a row that the best score survives, and the one after a missed enforcement */
#define LONGEST_BAD_RUN (MAX_SCORE - (LOWER_SCORE - SALT) + 1)

mtype:registration registration = unregistered;
mtype:authentication authentication = idle;
mtype:sensor sensor = fresh_made;
mtype:levels levels = no_level;
mtype:fault fault = no_fault;

bool legacy = false;
bool live = false;        /* T holds a session of this identity */
bool asked = false;       /* the login's query is out */
bool demanded = false;    /* enforcement is demanded and not yet passed */
bool late = false;        /* its time limit is over */
bool fallen = false;      /* a fall demanded it: `Sender::fallen` */
bool expelled = false;
bool judged = false;      /* this message has moved the score */
byte strikes = 0;         /* bad tags on the stranger's connection */
bool closed = false;      /* that connection is closed */

/* what the claims look at; T does not */
bool genuine = true;      /* the last act was the device's own */
bool fresh = true;        /* its message was never seen before */
bool proved = false;      /* step 2 passed, and nothing demanded since */
bool forgiven = false;    /* the last expulsion is over, no message since */
byte before = INITIAL_SCORE;    /* the score before this message or login */
byte level_before = AUTH0;
byte bad_run = 0;         /* out-of-range messages in a row, whatever logins lie between */
mtype:way way = no_way;

inline remember() {
  genuine = true;
  before = score;
  level_before = level;
  way = no_way
}

inline go(to_authentication, to_sensor, to_levels) {
  authentication = to_authentication;
  sensor = to_sensor;
  levels = to_levels
}

inline end_session() {
  live = false;
  asked = false;
  demanded = false;
  late = false;
  judged = false;
  proved = false;
  change = NO_CHANGE;
  remember()
}

inline fail(why) {
  end_session();
  go(failed, broken, lost);
  fault = why
}

inline enter(how) {
  live = true;
  proved = true;
  demanded = false;
  late = false;
  next_level = level;
  way = how
}

inline start_over() {
  score = INITIAL_SCORE;
  level = AUTH0;
  next_level = AUTH0;
  bad_run = 0;
  expelled = false;
  forgiven = false;
  remember()
}

active proctype mfar() {
  do

  /* registration: RegServ */

  :: d_step { registration == unregistered && sensor == fresh_made ->
       registration = registering; sensor = enrolling; printf("reg\n") }
  :: d_step { registration == registering ->
       registration = registered; sensor = enrolled; legacy = false; start_over(); printf("reg_ok\n") }
  :: d_step { registration == registering ->
       registration = registered; sensor = enrolled; legacy = true; start_over(); score = 0; before = 0;
       printf("reg_ok, legacy\n") }
  :: d_step { registration == registering ->
       registration = unregistered; sensor = broken; printf("reg_fail\n") }
  :: d_step { OTHERS && registration == registered ->    /* a clone: this device data is known */
       skip; printf("reg, reg_fail\n") }
  :: d_step { OTHERS && registration == registered ->
       end_session(); registration = unregistered; legacy = false; start_over(); fault = no_fault;
       authentication = idle; levels = no_level; printf("unreg\n") }

  /* first factor: AuthServ. `live` here: a further login beside a session */

  :: d_step { authentication == idle && sensor == enrolled && registration == registered ->
       remember(); authentication = presented; sensor = logging_in; printf("step1\n") }
  :: d_step { authentication == ready && sensor == sending && live ->
       remember(); authentication = presented; sensor = logging_in; printf("step1 beside a session\n") }
  :: d_step { authentication == presented && !live ->
       fail(step1_failed); printf("step1_fail\n") }
  :: d_step { authentication == presented && live ->
       authentication = ready; sensor = sending; printf("step1_fail beside a session\n") }
  :: d_step { authentication == presented && !legacy && !live && !expelled ->
       go(known, solving, one); level = AUTH1; printf("step1_ok\n") }
  :: d_step { authentication == presented && live ->
       authentication = known; sensor = solving; printf("step1_ok beside a session\n") }
  :: d_step { authentication == presented && legacy ->
       go(compatible, plain, legacy_level); level = AUTH1; printf("step1_ok, compatibility_mode\n") }
  :: d_step { authentication == compatible ->
       skip; printf("compatibility_data\n") }
  :: d_step { authentication == compatible ->
       go(idle, enrolled, no_level); level = AUTH0; printf("disconnect\n") }

  /* second factor: AuthServ */

  :: d_step { authentication == known && !asked ->
       authentication = queried; asked = true; printf("generate_query\n") }
  :: d_step { authentication == queried && asked ->
       authentication = known; printf("send_query\n") }
  :: d_step { authentication == known && asked ->
       authentication = answered; sensor = solved; asked = false; printf("step2\n") }
  :: d_step { authentication == queried && demanded ->
       authentication = answered; sensor = solved; printf("step2 for enforcement\n") }
  :: d_step { authentication == answered && !live ->
       fail(step2_failed); printf("step2_fail\n") }
  :: d_step { authentication == answered && live && !demanded ->    /* only the offered auth_code is void */
       authentication = ready; sensor = sending; printf("step2_fail beside a session\n") }
  :: d_step { authentication == answered && live && demanded && !late ->    /* later: "enforcement missed" */
       fail(step2_failed); printf("step2_fail of enforcement\n") }
  :: d_step { authentication == answered && !live ->
       log_in(); go(ready, sending, two); enter(by_login); printf("step2_ok\n") }
  :: d_step { authentication == answered && live && !demanded ->    /* neither level nor score */
       authentication = ready; sensor = sending; enter(by_further_login); printf("step2_ok beside a session\n") }
  :: d_step { authentication == answered && live && demanded && !late && fallen ->
       renew(); go(ready, sending, two); enter(by_renewal); bad_run = 0; printf("step2_ok of enforcement after a fall\n") }
  :: d_step { authentication == answered && live && demanded && !late && !fallen ->    /* unlike the paper */
       log_in(); go(ready, sending, two); enter(by_proof); printf("step2_ok of enforcement by count or time\n") }

  /* publication: the gate looks at sender, tag, window, enforcement, in this order */

  :: d_step { authentication == ready && sensor == sending ->
       remember(); forgiven = false; fresh = true; authentication = received; sensor = waiting; printf("send_data\n") }
  :: d_step { authentication == ready && sensor == sending ->
       remember(); fresh = false; authentication = received; sensor = waiting; printf("send_data once more\n") }
  :: d_step { OTHERS && authentication == ready && !closed ->
       remember(); genuine = false; authentication = received; printf("a stranger's forgery\n") }
  :: d_step { OTHERS && authentication == ready ->
       remember(); genuine = false; printf("a stranger's login fails\n") }
  :: d_step { authentication == received && !genuine ->    /* unlike the paper, whose q8 lets anyone put a device out */
       authentication = ready; strikes++; closed = (strikes == STRIKES); printf("authcode_fail\n") }
  :: d_step { OTHERS && closed ->
       closed = false; strikes = 0; printf("the stranger connects again\n") }
  :: d_step { authentication == received && genuine && !fresh ->
       fresh = true; authentication = ready; sensor = sending; printf("answered as before\n") }
  :: d_step { authentication == received && genuine && fresh ->
       fallen = false; authentication = falling_due; proved = false; printf("enforcement by count or time\n") }
  :: d_step { authentication == received && genuine && fresh ->
       authentication = in; printf("data_ok\n") }
  :: d_step { authentication == received && genuine && fresh ->
       authentication = out; levels = in_doubt; printf("data_fail\n") }
  :: d_step { !live && authentication == idle && registration == registered && (sensor == sending || sensor == solving) ->
       sensor = enrolled; printf("send_data, unknown_kid\n") }
  :: d_step { registration == unregistered && sensor != fresh_made && sensor != enrolling && sensor != broken ->
       sensor = fresh_made; printf("unknown_sender\n") }

  /* third factor: AuthInspector */

  :: d_step { authentication == in && !judged ->
       judge(IN_RANGE); judged = true; bad_run = 0; printf("increase_reputation\n") }
  :: d_step { authentication == in && judged && change == RAISED ->
       authentication = rising; printf("raise_authlevel\n") }
  :: d_step { authentication == rising ->
       settle(); change = NO_CHANGE; authentication = in; levels = three; printf("step3_ok\n") }
  :: d_step { authentication == in && judged && change == NO_CHANGE ->
       judged = false; way = by_data; authentication = ready; sensor = sending; printf("wait_data\n") }
  :: d_step { authentication == out && !judged ->
       judge(OUT_OF_RANGE); judged = true; bad_run = (bad_run <= LONGEST_BAD_RUN -> bad_run + 1 : bad_run);
       printf("decrease_reputation\n") }
  :: d_step { authentication == out && judged && change == NO_CHANGE ->
       judged = false; way = by_data; go(ready, sending, (level == AUTH3 -> three : two)); printf("wait_data\n") }
  :: d_step { authentication == out && judged && change == FELL ->
       settle(); change = NO_CHANGE; judged = false; fallen = true; authentication = falling_due; proved = false;
       printf("step3_fail\n") }
  :: d_step { authentication == out && judged && change == EXPELLED ->
       settle(); expelled = true; fail(data_failed); printf("invalidate_access\n") }

  /* enforcement: the query rides on a notice */

  :: d_step { authentication == falling_due ->
       go(queried, solving, one); demanded = true; printf("enforcement\n") }
  :: d_step { OTHERS && authentication == queried && demanded ->
       skip; printf("send_data, refused\n") }
  :: d_step { demanded && !late ->
       late = true; printf("30 s are over\n") }
  :: d_step { demanded && late ->
       fail(enforcement_missed); printf("enforcement missed\n") }

  /* what else happens to sessions */

  :: d_step { live && (authentication == ready || authentication == queried) ->    /* the sensor does not know yet */
       end_session(); authentication = idle; levels = no_level; printf("unclean restart, or session over\n") }
  :: d_step { expelled ->
       expelled = false; forgiven = true; score = INITIAL_SCORE; bad_run = 0; remember(); printf("time passes, or reinstate\n") }
  :: d_step { authentication == failed ->
       go(idle, enrolled, no_level); fault = no_fault; remember(); printf("reset\n") }
  :: d_step { registration == unregistered && sensor == broken ->
       sensor = fresh_made; printf("reset\n") }

  od
}

#include "mfar_claims.pml"
