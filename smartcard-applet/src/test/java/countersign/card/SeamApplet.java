package countersign.card;

import javacard.framework.APDU;
import javacard.framework.Applet;

/** Installs the real applet on a memory of the test's choice and the HMAC that most cards need. */
public final class SeamApplet extends Applet {
  static Store store;

  private SeamApplet() {}

  public static void install(byte[] parameters, short offset, byte length) {
    CountersignApplet.install(parameters, offset, length, store, new SoftwareHmac());
  }

  @Override
  public void process(APDU apdu) {
    throw new AssertionError("this one is never selected");
  }
}
