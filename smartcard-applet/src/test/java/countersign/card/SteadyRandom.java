package countersign.card;

import javacard.security.RandomData;

/** Gives the bytes it was made with, so that an answer can be compared with a vector. */
final class SteadyRandom extends RandomData {
  private final byte[] bytes;

  SteadyRandom(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public void generateData(byte[] buffer, short offset, short length) {
    System.arraycopy(bytes, 0, buffer, offset, length);
  }

  @Override
  public short nextBytes(byte[] buffer, short offset, short length) {
    generateData(buffer, offset, length);
    return length;
  }

  @Override
  public void setSeed(byte[] buffer, short offset, short length) {}

  @Override
  public byte getAlgorithm() {
    return ALG_SECURE_RANDOM;
  }
}
