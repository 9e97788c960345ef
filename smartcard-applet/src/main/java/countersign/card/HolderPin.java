package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;
import javacard.security.RandomData;

/**
 * The holder's PIN and the PUK that unblocks it.
 *
 * <p>Both are objects of the platform, which keeps them safe from power cuts by itself. Neither is
 * ever updated inside a transaction: some cards then keep the old value.
 */
final class HolderPin {
  static final byte PIN_TRIES = 3;
  static final byte PUK_TRIES = 5;
  static final byte MIN_PIN_BYTES = 4;
  static final byte MIN_PUK_BYTES = 8;
  static final byte MAX_BYTES = 16;

  private final CardMemory memory;
  private final RandomData random;
  private final byte[] scratch;
  private final OwnerPIN pin;
  private final OwnerPIN puk;

  /** Both start as random bytes that nobody knows. {@code scratch} has room for 16. */
  HolderPin(CardMemory memory, Store store, RandomData random, byte[] scratch) {
    this.memory = memory;
    this.random = random;
    this.scratch = scratch;
    pin = store.makePin(PIN_TRIES, MAX_BYTES);
    puk = store.makePin(PUK_TRIES, MAX_BYTES);
    erase();
  }

  /** Puts random bytes that nobody knows in place of both, with all their tries. */
  void erase() {
    erase(pin);
    erase(puk);
  }

  void set(byte[] buffer, short pinS8, short pukS8) {
    pin.update(buffer, (short) (pinS8 + 1), buffer[pinS8]);
    puk.update(buffer, (short) (pukS8 + 1), buffer[pukS8]);
  }

  byte pinTriesLeft() {
    return pin.getTriesRemaining();
  }

  byte pukTriesLeft() {
    return puk.getTriesRemaining();
  }

  /** Forgets that the PIN was verified. */
  void forget() {
    pin.reset();
  }

  /** VERIFY. Without data it only asks: 9000 if verified, else as a wrong PIN, but no try is lost. */
  void verify(byte[] buffer, short length) {
    Wire.requireParameters(buffer, Wire.PARAMETERS_HOLDER_PIN);
    if (length == 0) {
      requireVerifiedForQuery();
      return;
    }
    Wire.require(length >= MIN_PIN_BYTES && length <= MAX_BYTES, ISO7816.SW_WRONG_LENGTH);
    requireRight(pin, buffer, ISO7816.OFFSET_CDATA, (byte) length);
  }

  /** CHANGE REFERENCE DATA: s8(old) s8(new). The new PIN is not yet verified. */
  void change(byte[] buffer, short length) {
    replacePin(buffer, length, pin, MIN_PIN_BYTES);
  }

  /** RESET RETRY COUNTER: s8(PUK) s8(new PIN). */
  void unblock(byte[] buffer, short length) {
    replacePin(buffer, length, puk, MIN_PUK_BYTES);
    puk.reset();
  }

  /** Lets one operation through, or refuses: 6982 not verified, 6983 blocked. */
  void spend() {
    if (!pin.isValidated()) {
      boolean blocked = pin.getTriesRemaining() == 0;
      ISOException.throwIt(
          blocked ? Wire.SW_PIN_BLOCKED : ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
    }
    if (memory.wantsPinPerOperation()) {
      pin.reset();
    }
  }

  private void replacePin(byte[] buffer, short length, OwnerPIN authority, short least) {
    Wire.requireParameters(buffer, Wire.PARAMETERS_HOLDER_PIN);
    short first = ISO7816.OFFSET_CDATA;
    short end = (short) (first + length);
    short second = Wire.skipS8(buffer, first, end, least, MAX_BYTES);
    short rest = Wire.skipS8(buffer, second, end, MIN_PIN_BYTES, MAX_BYTES);
    short newPin = (short) (second + 1);
    Wire.require(rest == end, ISO7816.SW_WRONG_DATA);
    Wire.require(Wire.isPrintable(buffer, newPin, buffer[second]), ISO7816.SW_WRONG_DATA);

    // the new PIN is sound; only now a try may be lost
    requireRight(authority, buffer, (short) (first + 1), buffer[first]);
    pin.update(buffer, newPin, buffer[second]);
  }

  private void erase(OwnerPIN secret) {
    random.generateData(scratch, (short) 0, MAX_BYTES);
    secret.update(scratch, (short) 0, MAX_BYTES);
    Util.arrayFillNonAtomic(scratch, (short) 0, MAX_BYTES, (byte) 0);
  }

  private void requireVerifiedForQuery() {
    if (!pin.isValidated()) {
      throwTriesLeft(pin);
    }
  }

  private static void requireRight(OwnerPIN secret, byte[] buffer, short offset, byte length) {
    Wire.require(secret.getTriesRemaining() > 0, Wire.SW_PIN_BLOCKED);
    if (!secret.check(buffer, offset, length)) {
      ISOException.throwIt((short) (Wire.SW_TRIES_LEFT | secret.getTriesRemaining()));
    }
  }

  private static void throwTriesLeft(OwnerPIN secret) {
    byte tries = secret.getTriesRemaining();
    ISOException.throwIt(tries == 0 ? Wire.SW_PIN_BLOCKED : (short) (Wire.SW_TRIES_LEFT | tries));
  }
}
