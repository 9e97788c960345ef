package countersign.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Where one card goes and what key it is shipped with.
 *
 * @param connectMs how long to look for vpcd at first
 * @param reconnectMs how long to look again after vpcd closed the connection; 0 ends the slot
 */
record CardOptions(String host, int port, byte[] transportKey, long connectMs, long reconnectMs) {
  private static final int TRANSPORT_KEY_BYTES = 32;
  private static final int MAX_PORT = 65535;

  static int parsePort(String text) {
    int port = Integer.parseInt(text);
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("no such port: " + text);
    }
    return port;
  }

  /** 64 hex digits, or "@" and the name of a file that holds them. */
  static byte[] parseTransportKey(String text) {
    String hex = text.startsWith("@") ? readFile(text.substring(1)) : text;
    try {
      byte[] key = HexFormat.of().parseHex(hex.strip());
      if (key.length == TRANSPORT_KEY_BYTES) {
        return key;
      }
    } catch (IllegalArgumentException notHex) {
      // the message below says all, and must not repeat the key
    }
    throw new IllegalArgumentException("a transport key is 64 hex digits");
  }

  private static String readFile(String name) {
    try {
      return Files.readString(Path.of(name));
    } catch (IOException failure) {
      throw new IllegalArgumentException("cannot read the transport key file " + name, failure);
    }
  }
}
