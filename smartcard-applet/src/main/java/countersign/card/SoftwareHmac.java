package countersign.card;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.MessageDigest;

/**
 * HMAC from SHA-256 alone: the normal path, since most cards on sale have no native one.
 *
 * <p>Transient memory: 96 bytes, cleared on deselect.
 */
final class SoftwareHmac implements Hmac {
  private static final short BLOCK_BYTES = 64;
  private static final short HASH_BYTES = 32;
  private static final byte INNER_PAD = (byte) 0x36;
  private static final byte OUTER_PAD = (byte) 0x5C;

  private final MessageDigest digest;
  private final byte[] block;
  private final byte[] inner;

  SoftwareHmac() {
    digest = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
    block = JCSystem.makeTransientByteArray(BLOCK_BYTES, JCSystem.CLEAR_ON_DESELECT);
    inner = JCSystem.makeTransientByteArray(HASH_BYTES, JCSystem.CLEAR_ON_DESELECT);
  }

  @Override
  public void begin(byte[] key, short offset, short length) {
    // RFC 2104 hashes a key longer than a block; no key of this protocol is, so none is taken
    if (length < 1 || length > BLOCK_BYTES) {
      CryptoException.throwIt(CryptoException.ILLEGAL_VALUE);
    }
    Util.arrayFillNonAtomic(block, (short) 0, BLOCK_BYTES, (byte) 0);
    Util.arrayCopyNonAtomic(key, offset, block, (short) 0, length);
    mask(INNER_PAD);
    digest.reset();
    digest.update(block, (short) 0, BLOCK_BYTES);
    mask((byte) (INNER_PAD ^ OUTER_PAD));
  }

  @Override
  public void update(byte[] input, short offset, short length) {
    digest.update(input, offset, length);
  }

  @Override
  public void finish(byte[] out, short offset) {
    digest.doFinal(block, (short) 0, (short) 0, inner, (short) 0);
    digest.update(block, (short) 0, BLOCK_BYTES);
    digest.doFinal(inner, (short) 0, HASH_BYTES, out, offset);
    Util.arrayFillNonAtomic(block, (short) 0, BLOCK_BYTES, (byte) 0);
    Util.arrayFillNonAtomic(inner, (short) 0, HASH_BYTES, (byte) 0);
  }

  private void mask(byte pad) {
    for (short i = 0; i < BLOCK_BYTES; i++) {
      block[i] ^= pad;
    }
  }
}
