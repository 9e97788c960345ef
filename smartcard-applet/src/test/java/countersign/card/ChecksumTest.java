package countersign.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumTest {
  @Test
  void tagCoversTheCounterAndTheDigest() {
    TestCard card = TestCard.verified();
    byte[] digest = Reference.random(32);
    byte[] answer = card.send(TestCard.checksum(digest), 0x9000);
    byte[] counter = Arrays.copyOfRange(answer, 20, 24);
    byte[] key = Reference.expand(card.key, "card cc");
    byte[] tag = Arrays.copyOf(Reference.hmac(key, counter, digest), 16);
    assertArrayEquals(Reference.join(Reference.tlv(0x8E, tag), Reference.tlv(2, counter)), answer);
  }

  @Test
  void counterRisesByOneWhilePowerLasts() {
    TestCard card = TestCard.verified();
    for (int wanted = 1; wanted <= 200; wanted++) {
      assertEquals(wanted, counterOf(card));
    }
    assertEquals(200, ByteBuffer.wrap(card.send("00cadf0300", 0x9000)).getInt());
  }

  @Test
  void counterNeverRepeatsOverLossOfPower() {
    TestCard card = TestCard.verified();
    int greatest = 0;
    for (int cycle = 0; cycle < 10; cycle++) {
      for (int i = 0; i <= 13 * cycle; i++) {
        int counter = counterOf(card);
        assertTrue(counter > greatest);
        greatest = counter;
      }
      card.powerCycle();
      card.send(TestCard.verify(TestCard.PIN), 0x9000);
      assertTrue(ByteBuffer.wrap(card.send("00cadf0300", 0x9000)).getInt() >= greatest);
    }
  }

  @Test
  void selectLosesNoNumbers() {
    TestCard card = TestCard.verified();
    assertEquals(1, counterOf(card));
    card.send(TestCard.SELECT, 0x9000);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    assertEquals(2, counterOf(card));
  }

  @Test
  void withoutThePinNothingIsSignedAndNoNumberSpent() {
    TestCard card = TestCard.active();
    card.send(TestCard.checksum(new byte[32]), 0x6982);
    assertEquals("00000000", TestCard.text(card.send("00cadf0300", 0x9000)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33, 64})
  void digestOfAnotherLengthIsRefused(int length) {
    TestCard.verified().send(TestCard.checksum(new byte[length]), 0x6700);
  }

  @Test
  void dataObjectOfAnotherTagOrLengthIsRefused() {
    TestCard card = TestCard.verified();
    card.send(TestCard.apdu(0x2A, 0x8E80, Reference.tlv(0x81, new byte[32])), 0x6A80);
    byte[] lying = TestCard.checksum(new byte[32]);
    lying[6] = 31;
    card.send(lying, 0x6A80);
  }

  private static int counterOf(TestCard card) {
    byte[] answer = card.send(TestCard.checksum(new byte[32]), 0x9000);
    return ByteBuffer.wrap(answer, 20, 4).getInt();
  }
}
