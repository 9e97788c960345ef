package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * The issuer's commands: DEACTIVATE, ACTIVATE, TERMINATE, EXTERNAL AUTHENTICATE and factory reset.
 *
 * <pre>
 *  size  field of the first four
 *  4     n     greater than the admin counter
 *  16    tag   HMAC(Expand(Kiss, "card adm", UID), INS || n)[16]
 * </pre>
 *
 * The tag is looked at before n: who cannot make one learns nothing. A factory reset carries
 * nothing and needs EXTERNAL AUTHENTICATE before it, in the same selection.
 *
 * <p>Transient memory: 1 byte, cleared on deselect.
 */
final class Issuer {
  private static final short COMMAND_BYTES = (short) (Wire.U32_BYTES + Wire.TAG_BYTES);
  private static final short OFFSET_N = ISO7816.OFFSET_CDATA;
  private static final short OFFSET_TAG = (short) (OFFSET_N + Wire.U32_BYTES);

  private final CardMemory memory;
  private final LifeCycle lifeCycle;
  private final DurableNumber adminCounter;
  private final Expand expand;
  private final Hmac hmac;
  private final byte[] scratch;

  /** One byte, not zero once the issuer has shown itself in this selection. */
  private final byte[] authenticated;

  /** {@code scratch} is transient, cleared on deselect, at least 32 bytes. */
  Issuer(
      CardMemory memory,
      LifeCycle lifeCycle,
      DurableNumber adminCounter,
      Expand expand,
      Hmac hmac,
      byte[] scratch) {
    this.memory = memory;
    this.lifeCycle = lifeCycle;
    this.adminCounter = adminCounter;
    this.expand = expand;
    this.hmac = hmac;
    this.scratch = scratch;
    authenticated = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
  }

  /** DEACTIVATE, ACTIVATE, TERMINATE. Refuses: 6700, 6982 the tag, 6A80 n, 6985 life cycle. */
  void change(byte target, byte[] buffer, short length) {
    requireOrder(buffer, length);
    lifeCycle.change(target, buffer, OFFSET_N);
  }

  /** EXTERNAL AUTHENTICATE: the number is spent before it counts. Refuses as the others. */
  void authenticate(byte[] buffer, short length) {
    forget();
    requireOrder(buffer, length);
    adminCounter.raise(buffer, OFFSET_N);
    authenticated[0] = 1;
  }

  /**
   * PUT DATA (factory reset): everything of the holder's goes, and the issuer alone can personalise
   * again. Refuses: 6985 life cycle, 6982 not authenticated.
   */
  void reset(short length) {
    lifeCycle.requireIssued();
    Wire.require(length == 0, ISO7816.SW_WRONG_LENGTH);
    Wire.require(authenticated[0] != 0, ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
    forget();
    expand.begin(memory.bytes, CardMemory.ISSUER_KEY, Expand.RESET_KEY);
    expand.addContext(memory.bytes, CardMemory.UID, Wire.UID_BYTES);
    expand.finish(scratch, (short) 0);

    // no command reads the transport key in this life cycle: half of it harms nobody
    memory.write(scratch, (short) 0, CardMemory.TRANSPORT_KEY, Wire.KEY_BYTES);
    wipeScratch();
    lifeCycle.change(LifeCycle.CREATED);
  }

  void forget() {
    authenticated[0] = 0;
  }

  private void requireOrder(byte[] buffer, short length) {
    lifeCycle.requireIssued();
    Wire.requireParameters(buffer, Wire.PARAMETERS_NONE);
    Wire.require(length == COMMAND_BYTES, ISO7816.SW_WRONG_LENGTH);
    requireTag(buffer);
    Wire.require(adminCounter.isBelow(buffer, OFFSET_N), ISO7816.SW_WRONG_DATA);
  }

  private void requireTag(byte[] buffer) {
    expand.begin(memory.bytes, CardMemory.ISSUER_KEY, Expand.ISSUER_COMMAND);
    expand.addContext(memory.bytes, CardMemory.UID, Wire.UID_BYTES);
    expand.finish(scratch, (short) 0);
    hmac.begin(scratch, (short) 0, Wire.KEY_BYTES);
    hmac.update(buffer, ISO7816.OFFSET_INS, (short) 1);
    hmac.update(buffer, OFFSET_N, Wire.U32_BYTES);
    hmac.finish(scratch, (short) 0);
    boolean right = Wire.same(scratch, (short) 0, buffer, OFFSET_TAG, Wire.TAG_BYTES);
    wipeScratch();
    Wire.require(right, ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
  }

  private void wipeScratch() {
    Util.arrayFillNonAtomic(scratch, (short) 0, Wire.KEY_BYTES, (byte) 0);
  }
}
