package countersign.bridge;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * One reader of vpcd and the card in it. A thread runs {@link #run}; the other methods may be called
 * from any thread.
 *
 * <p>Reports "ready INDEX UID" when pcscd has powered the card, "pulled INDEX INS" when a trap
 * sprang, "gone INDEX" when vpcd closed the connection.
 */
final class CardSlot implements Runnable {
  private static final int RETRY_MS = 20;
  private static final int REST_MS = 5000;
  private static final byte POWER_OFF = 0;
  private static final byte POWER_ON = 1;
  private static final byte RESET = 2;
  private static final byte GET_ATR = 4;

  private final int index;
  private final CardOptions options;
  private final Consumer<String> report;

  // all guarded by this
  private SimulatedCard card;
  private VpcdLink link;
  private Trap trap;
  private boolean inserted = true;
  private boolean ended;
  private boolean atRest = true;
  private boolean announced;

  CardSlot(int index, CardOptions options, SimulatedCard card, Consumer<String> report) {
    this.index = index;
    this.options = options;
    this.card = card;
    this.report = report;
  }

  /** Serves until {@link #end}, or until vpcd is gone for longer than the options allow. */
  @Override
  public void run() {
    long patienceMs = options.connectMs();
    while (patienceMs > 0 && awaitInserted()) {
      VpcdLink opened = connect(patienceMs);
      boolean missing = opened == null && isWanted();
      boolean left = opened != null && serve(opened);
      patienceMs = missing ? 0 : left ? options.reconnectMs() : options.connectMs();
      rest();
    }
    if (patienceMs == 0) {
      report.accept("gone " + index);
    }
    end();
    rest();
  }

  /** Takes the card out; returns when the connection is closed and the card at rest. */
  void eject() throws InterruptedException {
    synchronized (this) {
      inserted = false;
    }
    closeLink();
    awaitRest();
  }

  synchronized void insert() {
    inserted = true;
    notifyAll();
  }

  synchronized void set(Trap newTrap) {
    trap = newTrap;
  }

  /** Swaps the cards of two slots that are both empty of connections. */
  static void exchange(CardSlot a, CardSlot b) throws InterruptedException {
    a.eject();
    b.eject();
    SimulatedCard moved = a.card();
    a.place(b.card());
    b.place(moved);
    a.insert();
    b.insert();
  }

  void end() {
    synchronized (this) {
      ended = true;
      inserted = false;
      notifyAll();
    }
    closeLink();
  }

  private synchronized SimulatedCard card() {
    return card;
  }

  private synchronized void place(SimulatedCard newCard) {
    card = newCard;
  }

  private synchronized boolean awaitInserted() {
    try {
      while (!inserted && !ended) {
        wait();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      ended = true;
    }
    atRest = ended;
    return !ended;
  }

  private synchronized boolean isWanted() {
    return inserted && !ended;
  }

  private synchronized void awaitRest() throws InterruptedException {
    long deadline = System.nanoTime() + REST_MS * 1_000_000L;
    while (!atRest && System.nanoTime() < deadline) {
      wait(RETRY_MS);
    }
    if (!atRest) {
      throw new IllegalStateException("the card is still busy");
    }
  }

  /** Tries for {@code patienceMs}. Returns null if vpcd is not there or the card was taken out. */
  private VpcdLink connect(long patienceMs) {
    long deadline = System.nanoTime() + patienceMs * 1_000_000L;
    do {
      try {
        VpcdLink opened = new VpcdLink(options.host(), options.port());
        return adopt(opened) ? opened : null;
      } catch (IOException absent) {
        pause();
      }
    } while (isWanted() && System.nanoTime() < deadline);
    return null;
  }

  private synchronized boolean adopt(VpcdLink opened) throws IOException {
    if (!isWanted()) {
      opened.close();
      return false;
    }
    link = opened;
    announced = false;
    card.reset();
    return true;
  }

  /** Returns true if vpcd hung up, false if the card was taken out. */
  private boolean serve(VpcdLink open) {
    try {
      boolean inside = true;
      while (inside) {
        byte[] frame = open.receive();
        if (frame.length == 1) {
          control(open, frame[0]);
        } else {
          inside = exchangeApdu(open, frame);
        }
        Arrays.fill(frame, (byte) 0);
      }
    } catch (IOException closed) {
      return isWanted();
    }
    return false;
  }

  private void control(VpcdLink open, byte code) throws IOException {
    switch (code) {
      case GET_ATR -> open.send(card().atr());
      case POWER_ON -> {
        card().reset();
        announce();
      }
      case POWER_OFF, RESET -> card().reset();
      default -> throw new IOException("not a control code of vpcd");
    }
  }

  /** Returns false if a trap pulled the card. */
  private boolean exchangeApdu(VpcdLink open, byte[] command) throws IOException {
    Trap sprung = takeTrap(command);
    if (sprung != null && !sprung.afterwards()) {
      return pulled(command);
    }
    byte[] answer = card().transmit(command);
    if (sprung != null) {
      return pulled(command);
    }
    open.send(answer);
    Arrays.fill(answer, (byte) 0);
    return true;
  }

  private boolean pulled(byte[] command) {
    synchronized (this) {
      inserted = false;
    }
    closeLink();
    byte instruction = command.length > 1 ? command[1] : 0;
    report.accept("pulled " + index + " " + HexFormat.of().toHexDigits(instruction));
    return false;
  }

  private synchronized Trap takeTrap(byte[] command) {
    if (trap == null || !trap.catches(command)) {
      return null;
    }
    Trap sprung = trap;
    trap = null;
    return sprung;
  }

  private void announce() {
    synchronized (this) {
      if (announced) {
        return;
      }
      announced = true;
    }
    report.accept("ready " + index + " " + card().uid());
  }

  private void rest() {
    closeLink();
    synchronized (this) {
      link = null;
      atRest = true;
      notifyAll();
    }
  }

  private void closeLink() {
    VpcdLink open;
    synchronized (this) {
      open = link;
    }
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException alreadyClosed) {
      // nothing is left to close
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
