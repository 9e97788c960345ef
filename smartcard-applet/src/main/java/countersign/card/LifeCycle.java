package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * The card's life cycle, as ISO 7816-4 codes it, and the one way to change it.
 *
 * <pre>
 *  CREATED -> ACTIVE <-> DEACTIVATED        ACTIVE, DEACTIVATED -> TERMINATED or CREATED (reset)
 * </pre>
 *
 * <p>One byte turns it: the phase becomes the new state with its high bit set, which says "under
 * way". What belongs to the change (the admin counter, erasing) is then done, and done again after a
 * power cut before the card answers anything; last the high bit goes. So nobody can spend an order's
 * number without its effect, or see its effect without the number spent, by pulling the card.
 *
 * <p>Transient memory: 5 bytes, cleared on deselect.
 */
final class LifeCycle {
  static final byte CREATED = 0x01;
  static final byte DEACTIVATED = 0x04;
  static final byte ACTIVE = 0x05;
  static final byte TERMINATED = 0x0C;

  private static final byte UNDER_WAY = (byte) 0x80;
  private static final short OFFSET_PHASE = Wire.U32_BYTES;

  private final CardMemory memory;
  private final DurableNumber adminCounter;
  private final HolderPin pin;

  /** u32 number, u8 phase: what is about to be written. */
  private final byte[] image;

  LifeCycle(CardMemory memory, DurableNumber adminCounter, HolderPin pin) {
    this.memory = memory;
    this.adminCounter = adminCounter;
    this.pin = pin;
    short imageBytes = (short) (OFFSET_PHASE + 1);
    image = JCSystem.makeTransientByteArray(imageBytes, JCSystem.CLEAR_ON_DESELECT);
    writePhase(CREATED);
  }

  byte current() {
    return (byte) (memory.bytes[CardMemory.PHASE] & ~UNDER_WAY);
  }

  void requireActive() {
    require(memory.bytes[CardMemory.PHASE] == ACTIVE);
  }

  void requireCreated() {
    require(memory.bytes[CardMemory.PHASE] == CREATED);
  }

  /** ACTIVE or DEACTIVATED: the card has a holder, and an issuer who may command it. */
  void requireIssued() {
    byte phase = memory.bytes[CardMemory.PHASE];
    require(phase == ACTIVE || phase == DEACTIVATED);
  }

  /** Durable when it returns. The admin counter is raised to {@code number} on the way. */
  void change(byte target, byte[] number, short offset) {
    Util.arrayCopyNonAtomic(number, offset, image, (short) 0, Wire.U32_BYTES);
    turn(target);
  }

  /** The same, with the admin counter as it is. */
  void change(byte target) {
    adminCounter.read(image, (short) 0);
    turn(target);
  }

  /** Ends a change that a power cut left under way. Call before every command. */
  void finish() {
    if (memory.bytes[CardMemory.PHASE] >= 0) {
      return;
    }
    byte target = current();
    if (adminCounter.isBelow(memory.bytes, CardMemory.ORDERED_NUMBER)) {
      adminCounter.raise(memory.bytes, CardMemory.ORDERED_NUMBER);
    }
    eraseFor(target);
    writePhase(target);
  }

  private void turn(byte target) {
    pin.forget();
    memory.write(image, (short) 0, CardMemory.ORDERED_NUMBER, Wire.U32_BYTES);
    writePhase((byte) (target | UNDER_WAY));
    finish();
  }

  private void eraseFor(byte target) {
    if (target == CREATED || target == TERMINATED) {
      pin.erase();
      memory.eraseHolder();
    }
    if (target == ACTIVE || target == TERMINATED) {
      memory.eraseTransportKey();
    }
  }

  private void writePhase(byte phase) {
    image[OFFSET_PHASE] = phase;
    memory.write(image, OFFSET_PHASE, CardMemory.PHASE, (short) 1);
  }

  private static void require(boolean holds) {
    Wire.require(holds, ISO7816.SW_CONDITIONS_NOT_SATISFIED);
  }
}
