package countersign.card;

/** Unsigned 32-bit numbers as four bytes, most significant first: the card has no int. */
final class U32 {
  private U32() {}

  /**
   * Adds 0 to 127 in place.
   *
   * @return false if the sum does not fit; the number is then useless
   */
  static boolean add(byte[] number, short offset, byte amount) {
    short carry = amount;
    for (short i = (short) (offset + Wire.U32_BYTES - 1); i >= offset; i--) {
      carry = (short) ((number[i] & 0xFF) + carry);
      number[i] = (byte) carry;
      carry = (short) (carry >> 8);
    }
    return carry == 0;
  }

  /** Negative, zero or positive as a is less than, equal to or greater than b. */
  static short compare(byte[] a, short offsetA, byte[] b, short offsetB) {
    for (short i = 0; i < Wire.U32_BYTES; i++) {
      short left = (short) (a[(short) (offsetA + i)] & 0xFF);
      short right = (short) (b[(short) (offsetB + i)] & 0xFF);
      if (left != right) {
        return (short) (left - right);
      }
    }
    return 0;
  }
}
