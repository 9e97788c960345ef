package countersign.card;

import javacard.framework.JCSystem;
import javacard.security.HMACKey;
import javacard.security.KeyBuilder;
import javacard.security.Signature;

/**
 * The card's own HMAC-SHA-256, where it has one.
 *
 * <p>Transient memory: the key object's 64 bytes and one, cleared on deselect.
 */
final class NativeHmac implements Hmac {
  private final Signature signature;
  private final HMACKey key;
  private final byte[] nothing;

  /** Throws CryptoException on a card without it: the caller then takes {@link SoftwareHmac}. */
  NativeHmac() {
    signature = Signature.getInstance(Signature.ALG_HMAC_SHA_256, false);
    key =
        (HMACKey)
            KeyBuilder.buildKey(
                KeyBuilder.TYPE_HMAC_TRANSIENT_DESELECT,
                KeyBuilder.LENGTH_HMAC_SHA_256_BLOCK_64,
                false);
    nothing = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
  }

  @Override
  public void begin(byte[] bytes, short offset, short length) {
    key.setKey(bytes, offset, length);
    signature.init(key, Signature.MODE_SIGN);
  }

  @Override
  public void update(byte[] input, short offset, short length) {
    signature.update(input, offset, length);
  }

  @Override
  public void finish(byte[] out, short offset) {
    signature.sign(nothing, (short) 0, (short) 0, out, offset);
    key.clearKey();
  }
}
