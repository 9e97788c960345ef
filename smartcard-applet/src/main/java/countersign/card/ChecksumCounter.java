package countersign.card;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * Numbers the checksums: rising, with gaps, never the same twice.
 *
 * <p>Only a ceiling is durable; it moves 64 numbers at a time and the running value lives in
 * transient memory. After a power cut the count goes on from the ceiling.
 *
 * <p>Transient memory: 4 bytes, cleared on reset (no secret).
 */
final class ChecksumCounter {
  static final byte BLOCK = 64;

  private final DurableNumber ceiling;

  /** The last number given out since the reset; zero means none. */
  private final byte[] running;

  ChecksumCounter(DurableNumber ceiling) {
    this.ceiling = ceiling;
    running = JCSystem.makeTransientByteArray(Wire.U32_BYTES, JCSystem.CLEAR_ON_RESET);
  }

  /** The greatest number that may have been given out. */
  void read(byte[] out, short offset) {
    if (isRunning()) {
      Util.arrayCopyNonAtomic(running, (short) 0, out, offset, Wire.U32_BYTES);
    } else {
      ceiling.read(out, offset);
    }
  }

  /** Writes the next number to {@code out}; refuses with 6984 when no block is left. */
  void next(byte[] out, short offset) {
    ceiling.read(out, offset);
    if (!isRunning() || U32.compare(running, (short) 0, out, offset) >= 0) {
      Util.arrayCopyNonAtomic(out, offset, running, (short) 0, Wire.U32_BYTES);
      reserveBlock(out, offset);
    }
    U32.add(running, (short) 0, (byte) 1);
    Util.arrayCopyNonAtomic(running, (short) 0, out, offset, Wire.U32_BYTES);
  }

  private void reserveBlock(byte[] scratch, short offset) {
    Wire.require(U32.add(scratch, offset, BLOCK), Wire.SW_KEY_EXHAUSTED);
    ceiling.raise(scratch, offset);
  }

  private boolean isRunning() {
    return (byte) (running[0] | running[1] | running[2] | running[3]) != 0;
  }
}
