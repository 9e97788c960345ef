package countersign.bridge;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.Arrays;
import jdk.net.ExtendedSocketOptions;

/**
 * The card's end of vpcd's protocol: frames of u16 length and payload over TCP.
 *
 * <p>vpcd 3.3 writes length and payload apart with Nagle's algorithm on, so a delayed
 * acknowledgement costs 40 ms per command. Linux forgets TCP_QUICKACK, hence its renewal before
 * each read.
 */
final class VpcdLink implements Closeable {
  private static final int CONNECT_MS = 1000;

  private final Socket socket;
  private final DataInputStream in;
  private final boolean quickAck;

  VpcdLink(String host, int port) throws IOException {
    socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MS);
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
    in = new DataInputStream(socket.getInputStream());
    quickAck = socket.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK);
  }

  /** The next frame; EOFException when vpcd has gone. */
  byte[] receive() throws IOException {
    acknowledgeQuickly();
    byte[] frame = new byte[in.readUnsignedShort()];
    if (frame.length == 0) {
      throw new IOException("empty frame");
    }
    acknowledgeQuickly();
    in.readFully(frame);
    return frame;
  }

  void send(byte[] payload) throws IOException {
    byte[] frame = new byte[2 + payload.length];
    frame[0] = (byte) (payload.length >> 8);
    frame[1] = (byte) payload.length;
    System.arraycopy(payload, 0, frame, 2, payload.length);
    socket.getOutputStream().write(frame);
    Arrays.fill(frame, (byte) 0);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void acknowledgeQuickly() throws IOException {
    if (quickAck) {
      socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
    }
  }
}
