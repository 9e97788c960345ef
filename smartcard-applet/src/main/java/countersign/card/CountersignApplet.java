package countersign.card;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.RandomData;

/**
 * The applet: takes a command, hands it to the object it concerns, sends the answer.
 *
 * <p>Everything is allocated at installation. Transient memory in all, at most: 96 (software HMAC) +
 * 52 (scratch) + 24 (three durable numbers) + 16 (AES key) + 4 (running counter) = 192 bytes.
 */
public final class CountersignApplet extends Applet {
  private static final byte CHANNEL_BITS = 0x03;

  private final Profile profile;
  private final HolderPin pin;
  private final HandshakeKey handshakeKey;
  private final Checksum checksum;
  private final Personalisation personalisation;
  private final CardInfo info;
  private final RandomData random;

  private CountersignApplet(byte[] parameters, short transportKey) {
    random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    byte[] scratch =
        JCSystem.makeTransientByteArray(HandshakeKey.ANSWER_BYTES, JCSystem.CLEAR_ON_DESELECT);
    Hmac hmac = Expand.bestHmac();
    Expand expand = new Expand(hmac);
    Store store = new CardStore();
    Epoch epoch = new Epoch(new DurableNumber(store));
    ChecksumCounter counter = new ChecksumCounter(new DurableNumber(store));
    DurableNumber adminCounter = new DurableNumber(store);

    profile = new Profile();
    random.generateData(profile.uid, (short) 0, Wire.UID_BYTES);
    Util.arrayCopyNonAtomic(
        parameters, transportKey, profile.transportKey, (short) 0, Wire.KEY_BYTES);
    pin = new HolderPin(profile, random, scratch);
    handshakeKey = new HandshakeKey(profile, pin, epoch, expand, random, scratch);
    checksum = new Checksum(profile, pin, counter, hmac, scratch);
    personalisation = new Personalisation(profile, pin, expand, hmac, scratch);
    boolean nativeHmac = hmac instanceof NativeHmac;
    info = new CardInfo(profile, pin, epoch, counter, adminCounter, nativeHmac);
  }

  /**
   * Installs one card. Parameters, as GlobalPlatform lays them out: s8(AID) s8(control) s8(data),
   * where data is the transport key, exactly 32 bytes; else 6A80 and nothing is installed.
   */
  public static void install(byte[] parameters, short offset, byte length) {
    short end = (short) (offset + (length & 0xFF));
    short control = Wire.skipS8(parameters, offset, end, (short) 0, (short) 16);
    short data = Wire.skipS8(parameters, control, end, (short) 0, (short) 255);
    short rest = Wire.skipS8(parameters, data, end, Wire.KEY_BYTES, Wire.KEY_BYTES);
    Wire.require(rest == end, ISO7816.SW_WRONG_DATA);
    CountersignApplet applet = new CountersignApplet(parameters, (short) (data + 1));
    if (parameters[offset] == 0) {
      applet.register();
    } else {
      applet.register(parameters, (short) (offset + 1), parameters[offset]);
    }
  }

  @Override
  public boolean select() {
    pin.forget();
    return true;
  }

  @Override
  public void deselect() {
    pin.forget();
  }

  /** Whatever is not the answer is wiped from the buffer, on every way out: it held PINs and keys. */
  @Override
  public void process(APDU apdu) {
    byte[] buffer = apdu.getBuffer();
    short answer = 0;
    try {
      answer = selectingApplet() ? info.select(buffer) : dispatch(apdu, buffer);
    } finally {
      Util.arrayFillNonAtomic(buffer, answer, (short) (buffer.length - answer), (byte) 0);
    }
    if (answer > 0) {
      apdu.setOutgoingAndSend((short) 0, answer);
    }
  }

  /** Runs one command in place. Returns the bytes of answer at the buffer's start. */
  private short dispatch(APDU apdu, byte[] buffer) {
    boolean plain = (buffer[ISO7816.OFFSET_CLA] & ~CHANNEL_BITS) == 0;
    Wire.require(plain, ISO7816.SW_CLA_NOT_SUPPORTED);
    switch (buffer[ISO7816.OFFSET_INS]) {
      case ISO7816.INS_SELECT:
        // ours was chosen before this; any other name is not on the card
        ISOException.throwIt(ISO7816.SW_FILE_NOT_FOUND);
        return 0;
      case Wire.INS_GET_DATA:
        return info.read(buffer);
      case Wire.INS_GET_CHALLENGE:
        return challenge(buffer);
      case Wire.INS_PUT_DATA:
        personalisation.load(buffer, receive(apdu));
        return 0;
      default:
        return dispatchActive(apdu, buffer);
    }
  }

  /** The commands of a personalised card; before that, 6985. */
  private short dispatchActive(APDU apdu, byte[] buffer) {
    switch (buffer[ISO7816.OFFSET_INS]) {
      case Wire.INS_VERIFY:
        profile.requireActive();
        pin.verify(buffer, receive(apdu));
        return 0;
      case Wire.INS_CHANGE_REFERENCE_DATA:
        profile.requireActive();
        pin.change(buffer, receive(apdu));
        return 0;
      case Wire.INS_RESET_RETRY_COUNTER:
        profile.requireActive();
        pin.unblock(buffer, receive(apdu));
        return 0;
      case Wire.INS_HANDSHAKE_KEY:
        profile.requireActive();
        return handshakeKey.release(buffer, receive(apdu));
      case Wire.INS_COMPUTE_CHECKSUM:
        profile.requireActive();
        return checksum.compute(buffer, receive(apdu));
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }

  private short challenge(byte[] buffer) {
    Wire.requireParameters(buffer, Wire.PARAMETERS_NONE);
    random.generateData(buffer, (short) 0, Wire.NONCE_BYTES);
    return Wire.NONCE_BYTES;
  }

  /** Takes the command's data in. Returns its length; refuses extended length with 6700. */
  private static short receive(APDU apdu) {
    short read = apdu.setIncomingAndReceive();
    short length = apdu.getIncomingLength();
    Wire.require(apdu.getOffsetCdata() == ISO7816.OFFSET_CDATA, ISO7816.SW_WRONG_LENGTH);
    while (read < length) {
      read += apdu.receiveBytes((short) (ISO7816.OFFSET_CDATA + read));
    }
    return length;
  }
}
