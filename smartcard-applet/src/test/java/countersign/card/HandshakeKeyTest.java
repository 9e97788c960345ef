package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeKeyTest {
  private static final String SERVER = "broker.example";

  @Test
  void keyBelongsToBothIdentitiesTheEpochAndTheNonce() {
    TestCard card = TestCard.verified();
    byte[] answer = card.send(TestCard.handshakeKey(SERVER), 0x9000);
    assertEquals(52, answer.length);
    byte[] epochAndNonce = Arrays.copyOf(answer, 20);
    byte[] wanted =
        Reference.expand(
            card.key, "a+ hk", Reference.s8(TestCard.IDENTITY), Reference.s8(SERVER), epochAndNonce);
    assertEquals(TestCard.text(wanted), TestCard.text(Arrays.copyOfRange(answer, 20, 52)));
  }

  @Test
  void epochRisesByOneEachTimeAndTheNonceNeverRepeats() {
    TestCard card = TestCard.verified();
    String lastNonce = "";
    for (int epoch = 1; epoch <= 20; epoch++) {
      byte[] answer = card.send(TestCard.handshakeKey(SERVER), 0x9000);
      assertEquals(epoch, ByteBuffer.wrap(answer).getInt());
      String nonce = TestCard.text(Arrays.copyOfRange(answer, 4, 20));
      assertNotEquals(lastNonce, nonce);
      lastNonce = nonce;
    }
  }

  @Test
  void epochSurvivesLossOfPower() {
    TestCard card = TestCard.verified();
    card.send(TestCard.handshakeKey(SERVER), 0x9000);
    card.powerCycle();
    assertEquals("00000001", TestCard.text(card.send("00cadf0200", 0x9000)));
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    byte[] answer = card.send(TestCard.handshakeKey(SERVER), 0x9000);
    assertEquals(2, ByteBuffer.wrap(answer).getInt());
  }

  @Test
  void twoCardsNeverDrawTheSameNonce() {
    byte[] a = TestCard.verified().send(TestCard.handshakeKey(SERVER), 0x9000);
    byte[] b = TestCard.verified().send(TestCard.handshakeKey(SERVER), 0x9000);
    assertNotEquals(
        TestCard.text(Arrays.copyOfRange(a, 4, 20)), TestCard.text(Arrays.copyOfRange(b, 4, 20)));
  }

  @Test
  void withoutThePinNothingIsReleasedAndNoEpochSpent() {
    TestCard card = TestCard.active();
    card.send(TestCard.handshakeKey(SERVER), 0x6982);
    assertEquals("00000000", TestCard.text(card.send("00cadf0200", 0x9000)));
  }

  @Test
  void blockedPinIsTold() {
    TestCard card = TestCard.active();
    for (int left = 2; left >= 0; left--) {
      card.send(TestCard.verify("0000"), 0x63C0 + left);
    }
    card.send(TestCard.handshakeKey(SERVER), 0x6983);
  }

  @Test
  void flagMakesOneVerificationGoodForOneOperation() {
    TestCard card = TestCard.active((byte) 1);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    card.send(TestCard.handshakeKey(SERVER), 0x9000);
    card.send(TestCard.handshakeKey(SERVER), 0x6982);
    card.send(TestCard.checksum(new byte[32]), 0x6982);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    card.send(TestCard.checksum(new byte[32]), 0x9000);
    card.send(TestCard.checksum(new byte[32]), 0x6982);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0088000100", // nothing
        "008800010100", // empty identity
        "00880001020261", // overruns
        "0088000103016162", // trailing byte
        "0088000103016100",
        "00880001020120", // a space
        "0088000102012f", // a slash
        "008800010201e9", // not ASCII
        "00880001020100",
      })
  void serverIdentityOfTheWrongShapeIsRefusedAndNoEpochSpent(String command) {
    TestCard card = TestCard.verified();
    card.send(command, 0x6A80);
    assertEquals("00000000", TestCard.text(card.send("00cadf0200", 0x9000)));
  }

  @Test
  void serverIdentityOf64BytesIsTakenAndOf65Refused() {
    TestCard card = TestCard.verified();
    card.send(TestCard.handshakeKey("z".repeat(64)), 0x9000);
    card.send(TestCard.handshakeKey("z".repeat(65)), 0x6A80);
  }
}
