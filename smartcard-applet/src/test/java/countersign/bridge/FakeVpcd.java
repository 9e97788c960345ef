package countersign.bridge;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;

/** vpcd's end of one reader: listens, and speaks frames to the card that connects. */
final class FakeVpcd implements Closeable {
  static final String POWER_ON = "01";
  private static final int PATIENCE_MS = 10_000;

  private final ServerSocket listener;
  private Socket card;

  FakeVpcd() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(PATIENCE_MS);
  }

  int port() {
    return listener.getLocalPort();
  }

  void accept() throws IOException {
    card = listener.accept();
    card.setSoTimeout(PATIENCE_MS);
  }

  /** In two writes, as the real one does. */
  void tell(String hex) throws IOException {
    byte[] payload = HexFormat.of().parseHex(hex);
    byte[] length = {(byte) (payload.length >> 8), (byte) payload.length};
    card.getOutputStream().write(length);
    card.getOutputStream().write(payload);
  }

  String ask(String hex) throws IOException {
    tell(hex);
    DataInputStream in = new DataInputStream(card.getInputStream());
    byte[] answer = new byte[in.readUnsignedShort()];
    in.readFully(answer);
    return HexFormat.of().formatHex(answer);
  }

  boolean isHungUp() throws IOException {
    try {
      return card.getInputStream().read() == -1;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  void hangUp() throws IOException {
    card.close();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (card != null) {
      card.close();
    }
  }
}
