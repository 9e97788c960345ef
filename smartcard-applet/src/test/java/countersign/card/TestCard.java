package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.licel.jcardsim.base.Simulator;
import com.licel.jcardsim.base.SimulatorRuntime;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import javacard.framework.AID;
import javacard.framework.Applet;

/** A card under test: the applet in its simulator, spoken to in APDUs alone. */
final class TestCard {
  static final byte[] AID_BYTES = hex("f0435349474e01");
  static final String SELECT = "00a4040007f0435349474e01";
  static final String IDENTITY = "mote-1";
  static final String PIN = "1234";
  static final String PUK = "12345678";

  final byte[] transportKey = Reference.random(32);
  final byte[] key = Reference.random(32);
  final byte[] kiss = Reference.random(32);
  final byte[] uid;

  /** The runtime is named since simulators made without one share it, and with it the card. */
  final SimulatorRuntime runtime = new SimulatorRuntime();

  private final Simulator simulator = new Simulator(runtime);

  private TestCard(Class<? extends Applet> applet) {
    install(simulator, applet, installParameters(transportKey));
    uid = Arrays.copyOfRange(send(SELECT, 0x9000), 22, 30);
  }

  /** Installed, selected, in life cycle CREATED. */
  static TestCard created() {
    return new TestCard(CountersignApplet.class);
  }

  /** The same, on another memory, and on the HMAC that most cards need. */
  static TestCard createdOn(Store store) {
    SeamApplet.store = store;
    return new TestCard(SeamApplet.class);
  }

  /** Personalised with the constants above and selected. */
  static TestCard active() {
    return active((byte) 0);
  }

  static TestCard active(byte flags) {
    TestCard card = created();
    card.send(card.personalisation(flags), 0x9000);
    return card;
  }

  static TestCard verified() {
    TestCard card = active();
    card.send(verify(PIN), 0x9000);
    return card;
  }

  static void install(Simulator simulator, byte[] parameters) {
    install(simulator, CountersignApplet.class, parameters);
  }

  private static void install(
      Simulator simulator, Class<? extends Applet> applet, byte[] parameters) {
    AID aid = new AID(AID_BYTES, (short) 0, (byte) AID_BYTES.length);
    simulator.installApplet(
        aid, applet, parameters, (short) 0, (byte) parameters.length);
  }

  static byte[] installParameters(byte[] data) {
    byte[] parameters = new byte[1 + AID_BYTES.length + 1 + 1 + data.length];
    parameters[0] = (byte) AID_BYTES.length;
    System.arraycopy(AID_BYTES, 0, parameters, 1, AID_BYTES.length);
    parameters[AID_BYTES.length + 2] = (byte) data.length;
    System.arraycopy(data, 0, parameters, AID_BYTES.length + 3, data.length);
    return parameters;
  }

  /** Sends a command and insists on the status word. Returns the answer without it. */
  byte[] send(String command, int statusWord) {
    return send(hex(command), statusWord);
  }

  byte[] send(byte[] command, int statusWord) {
    byte[] answer = transmit(command);
    int got = statusOf(answer);
    assertEquals(Integer.toHexString(statusWord), Integer.toHexString(got), () -> text(command));
    return Arrays.copyOf(answer, answer.length - 2);
  }

  /** The answer with its status word, whatever it is. */
  byte[] transmit(byte[] command) {
    return simulator.transmitCommand(command);
  }

  static int statusOf(byte[] answer) {
    int end = answer.length - 2;
    return (answer[end] & 0xFF) << 8 | (answer[end + 1] & 0xFF);
  }

  /** Loss of power: what is transient is gone. The applet is selected again. */
  void powerCycle() {
    powerOff();
    send(SELECT, 0x9000);
  }

  void powerOff() {
    simulator.reset();
  }

  int lifeCycle() {
    byte[] fci = send(SELECT, 0x9000);
    return fci[fci.length - 1];
  }

  int adminCounter() {
    return ByteBuffer.wrap(send("00cadf0500", 0x9000)).getInt();
  }

  byte[] personalisation(byte flags) {
    return personalisation(
        Reference.profile(IDENTITY, key, PIN, PUK, kiss, flags));
  }

  byte[] personalisation(byte[] profile) {
    return apdu(0xDB, 0x0001, Reference.seal(transportKey, uid, Reference.random(16), profile));
  }

  static byte[] apdu(int instruction, int parameters, byte[] data) {
    byte[] command = new byte[5 + data.length];
    command[1] = (byte) instruction;
    command[2] = (byte) (parameters >> 8);
    command[3] = (byte) parameters;
    command[4] = (byte) data.length;
    System.arraycopy(data, 0, command, 5, data.length);
    return command;
  }

  static byte[] verify(String pin) {
    return apdu(0x20, 0x0081, Reference.ascii(pin));
  }

  static byte[] change(String old, String replacement) {
    return apdu(0x24, 0x0081, Reference.join(Reference.s8(old), Reference.s8(replacement)));
  }

  static byte[] unblock(String puk, String replacement) {
    return apdu(0x2C, 0x0081, Reference.join(Reference.s8(puk), Reference.s8(replacement)));
  }

  static byte[] handshakeKey(String server) {
    return apdu(0x88, 0x0001, Reference.s8(server));
  }

  static final int DEACTIVATE = 0x04;
  static final int ACTIVATE = 0x44;
  static final int AUTHENTICATE = 0x82;
  static final int TERMINATE = 0xE6;
  static final byte[] RESET = {0, (byte) 0xDB, 0, 2};

  /** One of the issuer's commands for this card. */
  byte[] order(int instruction, int number) {
    return apdu(instruction, 0, Reference.order(kiss, uid, instruction, number));
  }

  static byte[] presence(byte[] challenge) {
    return apdu(0x88, 0x0002, challenge);
  }

  static byte[] checksum(byte[] digest) {
    return apdu(0x2A, 0x8E80, Reference.tlv(0x80, digest));
  }

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  static String text(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
