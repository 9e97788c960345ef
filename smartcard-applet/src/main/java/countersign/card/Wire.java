package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** The bytes of docs/protocol.md, section 9, and the checks on foreign bytes that several commands share. */
final class Wire {
  static final byte INS_DEACTIVATE = (byte) 0x04;
  static final byte INS_VERIFY = (byte) 0x20;
  static final byte INS_CHANGE_REFERENCE_DATA = (byte) 0x24;
  static final byte INS_COMPUTE_CHECKSUM = (byte) 0x2A;
  static final byte INS_RESET_RETRY_COUNTER = (byte) 0x2C;
  static final byte INS_ACTIVATE = (byte) 0x44;
  static final byte INS_EXTERNAL_AUTHENTICATE = (byte) 0x82;
  static final byte INS_GET_CHALLENGE = (byte) 0x84;
  static final byte INS_INTERNAL_AUTHENTICATE = (byte) 0x88;
  static final byte INS_GET_DATA = (byte) 0xCA;
  static final byte INS_PUT_DATA = (byte) 0xDB;
  static final byte INS_TERMINATE = (byte) 0xE6;

  /** P1-P2 of each command; the high byte is P1. */
  static final short PARAMETERS_NONE = (short) 0x0000;
  static final short PARAMETERS_HOLDER_PIN = (short) 0x0081;
  static final short PARAMETERS_HANDSHAKE_KEY = (short) 0x0001;
  static final short PARAMETERS_PRESENCE = (short) 0x0002;
  static final short PARAMETERS_CHECKSUM = (short) 0x8E80;
  static final short PARAMETERS_PERSONALISE = (short) 0x0001;
  static final short PARAMETERS_FACTORY_RESET = (short) 0x0002;

  static final short DATA_IDENTITY = (short) 0xDF01;
  static final short DATA_EPOCH = (short) 0xDF02;
  static final short DATA_CHECKSUM_COUNTER = (short) 0xDF03;
  static final short DATA_TRIES_LEFT = (short) 0xDF04;
  static final short DATA_ADMIN_COUNTER = (short) 0xDF05;
  static final short DATA_VERSION = (short) 0xDF06;

  /** 63Cx of ISO 7816-4: wrong, x tries left. */
  static final short SW_TRIES_LEFT = (short) 0x63C0;

  static final short SW_MEMORY_FAILURE = (short) 0x6581;
  static final short SW_PIN_BLOCKED = (short) 0x6983;

  /** "Reference data not usable": a counter stands at its maximum, the key can serve no more. */
  static final short SW_KEY_EXHAUSTED = (short) 0x6984;

  static final short SW_NOT_FOUND = (short) 0x6A88;

  static final short KEY_BYTES = 32;
  static final short TAG_BYTES = 16;
  static final short U32_BYTES = 4;
  static final short UID_BYTES = 8;
  static final short NONCE_BYTES = 16;
  static final short MAX_IDENTITY_BYTES = 64;
  static final short VERSION = (short) 0x0100;

  private Wire() {}

  static short parameters(byte[] buffer) {
    return Util.getShort(buffer, ISO7816.OFFSET_P1);
  }

  /** Refuses with 6A86 every P1-P2 but {@code wanted}. */
  static void requireParameters(byte[] buffer, short wanted) {
    require(parameters(buffer) == wanted, ISO7816.SW_INCORRECT_P1P2);
  }

  static void require(boolean holds, short statusWord) {
    if (!holds) {
      ISOException.throwIt(statusWord);
    }
  }

  /**
   * Checks an s8 field (u8 length, then the bytes) that must lie before {@code end}.
   *
   * @return the offset behind it; refuses with 6A80 if it is too short, too long or overruns
   */
  static short skipS8(byte[] buffer, short offset, short end, short least, short most) {
    require(offset < end, ISO7816.SW_WRONG_DATA);
    short length = (short) (buffer[offset] & 0xFF);
    require(length >= least && length <= most, ISO7816.SW_WRONG_DATA);
    short next = (short) (offset + 1 + length);
    require(next <= end, ISO7816.SW_WRONG_DATA);
    return next;
  }

  /** Printable ASCII, the alphabet of PIN and PUK. */
  static boolean isPrintable(byte[] buffer, short offset, short length) {
    for (short i = 0; i < length; i++) {
      byte c = buffer[(short) (offset + i)];
      if (c < 0x20 || c > 0x7E) {
        return false;
      }
    }
    return true;
  }

  /** The alphabet of identities: {@code A-Z a-z 0-9 . _ -}. */
  static boolean isIdentity(byte[] buffer, short offset, short length) {
    for (short i = 0; i < length; i++) {
      if (!isIdentityByte(buffer[(short) (offset + i)])) {
        return false;
      }
    }
    return length >= 1 && length <= MAX_IDENTITY_BYTES;
  }

  private static boolean isIdentityByte(byte c) {
    boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  }

  /** Compares in a time that does not depend on the bytes, unlike Util.arrayCompare. */
  static boolean same(byte[] a, short offsetA, byte[] b, short offsetB, short length) {
    byte difference = 0;
    for (short i = 0; i < length; i++) {
      difference |= (byte) (a[(short) (offsetA + i)] ^ b[(short) (offsetB + i)]);
    }
    return difference == 0;
  }
}
