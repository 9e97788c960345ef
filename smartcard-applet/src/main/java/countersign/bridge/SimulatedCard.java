package countersign.bridge;

import com.licel.jcardsim.base.Simulator;
import com.licel.jcardsim.base.SimulatorRuntime;
import countersign.card.CountersignApplet;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import javacard.framework.AID;

/**
 * One card: the applet in a simulator of its own. Its persistent memory lives as long as this
 * object; {@link #reset} clears the transient part, as loss of power does.
 */
public final class SimulatedCard {
  /** Direct convention, no historical bytes, T=1. */
  private static final byte[] ATR = HexFormat.of().parseHex("3b80800101");

  private static final byte[] AID_BYTES = HexFormat.of().parseHex("f0435349474e01");
  private static final byte[] NO_DIAGNOSIS = {0x6F, 0x00};
  private static final int TRANSPORT_KEY_BYTES = 32;
  private static final int UID_OFFSET = 22;
  private static final int UID_BYTES = 8;

  static {
    // without it every simulator draws the same "random" bytes
    System.setProperty("com.licel.jcardsim.randomdata.secure", "1");
  }

  /** The runtime is named since simulators made without one share it, and with it the card. */
  private final Simulator simulator = new Simulator(new SimulatorRuntime());

  private final String uid;

  /** Installs the applet with these parameters; throws if it refuses them. */
  public SimulatedCard(byte[] transportKey) {
    if (transportKey.length != TRANSPORT_KEY_BYTES) {
      throw new IllegalArgumentException("a transport key is 32 bytes");
    }
    byte[] parameters = installParameters(transportKey);
    AID aid = new AID(AID_BYTES, (short) 0, (byte) AID_BYTES.length);
    simulator.installApplet(
        aid, CountersignApplet.class, parameters, (short) 0, (byte) parameters.length);
    Arrays.fill(parameters, (byte) 0);
    uid = readUid();
  }

  public byte[] atr() {
    return ATR.clone();
  }

  /** The card's number, in hex. */
  public String uid() {
    return uid;
  }

  /** The answer, or 6F00 where the simulator itself cannot make sense of the command. */
  public byte[] transmit(byte[] command) {
    try {
      return simulator.transmitCommand(command);
    } catch (RuntimeException notACommand) {
      return NO_DIAGNOSIS.clone();
    }
  }

  public void reset() {
    simulator.reset();
  }

  /** s8(AID) s8(control information) s8(application data). */
  private static byte[] installParameters(byte[] transportKey) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(AID_BYTES.length);
    out.writeBytes(AID_BYTES);
    out.write(0);
    out.write(transportKey.length);
    out.writeBytes(transportKey);
    return out.toByteArray();
  }

  private String readUid() {
    byte[] fci = transmit(HexFormat.of().parseHex("00a4040007f0435349474e01"));
    reset();
    return HexFormat.of().formatHex(fci, UID_OFFSET, UID_OFFSET + UID_BYTES);
  }
}
