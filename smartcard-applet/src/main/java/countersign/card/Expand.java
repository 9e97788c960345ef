package countersign.card;

import javacard.security.CryptoException;

/**
 * The key derivation of docs/protocol.md, section 0: HMAC(K, "cs1 " || label || 0x00 || context ||
 * 0x01), which is HKDF-Expand (RFC 5869) of one block.
 */
final class Expand {
  /** Each with "cs1 " before and 0x00 behind. */
  static final byte[] HANDSHAKE_KEY = {'c', 's', '1', ' ', 'a', '+', ' ', 'h', 'k', 0};

  static final byte[] CHECKSUM_KEY = {
    'c', 's', '1', ' ', 'c', 'a', 'r', 'd', ' ', 'c', 'c', 0
  };
  static final byte[] PERSONALISE_CIPHER = {
    'c', 's', '1', ' ', 'c', 'a', 'r', 'd', ' ', 'p', 'e', 'r', 's', 'o', ' ', 'e', 'n', 'c', 0
  };
  static final byte[] PERSONALISE_MAC = {
    'c', 's', '1', ' ', 'c', 'a', 'r', 'd', ' ', 'p', 'e', 'r', 's', 'o', ' ', 'm', 'a', 'c', 0
  };

  static final byte[] PRESENCE_KEY = {
    'c', 's', '1', ' ', 'c', 'a', 'r', 'd', ' ', 'h', 'e', 'r', 'e', 0
  };
  static final byte[] ISSUER_COMMAND = {
    'c', 's', '1', ' ', 'c', 'a', 'r', 'd', ' ', 'a', 'd', 'm', 0
  };
  static final byte[] RESET_KEY = {
    'c', 's', '1', ' ', 'c', 'a', 'r', 'd', ' ', 'r', 'e', 's', 'e', 't', 0
  };

  private static final byte[] BLOCK_NUMBER = {1};

  private final Hmac hmac;

  Expand(Hmac hmac) {
    this.hmac = hmac;
  }

  /** The card's own HMAC where there is one, else ours. Call from a constructor only. */
  static Hmac bestHmac() {
    try {
      return new NativeHmac();
    } catch (CryptoException missing) {
      return new SoftwareHmac();
    }
  }

  void begin(byte[] key, short offset, byte[] label) {
    hmac.begin(key, offset, Wire.KEY_BYTES);
    hmac.update(label, (short) 0, (short) label.length);
  }

  void addContext(byte[] context, short offset, short length) {
    hmac.update(context, offset, length);
  }

  /** Writes the 32 bytes of the derived key. */
  void finish(byte[] out, short offset) {
    hmac.update(BLOCK_NUMBER, (short) 0, (short) 1);
    hmac.finish(out, offset);
  }
}
