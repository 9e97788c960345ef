package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;
import javacardx.crypto.Cipher;

/**
 * PUT DATA: gives a CREATED card its identity, keys and PINs, sealed under the transport key.
 *
 * <pre>
 *  size      field
 *  16        iv
 *  16..176   AES-128-CBC(Kp1, TLVs padded by ISO 9797-1 method 2)
 *  16        HMAC(Kp2, iv || ciphertext)[16]
 * </pre>
 *
 * TLVs, in this order, nothing else: 81 identity, 82 k, 83 PIN, 84 PUK, 85 issuer key, 86 flags.
 *
 * <p>Transient memory: the AES key object's 16 bytes, cleared on deselect.
 */
final class Personalisation {
  private static final byte TAG_IDENTITY = (byte) 0x81;
  private static final byte TAG_KEY = (byte) 0x82;
  private static final byte TAG_PIN = (byte) 0x83;
  private static final byte TAG_PUK = (byte) 0x84;
  private static final byte TAG_ISSUER_KEY = (byte) 0x85;
  private static final byte TAG_FLAGS = (byte) 0x86;
  private static final byte PADDING_MARK = (byte) 0x80;

  private static final short BLOCK_BYTES = 16;
  private static final short MAX_SEALED_BYTES = 176;
  private static final short FRAME_BYTES = (short) (BLOCK_BYTES + Wire.TAG_BYTES);
  private static final short OFFSET_IV = ISO7816.OFFSET_CDATA;
  private static final short OFFSET_SEALED = (short) (OFFSET_IV + BLOCK_BYTES);

  private final CardMemory memory;
  private final LifeCycle lifeCycle;
  private final HolderPin pin;
  private final Expand expand;
  private final Hmac hmac;
  private final AESKey cipherKey;
  private final Cipher cipher;
  private final byte[] scratch;

  /** {@code scratch} is transient, cleared on deselect, at least 32 bytes. */
  Personalisation(
      CardMemory memory,
      LifeCycle lifeCycle,
      HolderPin pin,
      Expand expand,
      Hmac hmac,
      byte[] scratch) {
    this.memory = memory;
    this.lifeCycle = lifeCycle;
    this.pin = pin;
    this.expand = expand;
    this.hmac = hmac;
    this.scratch = scratch;
    cipher = Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false);
    cipherKey =
        (AESKey)
            KeyBuilder.buildKey(
                KeyBuilder.TYPE_AES_TRANSIENT_DESELECT, KeyBuilder.LENGTH_AES_128, false);
  }

  /** Refuses: 6985 not CREATED, 6700 length, 6982 not sealed under our key, 6A80 content. */
  void load(byte[] buffer, short length) {
    lifeCycle.requireCreated();
    short sealedLength = (short) (length - FRAME_BYTES);
    requireWholeBlocks(sealedLength);
    requireAuthentic(buffer, sealedLength);
    decrypt(buffer, sealedLength);
    accept(buffer, (short) (OFFSET_SEALED + sealedLength));
  }

  private static void requireWholeBlocks(short length) {
    boolean whole = length > 0 && length <= MAX_SEALED_BYTES && (length % BLOCK_BYTES) == 0;
    Wire.require(whole, ISO7816.SW_WRONG_LENGTH);
  }

  private void requireAuthentic(byte[] buffer, short sealedLength) {
    deriveFromTransportKey(Expand.PERSONALISE_MAC);
    hmac.begin(scratch, (short) 0, Wire.KEY_BYTES);
    hmac.update(buffer, OFFSET_IV, (short) (BLOCK_BYTES + sealedLength));
    hmac.finish(scratch, (short) 0);
    short tag = (short) (OFFSET_SEALED + sealedLength);
    boolean authentic = Wire.same(scratch, (short) 0, buffer, tag, Wire.TAG_BYTES);
    wipeScratch();
    Wire.require(authentic, ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
  }

  private void decrypt(byte[] buffer, short sealedLength) {
    deriveFromTransportKey(Expand.PERSONALISE_CIPHER);
    cipherKey.setKey(scratch, (short) 0);
    wipeScratch();
    cipher.init(cipherKey, Cipher.MODE_DECRYPT, buffer, OFFSET_IV, BLOCK_BYTES);
    cipher.doFinal(buffer, OFFSET_SEALED, sealedLength, buffer, OFFSET_SEALED);
    cipherKey.clearKey();
  }

  /** Looks at every field before it writes the first. */
  private void accept(byte[] buffer, short end) {
    short identity = OFFSET_SEALED;
    short key = skip(buffer, identity, end, TAG_IDENTITY, (short) 1, Wire.MAX_IDENTITY_BYTES);
    short holderPin = skip(buffer, key, end, TAG_KEY, Wire.KEY_BYTES, Wire.KEY_BYTES);
    short puk =
        skip(buffer, holderPin, end, TAG_PIN, HolderPin.MIN_PIN_BYTES, HolderPin.MAX_BYTES);
    short issuerKey = skip(buffer, puk, end, TAG_PUK, HolderPin.MIN_PUK_BYTES, HolderPin.MAX_BYTES);
    short flags = skip(buffer, issuerKey, end, TAG_ISSUER_KEY, Wire.KEY_BYTES, Wire.KEY_BYTES);
    short padding = skip(buffer, flags, end, TAG_FLAGS, (short) 1, (short) 1);
    byte flagBits = buffer[(short) (flags + 2)];
    requirePadding(buffer, padding, end);
    requireLegal(buffer, identity, holderPin, puk);
    Wire.require(
        (flagBits & ~CardMemory.FLAG_PIN_PER_OPERATION) == 0, ISO7816.SW_WRONG_DATA);

    // still CREATED: a power cut anywhere below means doing it all again
    short identityBytes = (short) (1 + (buffer[(short) (identity + 1)] & 0xFF));
    memory.write(buffer, (short) (identity + 1), CardMemory.IDENTITY, identityBytes);
    memory.write(buffer, (short) (key + 2), CardMemory.KEY, Wire.KEY_BYTES);
    memory.write(buffer, (short) (issuerKey + 2), CardMemory.ISSUER_KEY, Wire.KEY_BYTES);
    memory.write(buffer, (short) (flags + 2), CardMemory.FLAGS, (short) 1);
    deriveFromKey(Expand.CHECKSUM_KEY, CardMemory.CHECKSUM_KEY);
    deriveFromKey(Expand.PRESENCE_KEY, CardMemory.PRESENCE_KEY);
    pin.set(buffer, (short) (holderPin + 1), (short) (puk + 1));
    lifeCycle.change(LifeCycle.ACTIVE);
  }

  private static short skip(
      byte[] buffer, short offset, short end, byte tag, short least, short most) {
    Wire.require(offset < end && buffer[offset] == tag, ISO7816.SW_WRONG_DATA);
    return Wire.skipS8(buffer, (short) (offset + 1), end, least, most);
  }

  /** 80, then zeros to the end of that block and no further. */
  private static void requirePadding(byte[] buffer, short offset, short end) {
    short length = (short) (end - offset);
    boolean marked = length >= 1 && length <= BLOCK_BYTES && buffer[offset] == PADDING_MARK;
    Wire.require(marked, ISO7816.SW_WRONG_DATA);
    for (short i = (short) (offset + 1); i < end; i++) {
      Wire.require(buffer[i] == 0, ISO7816.SW_WRONG_DATA);
    }
  }

  private static void requireLegal(byte[] buffer, short identity, short holderPin, short puk) {
    boolean legal =
        Wire.isIdentity(buffer, (short) (identity + 2), buffer[(short) (identity + 1)])
            && Wire.isPrintable(buffer, (short) (holderPin + 2), buffer[(short) (holderPin + 1)])
            && Wire.isPrintable(buffer, (short) (puk + 2), buffer[(short) (puk + 1)]);
    Wire.require(legal, ISO7816.SW_WRONG_DATA);
  }

  private void deriveFromTransportKey(byte[] label) {
    expand.begin(memory.bytes, CardMemory.TRANSPORT_KEY, label);
    expand.addContext(memory.bytes, CardMemory.UID, Wire.UID_BYTES);
    expand.finish(scratch, (short) 0);
  }

  private void deriveFromKey(byte[] label, short at) {
    expand.begin(memory.bytes, CardMemory.KEY, label);
    expand.finish(scratch, (short) 0);
    memory.write(scratch, (short) 0, at, Wire.KEY_BYTES);
    wipeScratch();
  }

  private void wipeScratch() {
    Util.arrayFillNonAtomic(scratch, (short) 0, Wire.KEY_BYTES, (byte) 0);
  }
}
