package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.Util;

/**
 * COMPUTE CRYPTOGRAPHIC CHECKSUM: a tag over a digest, with a number that never comes twice.
 *
 * <pre>
 *  command  80 20 digest[32]
 *  answer   8E 10 tag[16] 02 04 counter[4]
 *  tag      HMAC(Expand(k, "card cc", ""), u32 counter || digest)[16]
 * </pre>
 */
final class Checksum {
  private static final byte TAG_DIGEST = (byte) 0x80;
  private static final byte TAG_CHECKSUM = (byte) 0x8E;
  private static final byte TAG_COUNTER = (byte) 0x02;
  private static final short HEAD_BYTES = 2;
  private static final short COMMAND_BYTES = (short) (HEAD_BYTES + Wire.KEY_BYTES);
  private static final short OFFSET_DIGEST = (short) (ISO7816.OFFSET_CDATA + HEAD_BYTES);
  private static final short OFFSET_COUNTER = Wire.KEY_BYTES;

  private final CardMemory memory;
  private final HolderPin pin;
  private final ChecksumCounter counter;
  private final Hmac hmac;
  private final byte[] scratch;

  /** {@code scratch} is transient, cleared on deselect, at least 36 bytes. */
  Checksum(CardMemory memory, HolderPin pin, ChecksumCounter counter, Hmac hmac, byte[] scratch) {
    this.memory = memory;
    this.pin = pin;
    this.counter = counter;
    this.hmac = hmac;
    this.scratch = scratch;
  }

  short compute(byte[] buffer, short length) {
    Wire.requireParameters(buffer, Wire.PARAMETERS_CHECKSUM);
    Wire.require(length == COMMAND_BYTES, ISO7816.SW_WRONG_LENGTH);
    boolean isDigest =
        buffer[ISO7816.OFFSET_CDATA] == TAG_DIGEST
            && buffer[(short) (ISO7816.OFFSET_CDATA + 1)] == (byte) Wire.KEY_BYTES;
    Wire.require(isDigest, ISO7816.SW_WRONG_DATA);
    pin.spend();
    counter.next(scratch, OFFSET_COUNTER);
    sign(buffer);
    return answer(buffer);
  }

  private void sign(byte[] buffer) {
    hmac.begin(memory.bytes, CardMemory.CHECKSUM_KEY, Wire.KEY_BYTES);
    hmac.update(scratch, OFFSET_COUNTER, Wire.U32_BYTES);
    hmac.update(buffer, OFFSET_DIGEST, Wire.KEY_BYTES);
    hmac.finish(scratch, (short) 0);
  }

  private short answer(byte[] buffer) {
    short end = 0;
    buffer[end++] = TAG_CHECKSUM;
    buffer[end++] = (byte) Wire.TAG_BYTES;
    end = Util.arrayCopyNonAtomic(scratch, (short) 0, buffer, end, Wire.TAG_BYTES);
    buffer[end++] = TAG_COUNTER;
    buffer[end++] = (byte) Wire.U32_BYTES;
    end = Util.arrayCopyNonAtomic(scratch, OFFSET_COUNTER, buffer, end, Wire.U32_BYTES);
    Util.arrayFillNonAtomic(scratch, (short) 0, Wire.KEY_BYTES, (byte) 0);
    return end;
  }
}
