package countersign.card;

import javacard.framework.OwnerPIN;
import javacard.framework.Util;

/**
 * The card's persistent memory. Util.arrayCopy writes all or nothing; nothing here depends on it, so
 * no transaction is ever opened, and the longest write is 65 bytes.
 */
final class CardStore implements Store {
  @Override
  public void write(byte[] from, short fromOffset, byte[] to, short toOffset, short length) {
    Util.arrayCopy(from, fromOffset, to, toOffset, length);
  }

  @Override
  public OwnerPIN makePin(byte tries, byte mostBytes) {
    return new OwnerPIN(tries, mostBytes);
  }
}
