package countersign.card;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javacard.framework.OwnerPIN;

/**
 * Memory that loses power on request, after any byte of any write, and stays dead until {@link
 * #powerOn}. Each byte written counts as a step, each durable act of a PIN object as two (before,
 * after). A byte is written whole or not at all, as JavaCard promises; of longer writes nothing is
 * promised, and the byte behind the cut is spoilt.
 */
final class TornStore implements Store {
  static final class PowerCut extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** The bytes of {@link CardMemory}, once it has written the first. */
  byte[] memory;

  int longestWrite;

  /** What was written, byte by byte: whoever writes past the store is found out by comparing. */
  private byte[] shadow;

  private final List<Integer> marks = new ArrayList<>();
  private final List<TornPin> pins = new ArrayList<>();
  private int stepsLeft = Integer.MAX_VALUE;
  private int stepsDone;
  private boolean dead;

  void cutAfter(int steps) {
    stepsLeft = steps;
    stepsDone = 0;
    marks.clear();
  }

  void powerOn() {
    dead = false;
    cutAfter(Integer.MAX_VALUE);
    pins.forEach(pin -> pin.validated = false);
  }

  /** Since the last {@link #cutAfter} or {@link #powerOn}. */
  int stepsDone() {
    return stepsDone;
  }

  /** Cuts worth trying: before each act so far, after its first byte, and in its middle. */
  Set<Integer> marks() {
    return new TreeSet<>(marks);
  }

  boolean isDead() {
    return dead;
  }

  byte[] shadow() {
    return shadow.clone();
  }

  @Override
  public void write(byte[] from, short fromOffset, byte[] to, short toOffset, short length) {
    if (memory == null) {
      memory = to;
      shadow = to.clone();
    }
    if (!Arrays.equals(memory, shadow)) {
      throw new AssertionError("somebody wrote past the store");
    }
    longestWrite = Math.max(longestWrite, length);
    mark(length);
    for (int i = 0; i < length; i++) {
      if (stepsLeft == 0 && length > 1) {
        set(to, toOffset + i, (byte) 0xA5);
      }
      step();
      set(to, toOffset + i, from[fromOffset + i]);
    }
  }

  private void mark(int length) {
    marks.addAll(List.of(stepsDone, stepsDone + Math.min(1, length - 1), stepsDone + length / 2));
  }

  private void set(byte[] to, int at, byte value) {
    if (!dead) {
      to[at] = value;
      shadow[at] = value;
    }
  }

  private void step() {
    if (dead || stepsLeft == 0) {
      dead = true;
      throw new PowerCut();
    }
    stepsLeft--;
    stepsDone++;
  }

  @Override
  public OwnerPIN makePin(byte tries, byte mostBytes) {
    TornPin pin = new TornPin(tries, mostBytes);
    pins.add(pin);
    return pin;
  }

  /** Everything durable, to be put back. */
  record Image(byte[] memory, List<byte[]> values, int[] tries) {}

  Image save() {
    List<byte[]> values = pins.stream().map(pin -> pin.value.clone()).toList();
    return new Image(memory.clone(), values, pins.stream().mapToInt(pin -> pin.left).toArray());
  }

  void restore(Image image) {
    powerOn();
    System.arraycopy(image.memory, 0, memory, 0, memory.length);
    System.arraycopy(image.memory, 0, shadow, 0, memory.length);
    for (int i = 0; i < pins.size(); i++) {
      pins.get(i).value = image.values.get(i).clone();
      pins.get(i).left = (byte) image.tries[i];
    }
  }

  /** As JavaCard has it: a try is lost durably before the comparison; an update is all or nothing. */
  private final class TornPin extends OwnerPIN {
    private final byte most;
    private byte[] value = new byte[0];
    private byte left;
    private boolean validated;

    TornPin(byte most, byte mostBytes) {
      super(most, mostBytes);
      this.most = most;
    }

    @Override
    public void update(byte[] from, short offset, byte length) {
      mark(2);
      step();
      value = Arrays.copyOfRange(from, offset, offset + length);
      left = most;
      validated = false;
      step();
    }

    @Override
    public boolean check(byte[] from, short offset, byte length) {
      validated = false;
      if (left == 0) {
        return false;
      }
      mark(3);
      step();
      left--;
      step();
      if (!Arrays.equals(value, Arrays.copyOfRange(from, offset, offset + length))) {
        return false;
      }
      left = most;
      validated = true;
      step();
      return true;
    }

    @Override
    public byte getTriesRemaining() {
      return left;
    }

    @Override
    public boolean isValidated() {
      return validated;
    }

    @Override
    public void reset() {
      if (validated) {
        validated = false;
        left = most;
      }
    }
  }
}
