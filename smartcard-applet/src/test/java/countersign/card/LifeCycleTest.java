package countersign.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each life cycle answers, and which leads to which (docs/protocol.md, section 9). */
class LifeCycleTest {
  private static final String DIGEST =
      "0000000000000000000000000000000000000000000000000000000000000000";
  private static final byte[] CHALLENGE = Reference.random(16);

  @Test
  void issuerDeactivatesAndActivates() {
    TestCard card = TestCard.verified();
    card.send(card.order(TestCard.DEACTIVATE, 1), 0x9000);
    assertEquals(LifeCycle.DEACTIVATED, card.lifeCycle());
    card.powerCycle();
    assertEquals(LifeCycle.DEACTIVATED, card.lifeCycle());
    card.send(card.order(TestCard.ACTIVATE, 2), 0x9000);
    assertEquals(LifeCycle.ACTIVE, card.lifeCycle());
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    card.send(TestCard.handshakeKey("t"), 0x9000);
  }

  @Test
  void deactivatedCardStillTellsWhoItIs() {
    TestCard card = TestCard.active();
    card.send(card.order(TestCard.DEACTIVATE, 9), 0x9000);
    assertEquals(TestCard.IDENTITY, new String(card.send("00cadf0100", 0x9000)));
    assertEquals(9, card.adminCounter());
    card.send("0084000010", 0x9000);
    card.send(TestCard.presence(CHALLENGE), 0x9000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00200081", // VERIFY, query
        "002000810431323334",
        "002400810a04313233340435353535",
        "002c00810e0831323334353637380435353535",
        "00880001020174",
        "002a8e80228020" + DIGEST,
        "00db000110" + "00000000000000000000000000000000",
      })
  void deactivatedOrTerminatedCardServesNoHolder(String command) {
    TestCard card = TestCard.verified();
    card.send(card.order(TestCard.DEACTIVATE, 1), 0x9000);
    card.send(command, 0x6985);
    card.send(card.order(TestCard.TERMINATE, 2), 0x9000);
    card.send(command, 0x6985);
    card.powerCycle();
    card.send(command, 0x6985);
  }

  @Test
  void deactivationEndsTheVerifiedState() {
    TestCard card = TestCard.verified();
    card.send(card.order(TestCard.DEACTIVATE, 1), 0x9000);
    card.send(card.order(TestCard.ACTIVATE, 2), 0x9000);
    card.send(TestCard.handshakeKey("t"), 0x6982);
  }

  @Test
  void pinTriesAreAsTheyWereAfterDeactivation() {
    TestCard card = TestCard.active();
    card.send(TestCard.verify("0000"), 0x63C2);
    card.send(card.order(TestCard.DEACTIVATE, 1), 0x9000);
    card.send(card.order(TestCard.ACTIVATE, 2), 0x9000);
    card.send("00200081", 0x63C2);
  }

  @ParameterizedTest
  @ValueSource(ints = {TestCard.DEACTIVATE, TestCard.ACTIVATE, TestCard.TERMINATE})
  void createdCardObeysNoIssuer(int instruction) {
    TestCard card = TestCard.created();
    byte[] nobody = new byte[32];
    byte[] order = Reference.order(nobody, card.uid, instruction, 1);
    card.send(TestCard.apdu(instruction, 0, order), 0x6985);
    card.send(TestCard.apdu(TestCard.AUTHENTICATE, 0, order), 0x6985);
    card.send(TestCard.presence(CHALLENGE), 0x6985);
    card.send(TestCard.RESET, 0x6985);
    assertEquals(0, card.adminCounter());
  }

  @Test
  void terminatedCardSaysOnlyThatItIs() {
    TestCard card = TestCard.active();
    card.send(card.order(TestCard.TERMINATE, 1), 0x9000);
    card.powerCycle();
    assertEquals(LifeCycle.TERMINATED, card.lifeCycle());
    card.send("00cadf0100", 0x6A88);
    assertEquals(1, card.adminCounter());
    card.send("0084000010", 0x9000);
    for (int instruction :
        new int[] {
          TestCard.DEACTIVATE, TestCard.ACTIVATE, TestCard.TERMINATE, TestCard.AUTHENTICATE
        }) {
      card.send(card.order(instruction, 2), 0x6985);
    }
    card.send(TestCard.presence(CHALLENGE), 0x6985);
    card.send(TestCard.RESET, 0x6985);
    card.send(card.personalisation((byte) 0), 0x6985);
  }

  @Test
  void terminationErasesEverySecret() {
    TornStore store = new TornStore();
    TestCard card = TestCard.createdOn(store);
    card.send(card.personalisation((byte) 1), 0x9000);
    card.send(card.order(TestCard.TERMINATE, 1), 0x9000);
    int secrets = CardMemory.EPOCH - CardMemory.FLAGS;
    assertArrayEquals(
        new byte[secrets], Arrays.copyOfRange(store.memory, CardMemory.FLAGS, CardMemory.EPOCH));
    assertArrayEquals(card.uid, Arrays.copyOf(store.memory, 8));
  }

  @Test
  void resetErasesTheHolderAndKeepsUidEpochAndCounters() {
    TornStore store = new TornStore();
    TestCard card = TestCard.createdOn(store);
    card.send(card.personalisation((byte) 1), 0x9000);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    card.send(TestCard.handshakeKey("t"), 0x9000);
    card.send(card.order(TestCard.AUTHENTICATE, 5), 0x9000);
    card.send(TestCard.RESET, 0x9000);
    int holder = CardMemory.TRANSPORT_KEY - CardMemory.FLAGS;
    assertArrayEquals(
        new byte[holder],
        Arrays.copyOfRange(store.memory, CardMemory.FLAGS, CardMemory.TRANSPORT_KEY));
    assertArrayEquals(card.uid, Arrays.copyOf(store.memory, 8));
    assertEquals("00000001", TestCard.text(card.send("00cadf0200", 0x9000)));
    assertEquals(5, card.adminCounter());
    assertEquals("0305", TestCard.text(card.send("00cadf0400", 0x9000)));
    assertEquals("05", TestCard.text(card.send(TestCard.SELECT, 0x9000)).substring(38, 40));
  }

  @ParameterizedTest
  @CsvSource({"05", "04"})
  void issuerAlonePersonalisesAgainAfterAReset(String before) {
    TestCard card = TestCard.active();
    card.send(card.order("04".equals(before) ? TestCard.DEACTIVATE : TestCard.ACTIVATE, 1), 0x9000);
    card.send(card.order(TestCard.AUTHENTICATE, 2), 0x9000);
    card.send(TestCard.RESET, 0x9000);
    assertEquals(LifeCycle.CREATED, card.lifeCycle());
    card.send(card.personalisation((byte) 0), 0x6982);

    byte[] computed = Reference.expand(card.kiss, "card reset", card.uid);
    byte[] newKey = Reference.random(32);
    byte[] profile =
        Reference.profile("mote-2", newKey, "9999", "87654321", Reference.random(32), (byte) 0);
    byte[] sealed = Reference.seal(computed, card.uid, Reference.random(16), profile);
    card.send(TestCard.apdu(0xDB, 1, sealed), 0x9000);
    assertEquals("mote-2", new String(card.send("00cadf0100", 0x9000)));
    card.send(TestCard.verify("9999"), 0x9000);
    byte[] proof = card.send(TestCard.presence(CHALLENGE), 0x9000);
    assertArrayEquals(Reference.presence(newKey, card.uid, CHALLENGE, 5, 2), proof);
    card.send(card.order(TestCard.DEACTIVATE, 3), 0x6982);
  }

  @Test
  void resetHelpsACardWhosePukIsSpent() {
    TestCard card = TestCard.active();
    for (int left = 2; left >= 0; left--) {
      card.send(TestCard.verify("0000"), 0x63C0 + left);
    }
    for (int left = 4; left >= 0; left--) {
      card.send(TestCard.unblock("00000000", "9876"), 0x63C0 + left);
    }
    card.send(card.order(TestCard.AUTHENTICATE, 1), 0x9000);
    card.send(TestCard.RESET, 0x9000);
    assertEquals("0305", TestCard.text(card.send("00cadf0400", 0x9000)));
  }
}
