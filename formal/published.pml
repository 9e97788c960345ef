/* The published timed automata, sensor x authentication x levels, exactly [public UPPAAL model, version 03].
 *
 * No clock is ever looked at, so the product is finite. Channels are broadcast: a sender never waits for a receiver, and
 * who cannot receive stays. While an automaton is in a committed state only an event in which it takes part may happen:
 * COMMITTED counts those automata, and `::` lines allow for those that send or receive. The sensor begins registered. */

#define INITIAL_SCORE 10
#define UPPER_SCORE 20    /* the paper's max */
#define LOWER_SCORE 3     /* the paper's min */

/* q2 is the unnamed twin of q2 here: the named one has no transitions */
mtype:authentication = { q0, q1, q2, q3, q5, q6, q7, q8, q9, q10, q11, q12 }
mtype:sensor = { s2, s3, s4, s5, s6, s7, s9 }
mtype:levels = { l0, l1, l2, l4, l5, l6 }    /* l6 is AUTH3 */

mtype:authentication authentication = q0;
mtype:sensor sensor = s3;
mtype:levels levels = l0;
byte score = INITIAL_SCORE;
byte level = 0;

#define SENSOR_COMMITTED (sensor == s2 || sensor == s3 || sensor == s7)
#define AUTHENTICATION_COMMITTED (authentication == q5 || authentication == q8)
#define LEVELS_COMMITTED (levels == l4 || levels == l6)
#define COMMITTED (SENSOR_COMMITTED || AUTHENTICATION_COMMITTED || LEVELS_COMMITTED)

inline sensor_hears(from, to) {
  if
  :: sensor == from -> sensor = to
  :: else
  fi
}

inline authentication_hears(from, to) {
  if
  :: authentication == from -> authentication = to
  :: else
  fi
}

inline levels_hear(from, to) {
  if
  :: levels == from -> levels = to
  :: else
  fi
}

active proctype published() {
  do

  /* the sensor sends; the states it sends these from are committed, but for s5 */

  :: d_step { sensor == s3 -> sensor = s4; authentication_hears(q0, q1); printf("step1\n") }
  :: d_step { sensor == s5 && !COMMITTED ->
       sensor = s6; authentication_hears(q2, q3); authentication_hears(q9, q3); printf("step2\n") }
  :: d_step { sensor == s7 -> sensor = s9; authentication_hears(q5, q6); printf("send_data\n") }
  :: d_step { sensor == s2 -> sensor = s3; authentication_hears(q8, q0); levels_hear(l4, l0); printf("reset\n") }

  /* authentication sends */

  :: d_step { authentication == q1 && !COMMITTED ->
       authentication = q2; level = 1; sensor_hears(s4, s5); levels_hear(l0, l1); printf("step1_ok\n") }
  :: d_step { authentication == q1 && !COMMITTED ->
       authentication = q8; sensor_hears(s4, s2); levels_hear(l0, l4); printf("step1_fail\n") }
  :: d_step { authentication == q3 && !COMMITTED ->
       authentication = q5; level = 2; sensor_hears(s6, s7); levels_hear(l1, l2); printf("step2_ok\n") }
  :: d_step { authentication == q3 && !COMMITTED ->
       authentication = q8; sensor_hears(s6, s2); levels_hear(l1, l4); printf("step2_fail\n") }
  :: d_step { authentication == q6 && !COMMITTED ->
       skip; printf("validate_authcode, validate_data\n") }
  :: d_step { authentication == q6 && (!COMMITTED || levels == l6) ->
       authentication = q8; sensor_hears(s9, s2); levels_hear(l2, l4); levels_hear(l6, l4); printf("authcode_fail\n") }
  :: d_step { authentication == q6 && !COMMITTED -> authentication = q11; printf("data_ok\n") }
  :: d_step { authentication == q6 && (!COMMITTED || levels == l6) ->
       authentication = q7; levels_hear(l2, l5); levels_hear(l6, l5); printf("data_fail\n") }
  :: d_step { authentication == q11 && !COMMITTED && score < UPPER_SCORE -> score++; printf("increase_reputation\n") }
  :: d_step { authentication == q11 && !COMMITTED && score > UPPER_SCORE && level != 3 ->
       authentication = q12; printf("raise_authlevel\n") }
  :: d_step { authentication == q12 && !COMMITTED ->
       authentication = q11; level = 3; levels_hear(l2, l6); printf("step3_ok\n") }
  :: d_step { authentication == q11 && !COMMITTED ->
       authentication = q5; sensor_hears(s9, s7); levels_hear(l5, (level == 3 -> l6 : l2)); printf("wait_data\n") }
  :: d_step { authentication == q7 && !COMMITTED && score >= LOWER_SCORE -> score--; printf("decrease_reputation\n") }
  :: d_step { authentication == q7 && !COMMITTED && score >= LOWER_SCORE ->
       authentication = q5; sensor_hears(s9, s7); levels_hear(l5, (level == 3 -> l6 : l2)); printf("wait_data\n") }
  :: d_step { authentication == q7 && !COMMITTED && score < LOWER_SCORE && level == 3 ->
       authentication = q10; printf("step3_fail\n") }
  :: d_step { authentication == q7 && !COMMITTED && score < LOWER_SCORE ->
       authentication = q8; sensor_hears(s9, s2); levels_hear(l5, l4); printf("invalidate_access\n") }
  :: d_step { authentication == q10 && !COMMITTED ->
       authentication = q9; sensor_hears(s9, s5); levels_hear(l5, l1); printf("enforcement\n") }

  od
}

/* "there are no deadlocks" (c00) is checked without a claim */
ltl published_c01 { [] ((authentication != q3) -> <> (authentication != q5)) }
ltl c01 { (authentication != q5) W (authentication == q3) }
ltl published_c02 { [] !((sensor == s7) && (authentication != q5)) }
ltl never_auth3 { [] (level != 3) }
ltl never_enforcement { [] (authentication != q10) }
ltl initial_score_at_login { [] ((authentication == q3) -> (score == INITIAL_SCORE)) }
ltl nonsense_ends { ([]<> (authentication == q7) && [] (authentication != q11)) -> <> (authentication == q8) }
ltl auth3_is_asked_first {
  [] ((authentication == q7 && level == 3 && score < LOWER_SCORE) -> ((authentication == q7) W (authentication == q10)))
}
