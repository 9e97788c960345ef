package countersign.card;

import javacard.framework.OwnerPIN;

/** What survives loss of power: the card's own, or in tests one that loses power on request. */
interface Store {
  /** Each byte is written whole or not at all; a longer write need not be. */
  void write(byte[] from, short fromOffset, byte[] to, short toOffset, short length);

  /**
   * The platform's PIN object, which keeps its try counter and its value safe by itself: JavaCard
   * has {@code check} lose a try before it compares, outside of any transaction. Call from a
   * constructor only.
   */
  OwnerPIN makePin(byte tries, byte mostBytes);
}
