package countersign.bridge;

import java.util.ArrayList;
import java.util.List;

/** The command line, read into one {@link CardOptions} per card. */
final class Arguments {
  static final String USAGE =
      """
      usage: java -jar countersign-card-bridge.jar [--host HOST] [--connect-ms MS] [--reconnect-ms MS]
               [--console on|off] (--port PORT --transport-key KEY | --card port=PORT,transport=KEY ...)
        KEY is 64 hex digits, or @FILE that holds them
        commands on stdin (its end means quit, unless --console off):
          eject N, insert N, swap N M, pull-before N [INS], pull-during N [INS], quit
      """;

  private String host = "127.0.0.1";
  private boolean console = true;
  private long connectMs = 10_000;
  private long reconnectMs = 0;
  private String port;
  private String transportKey;
  private final List<String> cardTexts = new ArrayList<>();

  private List<CardOptions> cards;

  private Arguments() {}

  List<CardOptions> cards() {
    return cards;
  }

  boolean hasConsole() {
    return console;
  }

  /** Throws IllegalArgumentException with a message for the user. */
  static Arguments parse(String[] args) {
    Arguments parsed = new Arguments();
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException("a value is missing after " + args[i]);
      }
      parsed.take(args[i], args[i + 1]);
    }
    parsed.cards = parsed.options();
    return parsed;
  }

  private void take(String name, String value) {
    switch (name) {
      case "--host" -> host = value;
      case "--port" -> port = value;
      case "--transport-key" -> transportKey = value;
      case "--connect-ms" -> connectMs = Long.parseLong(value);
      case "--reconnect-ms" -> reconnectMs = Long.parseLong(value);
      case "--console" -> console = !value.equals("off");
      case "--card" -> cardTexts.add(value);
      default -> throw new IllegalArgumentException("unknown option " + name);
    }
  }

  private List<CardOptions> options() {
    List<CardOptions> all = new ArrayList<>();
    if (port != null || transportKey != null) {
      all.add(option(port, transportKey));
    }
    for (String card : cardTexts) {
      all.add(parseCard(card));
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no card given");
    }
    return all;
  }

  private CardOptions parseCard(String text) {
    String cardPort = null;
    String key = null;
    for (String field : text.split(",")) {
      if (field.startsWith("port=")) {
        cardPort = field.substring("port=".length());
      } else if (field.startsWith("transport=")) {
        key = field.substring("transport=".length());
      } else {
        throw new IllegalArgumentException("--card takes port=PORT,transport=KEY");
      }
    }
    return option(cardPort, key);
  }

  private CardOptions option(String cardPort, String key) {
    if (cardPort == null || key == null) {
      throw new IllegalArgumentException("a card needs a port and a transport key");
    }
    byte[] parsedKey = CardOptions.parseTransportKey(key);
    return new CardOptions(host, CardOptions.parsePort(cardPort), parsedKey, connectMs, reconnectMs);
  }
}
