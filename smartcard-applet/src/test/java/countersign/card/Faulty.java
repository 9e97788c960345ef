package countersign.card;

/** Everything an applet must not do, for {@link SubsetTest} alone. */
final class Faulty {
  int number;
  String text;
  long large;
  final byte[] allowed = new byte[4];

  byte[] allocates(short length) {
    return new byte[length];
  }

  short takesInt(int value) {
    int local = Math.abs(value);
    large += local * 100000L;
    text = "text" + local;
    return (short) local;
  }
}
