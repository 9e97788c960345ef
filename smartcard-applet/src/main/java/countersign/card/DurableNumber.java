package countersign.card;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * A u32 that survives a power cut at any byte of a write and never goes back.
 *
 * <p>A ring of slots, each the number and its complement; the greatest whole slot counts, the next
 * one is written. So a torn write leaves the old number, and a memory cell wears an eighth as fast.
 *
 * <p>Transient memory: 8 bytes, cleared on deselect. Persistent: 64.
 */
final class DurableNumber {
  private static final short SLOTS = 8;
  private static final short SLOT_BYTES = (short) (2 * Wire.U32_BYTES);

  private final Store store;
  private final byte[] ring;
  private final byte[] image;

  DurableNumber(Store store) {
    this.store = store;
    ring = new byte[(short) (SLOTS * SLOT_BYTES)];
    image = JCSystem.makeTransientByteArray(SLOT_BYTES, JCSystem.CLEAR_ON_DESELECT);
    Util.arrayFillNonAtomic(ring, Wire.U32_BYTES, Wire.U32_BYTES, (byte) 0xFF);
  }

  /** Refuses with 6581 if no slot is whole. */
  void read(byte[] out, short offset) {
    Util.arrayCopyNonAtomic(ring, greatest(), out, offset, Wire.U32_BYTES);
  }

  /** Returns only when the greater number is durable; refuses with 6581 one that is not greater. */
  void raise(byte[] number, short offset) {
    short now = greatest();
    Wire.require(U32.compare(number, offset, ring, now) > 0, Wire.SW_MEMORY_FAILURE);
    Util.arrayCopyNonAtomic(number, offset, image, (short) 0, Wire.U32_BYTES);
    for (short i = 0; i < Wire.U32_BYTES; i++) {
      image[(short) (Wire.U32_BYTES + i)] = (byte) ~image[i];
    }
    short next = (short) ((short) (now + SLOT_BYTES) % (short) (SLOTS * SLOT_BYTES));
    store.write(image, (short) 0, ring, next, SLOT_BYTES);
  }

  private short greatest() {
    short best = -1;
    for (short slot = 0; slot < (short) (SLOTS * SLOT_BYTES); slot += SLOT_BYTES) {
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
