package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HolderPinTest {
  private static final String QUERY = "00200081";

  @Test
  void rightPinIsAccepted() {
    TestCard card = TestCard.active();
    card.send(QUERY, 0x63C3);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    card.send(QUERY, 0x9000);
  }

  @Test
  void wrongPinCountsDownToBlocked() {
    TestCard card = TestCard.active();
    card.send(TestCard.verify("0000"), 0x63C2);
    card.send(TestCard.verify("00000"), 0x63C1);
    card.send(TestCard.verify("12345"), 0x63C0);
    card.send(TestCard.verify(TestCard.PIN), 0x6983);
    card.send(QUERY, 0x6983);
    assertEquals("0005", TestCard.text(card.send("00cadf0400", 0x9000)));
  }

  @Test
  void rightPinRestoresTheTries() {
    TestCard card = TestCard.active();
    card.send(TestCard.verify("0000"), 0x63C2);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    card.send(TestCard.verify("0000"), 0x63C2);
  }

  @Test
  void wrongPinEndsTheVerifiedState() {
    TestCard card = TestCard.verified();
    card.send(TestCard.verify("0000"), 0x63C2);
    card.send(TestCard.handshakeKey("t"), 0x6982);
  }

  @Test
  void askingCostsNoTry() {
    TestCard card = TestCard.active();
    card.send(TestCard.verify("0000"), 0x63C2);
    for (int i = 0; i < 5; i++) {
      card.send(QUERY, 0x63C2);
    }
  }

  @Test
  void lostTriesSurviveLossOfPower() {
    TestCard card = TestCard.active();
    card.send(TestCard.verify("0000"), 0x63C2);
    card.powerCycle();
    card.send(QUERY, 0x63C2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "123", "12345678901234567"})
  void pinOfImpossibleLengthCostsNoTry(String pin) {
    TestCard card = TestCard.active();
    card.send(TestCard.verify(pin), 0x6700);
    card.send(QUERY, 0x63C3);
  }

  @Test
  void verifiedStateEndsWithPowerAndWithSelect() {
    TestCard card = TestCard.verified();
    card.send(TestCard.SELECT, 0x9000);
    card.send(QUERY, 0x63C3);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
    card.powerCycle();
    card.send(QUERY, 0x63C3);
  }

  @Test
  void changeReplacesThePin() {
    TestCard card = TestCard.active();
    card.send(TestCard.change(TestCard.PIN, "long secret 2026"), 0x9000);
    card.send(QUERY, 0x63C3);
    card.send(TestCard.verify(TestCard.PIN), 0x63C2);
    card.send(TestCard.verify("long secret 2026"), 0x9000);
  }

  @Test
  void changeWithTheWrongPinCountsDownToBlocked() {
    TestCard card = TestCard.active();
    card.send(TestCard.change("0000", "5555"), 0x63C2);
    card.send(TestCard.change("0000", "5555"), 0x63C1);
    card.send(TestCard.change("0000", "5555"), 0x63C0);
    card.send(TestCard.change(TestCard.PIN, "5555"), 0x6983);
  }

  @Test
  void unusableNewPinCostsNoTryAndChangesNothing() {
    TestCard card = TestCard.active();
    card.send(TestCard.change("0000", "123"), 0x6A80);
    card.send(TestCard.change("0000", "12345678901234567"), 0x6A80);
    card.send(TestCard.change("0000", "12\u007f4"), 0x6A80);
    card.send(TestCard.change("0000", "12\n4"), 0x6A80);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0024008100", // nothing
        "002400810504" + "31323334", // old alone
        "002400810a04" + "31323334" + "05" + "35353535", // new overruns
        "002400810b04" + "31323334" + "04" + "35353535" + "00", // trailing byte
        "0024008105ff" + "31323334",
      })
  void changeOfTheWrongShapeIsRefused(String command) {
    TestCard card = TestCard.active();
    card.send(command, 0x6A80);
    card.send(QUERY, 0x63C3);
  }

  @Test
  void pukUnblocksAndSetsTheNewPin() {
    TestCard card = blocked();
    card.send(TestCard.unblock(TestCard.PUK, "9876"), 0x9000);
    card.send(QUERY, 0x63C3);
    card.send(TestCard.verify("9876"), 0x9000);
    assertEquals("0305", TestCard.text(card.send("00cadf0400", 0x9000)));
  }

  @Test
  void pukCountsDownFromFiveToBlockedForGood() {
    TestCard card = blocked();
    for (int left = 4; left >= 0; left--) {
      card.send(TestCard.unblock("00000000", "9876"), 0x63C0 + left);
    }
    card.send(TestCard.unblock(TestCard.PUK, "9876"), 0x6983);
    card.powerCycle();
    card.send(TestCard.unblock(TestCard.PUK, "9876"), 0x6983);
    card.send(TestCard.verify(TestCard.PIN), 0x6983);
  }

  @Test
  void rightPukRestoresItsTries() {
    TestCard card = blocked();
    card.send(TestCard.unblock("00000000", "9876"), 0x63C4);
    card.send(TestCard.unblock(TestCard.PUK, "9876"), 0x9000);
    card.send(TestCard.unblock("00000000", "9876"), 0x63C4);
  }

  @Test
  void pukIsNotThePin() {
    TestCard card = TestCard.active();
    card.send(TestCard.verify(TestCard.PUK), 0x63C2);
    card.send(TestCard.unblock(TestCard.PIN + TestCard.PIN, "9876"), 0x63C4);
  }

  private static TestCard blocked() {
    TestCard card = TestCard.active();
    for (int left = 2; left >= 0; left--) {
      card.send(TestCard.verify("0000"), 0x63C0 + left);
    }
    return card;
  }
}
