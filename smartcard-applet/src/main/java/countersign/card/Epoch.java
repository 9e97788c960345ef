package countersign.card;

/** The epoch of the card's key: durable before each handshake, one more each time, below 2^28. */
final class Epoch {
  private static final byte[] MAXIMUM = {0x0F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};

  private final DurableNumber number;

  Epoch(DurableNumber number) {
    this.number = number;
  }

  void read(byte[] out, short offset) {
    number.read(out, offset);
  }

  /** Writes the new epoch to {@code out}, already durable; refuses with 6984 at the maximum. */
  void raise(byte[] out, short offset) {
    number.read(out, offset);
    Wire.require(U32.compare(out, offset, MAXIMUM, (short) 0) < 0, Wire.SW_KEY_EXHAUSTED);
    U32.add(out, offset, (byte) 1);
    number.raise(out, offset);
  }
}
