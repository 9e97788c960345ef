package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.Util;

/**
 * INTERNAL AUTHENTICATE: the card proves that it is there, and in which state. No PIN is asked.
 *
 * <pre>
 *  size  field of the answer
 *  1     life cycle
 *  4     admin counter
 *  16    proof = HMAC(K_here, UID || life cycle || admin counter || challenge)[16]
 * </pre>
 */
final class Presence {
  private static final short STATE_BYTES = (short) (1 + Wire.U32_BYTES);
  private static final short OFFSET_STATE = Wire.KEY_BYTES;

  private final CardMemory memory;
  private final LifeCycle lifeCycle;
  private final DurableNumber adminCounter;
  private final Hmac hmac;
  private final byte[] scratch;

  /** {@code scratch} is transient, cleared on deselect, at least 37 bytes. */
  Presence(
      CardMemory memory,
      LifeCycle lifeCycle,
      DurableNumber adminCounter,
      Hmac hmac,
      byte[] scratch) {
    this.memory = memory;
    this.lifeCycle = lifeCycle;
    this.adminCounter = adminCounter;
    this.hmac = hmac;
    this.scratch = scratch;
  }

  /** Takes the challenge from the buffer and puts the answer at its start. */
  short prove(byte[] buffer, short length) {
    lifeCycle.requireIssued();
    Wire.require(length == Wire.NONCE_BYTES, ISO7816.SW_WRONG_LENGTH);
    scratch[OFFSET_STATE] = lifeCycle.current();
    adminCounter.read(scratch, (short) (OFFSET_STATE + 1));
    hmac.begin(memory.bytes, CardMemory.PRESENCE_KEY, Wire.KEY_BYTES);
    hmac.update(memory.bytes, CardMemory.UID, Wire.UID_BYTES);
    hmac.update(scratch, OFFSET_STATE, STATE_BYTES);
    hmac.update(buffer, ISO7816.OFFSET_CDATA, Wire.NONCE_BYTES);
    hmac.finish(scratch, (short) 0);
    return answer(buffer);
  }

  private short answer(byte[] buffer) {
    short end = Util.arrayCopyNonAtomic(scratch, OFFSET_STATE, buffer, (short) 0, STATE_BYTES);
    end = Util.arrayCopyNonAtomic(scratch, (short) 0, buffer, end, Wire.TAG_BYTES);
    Util.arrayFillNonAtomic(scratch, (short) 0, Wire.KEY_BYTES, (byte) 0);
    return end;
  }
}
