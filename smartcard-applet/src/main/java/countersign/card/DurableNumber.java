package countersign.card;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * A u32 that survives a power cut at any byte of a write and never goes back.
 *
 * <p>A ring of slots, each the number and its complement; the greatest whole slot counts, the next
 * one is written. So a torn write leaves the old number, and a memory cell wears an eighth as fast.
 *
 * <p>Transient memory: 8 bytes, cleared on deselect.
 */
final class DurableNumber {
  private static final short SLOTS = 8;
  private static final short SLOT_BYTES = (short) (2 * Wire.U32_BYTES);
  static final short RING_BYTES = (short) (SLOTS * SLOT_BYTES);

  private final CardMemory memory;
  private final byte[] ring;
  private final short start;
  private final byte[] image;

  /** Begins at zero, in the ring at {@code start} of the memory. */
  DurableNumber(CardMemory memory, short start) {
    this.memory = memory;
    this.start = start;
    ring = memory.bytes;
    image = JCSystem.makeTransientByteArray(SLOT_BYTES, JCSystem.CLEAR_ON_DESELECT);
    complementImage();
    memory.write(image, (short) 0, start, SLOT_BYTES);
  }

  /** Refuses with 6581 if no slot is whole. */
  void read(byte[] out, short offset) {
    Util.arrayCopyNonAtomic(ring, greatest(), out, offset, Wire.U32_BYTES);
  }

  boolean isBelow(byte[] number, short offset) {
    return U32.compare(number, offset, ring, greatest()) > 0;
  }

  /** Returns only when the greater number is durable; refuses with 6581 one that is not greater. */
  void raise(byte[] number, short offset) {
    short now = greatest();
    Wire.require(U32.compare(number, offset, ring, now) > 0, Wire.SW_MEMORY_FAILURE);
    Util.arrayCopyNonAtomic(number, offset, image, (short) 0, Wire.U32_BYTES);
    complementImage();
    short next = (short) (now + SLOT_BYTES);
    if (next == (short) (start + RING_BYTES)) {
      next = start;
    }
    memory.write(image, (short) 0, next, SLOT_BYTES);
  }

  private void complementImage() {
    for (short i = 0; i < Wire.U32_BYTES; i++) {
      image[(short) (Wire.U32_BYTES + i)] = (byte) ~image[i];
    }
  }

  private short greatest() {
    short best = -1;
    for (short slot = start; slot < (short) (start + RING_BYTES); slot += SLOT_BYTES) {
      if (isWhole(slot) && (best < 0 || U32.compare(ring, slot, ring, best) > 0)) {
        best = slot;
      }
    }
    Wire.require(best >= 0, Wire.SW_MEMORY_FAILURE);
    return best;
  }

  private boolean isWhole(short slot) {
    for (short i = 0; i < Wire.U32_BYTES; i++) {
      byte complement = ring[(short) (slot + Wire.U32_BYTES + i)];
      if (ring[(short) (slot + i)] != (byte) ~complement) {
        return false;
      }
    }
    return true;
  }
}
