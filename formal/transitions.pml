/* Printed by print_promela from protocol/countersign/reputation.hpp: not to be edited.
 * README.md, "One table for code and model", says how it is made anew. */

#define INITIAL_SCORE 10
#define UPPER_SCORE 20
#define LOWER_SCORE 3
#define SALT 1
#define MAX_SCORE 21

#define AUTH0 0
#define AUTH1 1
#define AUTH2 2
#define AUTH3 3
#define IN_RANGE 0
#define OUT_OF_RANGE 1
#define NO_CHANGE 0
#define RAISED 1
#define FELL 2
#define EXPELLED 3

/* What a score that has made its step leads to: the first row that matches. */
inline decide(observation) {
  if    /* q11 -raise_authlevel-> q12 -step3_ok-> q11 */
  :: level == AUTH2 && observation == IN_RANGE && score >= 21 ->
       next_level = AUTH3; change = RAISED
  :: else ->
  if    /* q7 -step3_fail-> q10 -enforcement-> q9 */
  :: level == AUTH3 && observation == OUT_OF_RANGE && score <= 2 ->
       next_level = AUTH2; change = FELL
  :: else ->
  if    /* q7 -invalidate_access-> q8 */
  :: level == AUTH2 && observation == OUT_OF_RANGE && score <= 2 ->
       next_level = AUTH0; change = EXPELLED
  :: else ->
       next_level = level; change = NO_CHANGE
  fi fi fi
}
