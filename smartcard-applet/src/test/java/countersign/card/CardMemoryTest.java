package countersign.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.licel.jcardsim.base.TransientMemory;
import java.util.List;
import javacard.framework.OwnerPIN;
import org.junit.jupiter.api.Test;

/** What the applet takes of a card: durable bytes, each written through the store, and RAM. */
class CardMemoryTest {
  /** docs/smartcard.md names these numbers, and a test of its own compares them. */
  private static final int TRANSIENT_BYTES = 198;

  private static final int DURABLE_BYTES = 431;
  private static final int LONGEST_WRITE_BYTES = 65;

  /** A card takes them when the key object is made, the simulator when it is used, each time. */
  private static final int CIPHER_KEY_BYTES = 16;

  @Test
  void everyDurableByteIsWrittenThroughTheStore() {
    TornStore store = new TornStore();
    doEverything(TestCard.createdOn(store));
    assertEquals(DURABLE_BYTES, store.memory.length);
    assertArrayEquals(store.shadow(), store.memory);
  }

  @Test
  void longestWriteFitsTheSmallestCommitBuffer() {
    TornStore store = new TornStore();
    doEverything(TestCard.createdOn(store));
    assertEquals(LONGEST_WRITE_BYTES, store.longestWrite);
  }

  @Test
  void transientMemoryIsWhatTheDocumentsSayAndAllTakenAtInstallation() throws Exception {
    int pins = pinBytes();
    TestCard card = TestCard.createdOn(new CardStore());
    int installed = transientBytes(card);
    assertEquals(TRANSIENT_BYTES, installed - pins + CIPHER_KEY_BYTES);
    card.send(card.personalisation((byte) 0), 0x9000);
    int personalised = transientBytes(card);
    useAndReset(card);
    assertEquals(personalised, transientBytes(card));
    assertTrue(TRANSIENT_BYTES <= 1024);
  }

  /** What the simulator takes for two PIN objects: none of ours. */
  private static int pinBytes() throws Exception {
    TestCard one = TestCard.createdOn(new CardStore());
    int with = transientBytes(one);
    TestCard other =
        TestCard.createdOn(
            new Store() {
              @Override
              public void write(byte[] from, short at, byte[] to, short toAt, short length) {
                System.arraycopy(from, at, to, toAt, length);
              }

              @Override
              public OwnerPIN makePin(byte tries, byte mostBytes) {
                return SHARED;
              }
            });
    return with - transientBytes(other);
  }

  private static final OwnerPIN SHARED = new OwnerPIN((byte) 3, (byte) 16);

  private static void doEverything(TestCard card) {
    card.send(card.personalisation((byte) 0), 0x9000);
    useAndReset(card);
    byte[] transport = Reference.expand(card.kiss, "card reset", card.uid);
    byte[] longest =
        Reference.profile(
            "x".repeat(64), card.key, "9".repeat(16), "p".repeat(16), card.kiss, (byte) 1);
    byte[] sealed = Reference.seal(transport, card.uid, Reference.random(16), longest);
    card.send(TestCard.apdu(0xDB, 1, sealed), 0x9000);
    card.send(card.order(TestCard.TERMINATE, 4), 0x9000);
  }

  private static void useAndReset(TestCard card) {
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    card.send(TestCard.handshakeKey("t"), 0x9000);
    card.send(TestCard.checksum(new byte[32]), 0x9000);
    card.send(TestCard.change(TestCard.PIN, "5678"), 0x9000);
    card.send(TestCard.unblock(TestCard.PUK, "5678"), 0x9000);
    card.send(TestCard.presence(new byte[16]), 0x9000);
    card.send(card.order(TestCard.DEACTIVATE, 1), 0x9000);
    card.send(card.order(TestCard.ACTIVATE, 2), 0x9000);
    card.send(card.order(TestCard.AUTHENTICATE, 3), 0x9000);
    card.send(TestCard.RESET, 0x9000);
    for (String object : List.of("02", "03", "04", "05", "06")) {
      card.send("00cadf" + object + "00", 0x9000);
    }
  }

  /** The simulator keeps its transient arrays in two lists, by what clears them. */
  private static int transientBytes(TestCard card) throws Exception {
    int sum = 0;
    for (String name : List.of("clearOnReset", "clearOnDeselect")) {
      var field = TransientMemory.class.getDeclaredField(name);
      field.setAccessible(true);
      for (Object array : (List<?>) field.get(card.runtime.getTransientMemory())) {
        sum += java.lang.reflect.Array.getLength(array);
      }
    }
    return sum;
  }
}
