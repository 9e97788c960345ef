/* Level and score of one identity, as protocol/countersign/reputation.cpp keeps them. transitions.pml holds the table and
 * the constants, printed by the code; cases.pml asks whether these three inlines answer as observe(), log_in(), renew() do. */

#include "transitions.pml"

byte level = AUTH0;
byte score = INITIAL_SCORE;
byte next_level = AUTH0;    /* what the last judgement leads to; `settle` makes it so */
byte change = NO_CHANGE;

/* observe(), first part: one step of the score, one look at the table */
inline judge(observation) {
  if
  :: observation == IN_RANGE && score < MAX_SCORE -> score++
  :: observation == OUT_OF_RANGE && score > 0 -> score--
  :: else
  fi;
  decide(observation)
}

/* observe(), second part. Apart, because the paper goes from q11 by q12 to AUTH3. */
inline settle() {
  level = next_level
}

/* no live session: nobody washes a bad score */
inline log_in() {
  level = AUTH2;
  if
  :: score > INITIAL_SCORE -> score = INITIAL_SCORE
  :: else
  fi
}

/* enforcement that T demanded and that ended in time */
inline renew() {
  level = AUTH2;
  score = INITIAL_SCORE
}
