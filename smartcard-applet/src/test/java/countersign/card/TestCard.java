package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.licel.jcardsim.base.Simulator;
import com.licel.jcardsim.base.SimulatorRuntime;
import java.util.Arrays;
import java.util.HexFormat;
import javacard.framework.AID;

/** A card under test: the applet in its simulator, spoken to in APDUs alone. */
final class TestCard {
  static final byte[] AID_BYTES = hex("f0435349474e01");
  static final String SELECT = "00a4040007f0435349474e01";
  static final String IDENTITY = "mote-1";
  static final String PIN = "1234";
  static final String PUK = "12345678";

  final byte[] transportKey = Reference.random(32);
  final byte[] key = Reference.random(32);
  final byte[] uid;

  /** The runtime is named since simulators made without one share it, and with it the card. */
  private final Simulator simulator = new Simulator(new SimulatorRuntime());


  private TestCard() {
    install(simulator, installParameters(transportKey));
    uid = Arrays.copyOfRange(send(SELECT, 0x9000), 22, 30);
  }

  /** Installed, selected, in life cycle CREATED. */
  static TestCard created() {
    return new TestCard();
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
    AID aid = new AID(AID_BYTES, (short) 0, (byte) AID_BYTES.length);
    simulator.installApplet(
        aid, CountersignApplet.class, parameters, (short) 0, (byte) parameters.length);
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
    byte[] answer = simulator.transmitCommand(command);
    int end = answer.length - 2;
    int got = (answer[end] & 0xFF) << 8 | (answer[end + 1] & 0xFF);
    assertEquals(Integer.toHexString(statusWord), Integer.toHexString(got), () -> text(command));
    return Arrays.copyOf(answer, end);
  }

  /** Loss of power: what is transient is gone. The applet is selected again. */
  void powerCycle() {
    simulator.reset();
    send(SELECT, 0x9000);
  }

  byte[] personalisation(byte flags) {
    return personalisation(
        Reference.profile(IDENTITY, key, PIN, PUK, Reference.random(32), flags));
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
