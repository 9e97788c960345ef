/* What is claimed of mfar.pml. c01 to c06 are the paper's [MFA_R, Table 8], restated so that they say what its text says;
 * c00, that there is no deadlock, is checked without a claim. */

#define evaluated (authentication == in || authentication == out)
#define enforced (way == by_renewal || way == by_proof)

/* no data before a right answer to the query */
ltl c01 { ((authentication != ready) W proved) && [] ((authentication == ready) -> (proved && live)) }

/* only data of a registered device, in a live session, with nothing demanded, is evaluated */
ltl c02 { [] (evaluated -> (proved && live && !demanded && !expelled && !legacy && registration == registered)) }

/* what is not signed in the session is not evaluated ... */
ltl c03 { [] (evaluated -> genuine) }

/* ... and moves neither score nor level nor session of the identity it names ... */
ltl c03_strangers { [] (!genuine -> (live && score == before && level == level_before)) }

/* ... and its connection is closed in time */
ltl c03_closed { [] ((authentication == received && !genuine) -> (strikes < STRIKES)) }

/* a wrong answer to enforcement's query ends the session; a late one is a missed limit, which does so too */
ltl c04 { [] ((fault == step2_failed) -> (authentication == failed && !live)) }
ltl c04_enforced {
  [] ((authentication == answered && demanded)
      -> ((authentication == answered) W ((authentication == ready && enforced) || !live)))
}
ltl c04_late { [] ((fault == enforcement_missed) -> (authentication == failed && !live)) }
ltl c04_in_time {
  [] ((authentication == answered && demanded && late)
      -> ((authentication == answered) W (fault == enforcement_missed || registration == unregistered)))
}

/* who goes on with bad data at AUTH2 is expelled, and refused until time passes or an administrator reinstates him */
ltl c05 { [] ((fault == data_failed) -> (authentication == failed && !live)) }
ltl c05_expelled {
  [] ((authentication == out && change == EXPELLED)
      -> ((authentication == out) W (expelled || registration == unregistered)))
}
ltl c05_refused { [] (expelled -> (!live && authentication != known && authentication != ready)) }
ltl c05_initial { [] ((way == by_login && forgiven) -> (score == INITIAL_SCORE)) }

/* ... and at AUTH3 must prove itself: no data between enforcement and the next right answer */
ltl c06 { [] ((authentication == falling_due) -> ((!evaluated) W proved)) }
ltl c06_fall { [] ((way == by_data && level_before == AUTH3) -> (level == AUTH3)) }

/* levels: only at the thresholds, at the thresholds always, once a message */
ltl raised_at { [] ((authentication == rising) -> (level == AUTH2 && UPPER_SCORE <= score - SALT)) }
ltl raised_always { [] ((way == by_data && level == AUTH2) -> !(UPPER_SCORE <= score - SALT)) }
ltl lowered_at { [] ((change == FELL || change == EXPELLED) -> (LOWER_SCORE >= score + SALT)) }
ltl lowered_always {
  [] ((authentication == out && judged && LOWER_SCORE >= score + SALT) -> (change == FELL || change == EXPELLED))
}
ltl one_step { [] ((evaluated || authentication == rising) -> (score <= before + 1 && before <= score + 1)) }
ltl one_change { [] ((authentication == out && change == EXPELLED) -> (level_before == AUTH2)) }
ltl fresh_only { [] (evaluated -> fresh) }
ltl automata_agree {
  [] (((levels == two) -> (live && level == AUTH2)) && ((levels == three) -> (live && level == AUTH3))
      && ((levels == legacy_level) -> (legacy && level == AUTH1)))
}

/* nobody washes a bad score */
ltl login_keeps { [] ((way == by_login) -> (score <= before && score <= INITIAL_SCORE)) }
ltl further_keeps { [] ((way == by_further_login) -> (score == before && level == level_before)) }
ltl renewal_resets { [] ((way == by_renewal) -> (score == INITIAL_SCORE && level == AUTH2)) }
/* `before` is the score before the message that fell */
ltl only_a_fall_renews { [] ((way == by_renewal) -> (level_before == AUTH3 && LOWER_SCORE >= before - 1 + SALT)) }
ltl proof_keeps {
  [] ((way == by_proof)
      -> (level == AUTH2 && score <= before && score <= INITIAL_SCORE && (score == before || score == INITIAL_SCORE)))
}
ltl nobody_washes { [] (bad_run <= LONGEST_BAD_RUN) }
#define goes_on ([]<> (authentication == out) && []<> (authentication == ready))
#define nothing_good (authentication != in && registration == registered)
ltl nonsense_ends { (goes_on && <>[] (nothing_good && !enforced)) -> <> expelled }
ltl nonsense_ends_whatever_is_renewed { (goes_on && <>[] nothing_good) -> <> expelled }

/* registration and compatibility mode */
ltl unregistered_has_no_session { [] ((registration != registered) -> (!live && authentication == idle)) }
ltl legacy_stays { [] (legacy -> (!live && score == 0 && level <= AUTH1)) }
ltl auth1_is_silent { [] ((level == AUTH1 && !legacy) -> !(evaluated || authentication == compatible || authentication == ready)) }

/* Each of these must be violated: what the claims above speak of does happen. */
ltl never_ready { [] (authentication != ready) }
ltl never_auth3 { [] !(level == AUTH3 && live) }
ltl never_auth3_data { [] !(level == AUTH3 && evaluated) }
ltl never_fall { [] (change != FELL) }
ltl never_enforcement { [] (authentication != falling_due) }
ltl never_enforcement_of_auth3 { [] !(authentication == falling_due && level == AUTH3) }
ltl never_renewal { [] (way != by_renewal) }
ltl never_low_proof { [] !(way == by_proof && score < INITIAL_SCORE) }
ltl never_proof_of_auth3 { [] !(way == by_proof && level_before == AUTH3) }
ltl never_wrong_enforcement { [] !(fault == step2_failed && level == AUTH3) }
ltl never_late { [] (fault != enforcement_missed) }
ltl never_late_answer { [] !(authentication == answered && demanded && late) }
ltl never_expelled { [] (fault != data_failed) }
ltl never_forgiven_login { [] !(way == by_login && forgiven) }
ltl never_low_login { [] !(way == by_login && LOWER_SCORE >= score + SALT) }
ltl never_longest_run { [] (bad_run < LONGEST_BAD_RUN) }
ltl never_compatible { [] (authentication != compatible) }
ltl never_closed { [] !closed }
ltl never_further_login_of_auth3 { [] !(way == by_further_login && level == AUTH3) }
