package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssuerTest {
  private final TestCard card = TestCard.active();

  @ParameterizedTest
  @ValueSource(
      ints = {TestCard.DEACTIVATE, TestCard.ACTIVATE, TestCard.TERMINATE, TestCard.AUTHENTICATE})
  void anyFlippedBitIsRefusedAndSpendsNothing(int instruction) {
    byte[] order = card.order(instruction, 0x01020304);
    for (int bit = 8 * 5; bit < 8 * order.length; bit++) {
      order[bit / 8] ^= (byte) (1 << bit % 8);
      card.send(order, 0x6982);
      order[bit / 8] ^= (byte) (1 << bit % 8);
    }
    assertEquals(0, card.adminCounter());
    assertEquals(LifeCycle.ACTIVE, card.lifeCycle());
    card.send(order, 0x9000);
    assertEquals(0x01020304, card.adminCounter());
  }

  @Test
  void orderForOneInstructionIsNoOrderForAnother() {
    byte[] order = card.order(TestCard.ACTIVATE, 1);
    for (int instruction : new int[] {TestCard.DEACTIVATE, TestCard.TERMINATE, 0x82}) {
      order[1] = (byte) instruction;
      card.send(order, 0x6982);
    }
  }

  @Test
  void orderForAnotherCardOrOfAnotherIssuerIsRefused() {
    TestCard other = TestCard.active();
    card.send(other.order(TestCard.DEACTIVATE, 1), 0x6982);
    byte[] otherUid = Reference.order(card.kiss, other.uid, TestCard.DEACTIVATE, 1);
    card.send(TestCard.apdu(TestCard.DEACTIVATE, 0, otherUid), 0x6982);
    assertEquals(LifeCycle.ACTIVE, card.lifeCycle());
  }

  @Test
  void numberMustBeGreaterThanEveryOneBefore() {
    card.send(card.order(TestCard.DEACTIVATE, 100), 0x9000);
    for (int spent : new int[] {0, 1, 99, 100}) {
      card.send(card.order(TestCard.ACTIVATE, spent), 0x6A80);
      card.send(card.order(TestCard.AUTHENTICATE, spent), 0x6A80);
      card.send(card.order(TestCard.TERMINATE, spent), 0x6A80);
    }
    card.powerCycle();
    card.send(card.order(TestCard.DEACTIVATE, 100), 0x6A80);
    assertEquals(LifeCycle.DEACTIVATED, card.lifeCycle());
    card.send(card.order(TestCard.ACTIVATE, 101), 0x9000);
  }

  @Test
  void numbersAreUnsignedAndEndAtTheirMaximum() {
    card.send(card.order(TestCard.DEACTIVATE, 0x7FFFFFFF), 0x9000);
    card.send(card.order(TestCard.ACTIVATE, 0x80000000), 0x9000);
    card.send(card.order(TestCard.DEACTIVATE, -1), 0x9000);
    card.send(card.order(TestCard.ACTIVATE, -1), 0x6A80);
    card.send(card.order(TestCard.ACTIVATE, 0), 0x6A80);
  }

  @Test
  void wrongTagIsToldBeforeASpentNumber() {
    card.send(card.order(TestCard.DEACTIVATE, 5), 0x9000);
    byte[] order = card.order(TestCard.ACTIVATE, 5);
    order[24] ^= 1;
    card.send(order, 0x6982);
  }

  @Test
  void commandForWhatIsAlreadySoIsAcceptedAndSpendsItsNumber() {
    card.send(card.order(TestCard.ACTIVATE, 1), 0x9000);
    assertEquals(1, card.adminCounter());
    card.send(card.order(TestCard.DEACTIVATE, 2), 0x9000);
    card.send(card.order(TestCard.DEACTIVATE, 3), 0x9000);
    assertEquals(3, card.adminCounter());
    assertEquals(LifeCycle.DEACTIVATED, card.lifeCycle());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 16, 19, 21, 36})
  void orderOfAnotherLengthIsRefused(int length) {
    for (int instruction : new int[] {0x04, 0x44, 0xE6, 0x82}) {
      card.send(TestCard.apdu(instruction, 0, new byte[length]), 0x6700);
    }
  }

  @Test
  void resetNeedsTheIssuerInTheSameSelection() {
    card.send(TestCard.RESET, 0x6982);
    card.send(card.order(TestCard.AUTHENTICATE, 1), 0x9000);
    card.send(TestCard.SELECT, 0x9000);
    card.send(TestCard.RESET, 0x6982);
    card.send(card.order(TestCard.AUTHENTICATE, 2), 0x9000);
    card.powerCycle();
    card.send(TestCard.RESET, 0x6982);
    assertEquals(LifeCycle.ACTIVE, card.lifeCycle());
  }

  @Test
  void authenticationThatFailsEndsTheOneBefore() {
    card.send(card.order(TestCard.AUTHENTICATE, 1), 0x9000);
    card.send(card.order(TestCard.AUTHENTICATE, 1), 0x6A80);
    card.send(TestCard.RESET, 0x6982);
    card.send(card.order(TestCard.AUTHENTICATE, 2), 0x9000);
    card.send(TestCard.apdu(TestCard.AUTHENTICATE, 0, new byte[20]), 0x6982);
    card.send(TestCard.RESET, 0x6982);
    card.send(card.order(TestCard.AUTHENTICATE, 3), 0x9000);
    card.send(TestCard.apdu(TestCard.AUTHENTICATE, 0, new byte[3]), 0x6700);
    card.send(TestCard.RESET, 0x6982);
  }

  @Test
  void otherIssuersCommandsAuthenticateNobody() {
    card.send(card.order(TestCard.DEACTIVATE, 1), 0x9000);
    card.send(card.order(TestCard.ACTIVATE, 2), 0x9000);
    card.send(TestCard.RESET, 0x6982);
  }

  @Test
  void resetWithDataIsRefusedAndOneAuthenticationIsGoodForOneReset() {
    card.send(card.order(TestCard.AUTHENTICATE, 1), 0x9000);
    card.send(TestCard.apdu(0xDB, 2, new byte[1]), 0x6700);
    card.send(TestCard.RESET, 0x9000);
    byte[] transport = Reference.expand(card.kiss, "card reset", card.uid);
    byte[] profile = Reference.profile("a", card.key, "1234", "12345678", card.kiss, (byte) 0);
    byte[] sealed = Reference.seal(transport, card.uid, Reference.random(16), profile);
    card.send(TestCard.apdu(0xDB, 1, sealed), 0x9000);
    card.send(TestCard.RESET, 0x6982);
  }
}
