package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.Util;
import javacard.security.RandomData;

/**
 * HANDSHAKE KEY: releases the key of one handshake (docs/protocol.md, section 4), never the card's.
 *
 * <pre>
 *  size  field of the answer
 *  4     epoch    already durable
 *  16    r1
 *  32    hk = Expand(k, "a+ hk", s8(idA) || s8(idT) || u32 epoch || r1)
 * </pre>
 */
final class HandshakeKey {
  private static final short OFFSET_R1 = Wire.U32_BYTES;
  private static final short OFFSET_HK = (short) (OFFSET_R1 + Wire.NONCE_BYTES);
  static final short ANSWER_BYTES = (short) (OFFSET_HK + Wire.KEY_BYTES);

  private final CardMemory memory;
  private final HolderPin pin;
  private final Epoch epoch;
  private final Expand expand;
  private final RandomData random;
  private final byte[] scratch;

  /** {@code scratch} is transient, cleared on deselect, and holds the answer's 52 bytes. */
  HandshakeKey(
      CardMemory memory,
      HolderPin pin,
      Epoch epoch,
      Expand expand,
      RandomData random,
      byte[] scratch) {
    this.memory = memory;
    this.pin = pin;
    this.epoch = epoch;
    this.expand = expand;
    this.random = random;
    this.scratch = scratch;
  }

  /** Takes s8(idT) from the buffer and puts the answer at its start. */
  short release(byte[] buffer, short length) {
    requireServerIdentity(buffer, length);
    pin.spend();
    epoch.raise(scratch, (short) 0);
    random.generateData(scratch, OFFSET_R1, Wire.NONCE_BYTES);
    derive(buffer, length);
    Util.arrayCopyNonAtomic(scratch, (short) 0, buffer, (short) 0, ANSWER_BYTES);
    Util.arrayFillNonAtomic(scratch, (short) 0, ANSWER_BYTES, (byte) 0);
    return ANSWER_BYTES;
  }

  private static void requireServerIdentity(byte[] buffer, short length) {
    short start = ISO7816.OFFSET_CDATA;
    short end = (short) (start + length);
    short next = Wire.skipS8(buffer, start, end, (short) 1, Wire.MAX_IDENTITY_BYTES);
    Wire.require(next == end, ISO7816.SW_WRONG_DATA);
    boolean legal = Wire.isIdentity(buffer, (short) (start + 1), (short) (length - 1));
    Wire.require(legal, ISO7816.SW_WRONG_DATA);
  }

  private void derive(byte[] serverS8, short serverS8Length) {
    expand.begin(memory.bytes, CardMemory.KEY, Expand.HANDSHAKE_KEY);
    short identityBytes = (short) (1 + memory.identityLength());
    expand.addContext(memory.bytes, CardMemory.IDENTITY, identityBytes);
    expand.addContext(serverS8, ISO7816.OFFSET_CDATA, serverS8Length);
    expand.addContext(scratch, (short) 0, OFFSET_HK);
    expand.finish(scratch, OFFSET_HK);
  }
}
