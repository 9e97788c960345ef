package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.Util;

/**
 * Who the card is: its life cycle, identity and keys. Written once, by personalisation.
 *
 * <p>Life cycle as ISO 7816-4 codes it: CREATED, then for good ACTIVE.
 */
final class Profile {
  static final byte CREATED = (byte) 0x01;
  static final byte ACTIVE = (byte) 0x05;

  /** Bit 0: the PIN is wanted again for each operation. The other bits are reserved. */
  static final byte FLAG_PIN_PER_OPERATION = 1;

  final byte[] uid;
  final byte[] transportKey;

  /** u8 length, then the identity. */
  final byte[] identity;

  final byte[] key;
  final byte[] checksumKey;
  final byte[] issuerKey;

  private byte lifeCycle;
  private byte flags;

  Profile() {
    uid = new byte[Wire.UID_BYTES];
    transportKey = new byte[Wire.KEY_BYTES];
    identity = new byte[(short) (1 + Wire.MAX_IDENTITY_BYTES)];
    key = new byte[Wire.KEY_BYTES];
    checksumKey = new byte[Wire.KEY_BYTES];
    issuerKey = new byte[Wire.KEY_BYTES];
    lifeCycle = CREATED;
  }

  byte lifeCycle() {
    return lifeCycle;
  }

  boolean wantsPinPerOperation() {
    return (flags & FLAG_PIN_PER_OPERATION) != 0;
  }

  void setFlags(byte newFlags) {
    flags = newFlags;
  }

  short identityLength() {
    return (short) (identity[0] & 0xFF);
  }

  void requireActive() {
    Wire.require(lifeCycle == ACTIVE, ISO7816.SW_CONDITIONS_NOT_SATISFIED);
  }

  void requireCreated() {
    Wire.require(lifeCycle == CREATED, ISO7816.SW_CONDITIONS_NOT_SATISFIED);
  }

  /** The one way: a power cut before the first line leaves CREATED, after it ACTIVE. */
  void activate() {
    lifeCycle = ACTIVE;
    Util.arrayFillNonAtomic(transportKey, (short) 0, Wire.KEY_BYTES, (byte) 0);
  }
}
