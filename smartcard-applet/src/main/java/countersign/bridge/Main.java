package countersign.bridge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Puts cards on virtual readers: one simulator per card, one thread per reader, one JVM for all. */
public final class Main {
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_READER = 3;

  private Main() {}

  /** Exit codes: 0 asked to end, 2 usage, 3 vpcd is not there or went away. */
  public static void main(String[] args) throws InterruptedException {
    Arguments arguments;
    try {
      arguments = Arguments.parse(args);
    } catch (IllegalArgumentException wrong) {
      System.err.println("countersign-card-bridge: " + wrong.getMessage());
      System.err.print(Arguments.USAGE);
      System.exit(EXIT_USAGE);
      return;
    }
    System.exit(serve(arguments));
  }

  private static int serve(Arguments arguments) throws InterruptedException {
    List<CardSlot> slots = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (CardOptions card : arguments.cards()) {
      SimulatedCard inside = new SimulatedCard(card.transportKey());
      CardSlot slot = new CardSlot(slots.size(), card, inside, Main::say);
      slots.add(slot);
      threads.add(new Thread(slot, "slot " + card.port()));
    }
    threads.forEach(Thread::start);
    AtomicBoolean asked = new AtomicBoolean();
    if (arguments.hasConsole()) {
      listen(slots, asked);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return asked.get() ? 0 : EXIT_READER;
  }

  private static void listen(List<CardSlot> slots, AtomicBoolean asked) {
    Thread console = new Thread(() -> obeyUntilQuit(slots, asked), "console");
    console.setDaemon(true);
    console.start();
  }

  private static void obeyUntilQuit(List<CardSlot> slots, AtomicBoolean asked) {
    InputStreamReader input = new InputStreamReader(System.in, StandardCharsets.UTF_8);
    try {
      new Console(slots, Main::say).run(new BufferedReader(input));
    } catch (IOException closed) {
      say("error stdin closed");
    }
    asked.set(true);
    slots.forEach(CardSlot::end);
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
