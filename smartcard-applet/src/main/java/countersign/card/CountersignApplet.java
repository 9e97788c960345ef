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
 * 52 (scratch) + 24 (three durable numbers) + 16 (AES key) + 5 (life cycle) + 4 (running counter) +
 * 1 (issuer) = 198 bytes.
 */
public final class CountersignApplet extends Applet {
  private static final byte CHANNEL_BITS = 0x03;

  private final LifeCycle lifeCycle;
  private final HolderPin pin;
  private final Issuer issuer;
  private final Presence presence;
  private final HandshakeKey handshakeKey;
  private final Checksum checksum;
  private final Personalisation personalisation;
  private final CardInfo info;
  private final RandomData random;

  private CountersignApplet(byte[] parameters, short transportKey, Store store, Hmac hmac) {
    random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    byte[] scratch =
        JCSystem.makeTransientByteArray(HandshakeKey.ANSWER_BYTES, JCSystem.CLEAR_ON_DESELECT);
    CardMemory memory = new CardMemory(store);
    Expand expand = new Expand(hmac);
    Epoch epoch = new Epoch(new DurableNumber(memory, CardMemory.EPOCH));
    ChecksumCounter counter =
        new ChecksumCounter(new DurableNumber(memory, CardMemory.CHECKSUM_CEILING));
    DurableNumber adminCounter = new DurableNumber(memory, CardMemory.ADMIN_COUNTER);

    random.generateData(scratch, (short) 0, Wire.UID_BYTES);
    memory.write(scratch, (short) 0, CardMemory.UID, Wire.UID_BYTES);
    memory.write(parameters, transportKey, CardMemory.TRANSPORT_KEY, Wire.KEY_BYTES);
    pin = new HolderPin(memory, store, random, scratch);
    lifeCycle = new LifeCycle(memory, adminCounter, pin);
    issuer = new Issuer(memory, lifeCycle, adminCounter, expand, hmac, scratch);
    presence = new Presence(memory, lifeCycle, adminCounter, hmac, scratch);
    handshakeKey = new HandshakeKey(memory, pin, epoch, expand, random, scratch);
    checksum = new Checksum(memory, pin, counter, hmac, scratch);
    personalisation = new Personalisation(memory, lifeCycle, pin, expand, hmac, scratch);
    boolean nativeHmac = hmac instanceof NativeHmac;
    info = new CardInfo(memory, lifeCycle, pin, epoch, counter, adminCounter, nativeHmac);
  }

  /**
   * Installs one card. Parameters, as GlobalPlatform lays them out: s8(AID) s8(control) s8(data),
   * where data is the transport key, exactly 32 bytes; else 6A80 and nothing is installed.
   */
  public static void install(byte[] parameters, short offset, byte length) {
    install(parameters, offset, length, new CardStore(), Expand.bestHmac());
  }

  /** The same, on a memory and an HMAC of the caller's. */
  static void install(byte[] parameters, short offset, byte length, Store store, Hmac hmac) {
    short end = (short) (offset + (length & 0xFF));
    short control = Wire.skipS8(parameters, offset, end, (short) 0, (short) 16);
    short data = Wire.skipS8(parameters, control, end, (short) 0, (short) 255);
    short rest = Wire.skipS8(parameters, data, end, Wire.KEY_BYTES, Wire.KEY_BYTES);
    Wire.require(rest == end, ISO7816.SW_WRONG_DATA);
    CountersignApplet applet = new CountersignApplet(parameters, (short) (data + 1), store, hmac);
    if (parameters[offset] == 0) {
      applet.register();
    } else {
      applet.register(parameters, (short) (offset + 1), parameters[offset]);
    }
  }

  @Override
  public boolean select() {
    forget();
    return true;
  }

  @Override
  public void deselect() {
    forget();
  }

  /** Whatever is not the answer is wiped from the buffer, on every way out: it held PINs and keys. */
  @Override
  public void process(APDU apdu) {
    byte[] buffer = apdu.getBuffer();
    short answer = 0;
    try {
      lifeCycle.finish();
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
        putData(apdu, buffer);
        return 0;
      case Wire.INS_INTERNAL_AUTHENTICATE:
        return internalAuthenticate(apdu, buffer);
      default:
        return dispatchIssuer(apdu, buffer);
    }
  }

  private void putData(APDU apdu, byte[] buffer) {
    switch (Wire.parameters(buffer)) {
      case Wire.PARAMETERS_PERSONALISE:
        personalisation.load(buffer, receive(apdu));
        return;
      case Wire.PARAMETERS_FACTORY_RESET:
        issuer.reset(receive(apdu));
        return;
      default:
        ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
    }
  }

  private short internalAuthenticate(APDU apdu, byte[] buffer) {
    switch (Wire.parameters(buffer)) {
      case Wire.PARAMETERS_HANDSHAKE_KEY:
        lifeCycle.requireActive();
        return handshakeKey.release(buffer, receive(apdu));
      case Wire.PARAMETERS_PRESENCE:
        return presence.prove(buffer, receive(apdu));
      default:
        ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        return 0;
    }
  }

  /** The issuer's commands, while there is a holder; else 6985. */
  private short dispatchIssuer(APDU apdu, byte[] buffer) {
    switch (buffer[ISO7816.OFFSET_INS]) {
      case Wire.INS_DEACTIVATE:
        issuer.change(LifeCycle.DEACTIVATED, buffer, receive(apdu));
        return 0;
      case Wire.INS_ACTIVATE:
        issuer.change(LifeCycle.ACTIVE, buffer, receive(apdu));
        return 0;
      case Wire.INS_TERMINATE:
        issuer.change(LifeCycle.TERMINATED, buffer, receive(apdu));
        return 0;
      case Wire.INS_EXTERNAL_AUTHENTICATE:
        issuer.authenticate(buffer, receive(apdu));
        return 0;
      default:
        return dispatchActive(apdu, buffer);
    }
  }

  /** The holder's commands, while the card is active; else 6985. */
  private short dispatchActive(APDU apdu, byte[] buffer) {
    switch (buffer[ISO7816.OFFSET_INS]) {
      case Wire.INS_VERIFY:
        lifeCycle.requireActive();
        pin.verify(buffer, receive(apdu));
        return 0;
      case Wire.INS_CHANGE_REFERENCE_DATA:
        lifeCycle.requireActive();
        pin.change(buffer, receive(apdu));
        return 0;
      case Wire.INS_RESET_RETRY_COUNTER:
        lifeCycle.requireActive();
        pin.unblock(buffer, receive(apdu));
        return 0;
      case Wire.INS_COMPUTE_CHECKSUM:
        lifeCycle.requireActive();
        return checksum.compute(buffer, receive(apdu));
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }

  private void forget() {
    pin.forget();
    issuer.forget();
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
