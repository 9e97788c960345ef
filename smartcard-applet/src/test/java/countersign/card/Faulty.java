package countersign.card;

import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.security.KeyBuilder;
import javacard.security.MessageDigest;

/** What an applet must not do, one thing in each class, for {@link SubsetTest} alone. */
final class Faulty {
  private Faulty() {}

  /** Does nothing wrong, and allocates where it may. */
  static final class Nothing {
    final byte[] made = new byte[4];

    short sum(byte a, short b) {
      return (short) ((a & 0xFF) + b);
    }
  }

  static final class IntField {
    int number;
  }

  static final class IntVariable {
    short twice(short value) {
      int sum = value + value;
      return (short) sum;
    }
  }

  static final class IntArgument {
    short low(int value) {
      return (short) value;
    }
  }

  static final class IntResult {
    int same(short value) {
      return value;
    }
  }

  static final class IntArray {
    final byte[] good = new byte[1];
    final Object bad = new int[1];
  }

  static final class IntConstant {
    short low(short value) {
      return (short) (value & 0x12345);
    }
  }

  static final class SumCompared {
    boolean exceeds(short a, short b) {
      return a + b > a;
    }
  }

  static final class SumAsIndex {
    byte after(byte[] bytes, short at) {
      return bytes[at + 1];
    }
  }

  static final class SumAsIndexOfAWrite {
    void clear(byte[] bytes, short at) {
      bytes[at + 1] = 0;
    }
  }

  static final class SumOnOneWay {
    byte pick(byte[] bytes, boolean next, short at) {
      return bytes[next ? at + 1 : at];
    }
  }

  static final class SumHalved {
    short middle(short a, short b) {
      return (short) ((a + b) / 2);
    }
  }

  static final class SumShifted {
    short middle(short a, short b) {
      return (short) ((a + b) >> 1);
    }
  }

  static final class SumChosenBy {
    short pick(short a) {
      switch (a + 1) {
        case 1:
          return 5;
        default:
          return 6;
      }
    }
  }

  static final class SumAsSize {
    Object make(short length) {
      return new byte[length + 1];
    }
  }

  static final class LongSum {
    short twice(short value) {
      return (short) ((long) value + value);
    }
  }

  static final class LongField {
    long number;
  }

  static final class FloatProduct {
    short half(short value) {
      return (short) (value * 0.5f);
    }
  }

  static final class DoubleField {
    double number;
  }

  static final class CharVariable {
    short next(short value) {
      char letter = (char) value;
      return (short) letter;
    }
  }

  static final class StringField {
    String text;
  }

  static final class StringConstant {
    Object text() {
      return "text";
    }
  }

  static final class StringCall {
    boolean same(Object text) {
      return text.toString().isEmpty();
    }
  }

  static final class ArrayLater {
    byte[] make() {
      return new byte[4];
    }
  }

  static final class ObjectLater {
    Object make() {
      return new Nothing();
    }
  }

  static final class TransientLater {
    byte[] make() {
      return JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_RESET);
    }
  }

  static final class DigestLater {
    MessageDigest make() {
      return MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
    }
  }

  static final class KeyLater {
    Object make() {
      return KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_128, false);
    }
  }

  static final class PinLater {
    OwnerPIN make(Store store) {
      return store.makePin((byte) 3, (byte) 16);
    }
  }

  static final class LibraryCall {
    short positive(short value) {
      return (short) Math.abs((double) value);
    }
  }

  static final class Lambda {
    void run() {
      Store unused = null;
      Runnable later = () -> use(unused);
      later.run();
    }

    private static void use(Store store) {}
  }

  static final class ArrayOfArrays {
    final Object grid = new byte[2][2];
  }

  static final class Monitor {
    void lock() {
      synchronized (this) {
        JCSystem.getVersion();
      }
    }
  }

  static final class Transaction {
    void begin() {
      JCSystem.beginTransaction();
    }
  }
}
