package countersign.card;

import javacard.framework.Util;

/** The card's persistent memory. Util.arrayCopy writes all or nothing. */
final class CardStore implements Store {
  @Override
  public void write(byte[] from, short fromOffset, byte[] to, short toOffset, short length) {
    Util.arrayCopy(from, fromOffset, to, toOffset, length);
  }
}
