package countersign.bridge;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Obeys commands, one a line, and answers each with "ok COMMAND" or "error REASON". */
final class Console {
  private static final int HEX = 16;

  private final List<CardSlot> slots;
  private final Consumer<String> report;

  Console(List<CardSlot> slots, Consumer<String> report) {
    this.slots = slots;
    this.report = report;
  }

  /** Returns at "quit" or at the end of the input. */
  void run(BufferedReader commands) throws IOException {
    String line = commands.readLine();
    while (line != null && !line.strip().equals("quit")) {
      report.accept(answer(line.strip()));
      line = commands.readLine();
    }
  }

  private String answer(String line) {
    try {
      obey(line.split(" +"));
      return "ok " + line;
    } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException wrong) {
      return "error " + line + ": " + wrong.getMessage();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return "error " + line + ": interrupted";
    }
  }

  private void obey(String[] words) throws InterruptedException {
    switch (words[0]) {
      case "eject" -> slot(words, 1).eject();
      case "insert" -> slot(words, 1).insert();
      case "swap" -> CardSlot.exchange(slot(words, 1), slot(words, 2));
      case "pull-before" -> slot(words, 1).set(new Trap(instruction(words), false));
      case "pull-during" -> slot(words, 1).set(new Trap(instruction(words), true));
      default -> throw new IllegalArgumentException("unknown command");
    }
  }

  private CardSlot slot(String[] words, int position) {
    return slots.get(Integer.parseInt(words[position]));
  }

  private static int instruction(String[] words) {
    return words.length > 2 ? Integer.parseInt(words[2], HEX) : Trap.ANY;
  }
}
