package countersign.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresenceTest {
  private final TestCard card = TestCard.active();

  @Test
  void proofCoversUidStateCounterAndChallengeAndNeedsNoPin() {
    assertProves(LifeCycle.ACTIVE, 0);
    card.send(card.order(TestCard.DEACTIVATE, 0x01020304), 0x9000);
    assertProves(LifeCycle.DEACTIVATED, 0x01020304);
    card.send(card.order(TestCard.ACTIVATE, 0x01020305), 0x9000);
    assertProves(LifeCycle.ACTIVE, 0x01020305);
  }

  @Test
  void expectedLengthMayBeGiven() {
    byte[] challenge = Reference.random(16);
    byte[] withLe = Reference.join(TestCard.presence(challenge), new byte[] {21});
    assertArrayEquals(
        Reference.presence(card.key, card.uid, challenge, 5, 0), card.send(withLe, 0x9000));
  }

  @Test
  void proofSpendsNeitherEpochNorCounterNorTry() {
    card.send(TestCard.verify("0000"), 0x63C2);
    String before = state();
    assertProves(LifeCycle.ACTIVE, 0);
    org.junit.jupiter.api.Assertions.assertEquals(before, state());
  }

  @Test
  void blockedPinHidesNoCard() {
    for (int left = 2; left >= 0; left--) {
      card.send(TestCard.verify("0000"), 0x63C0 + left);
    }
    assertProves(LifeCycle.ACTIVE, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 17, 32})
  void challengeOfAnotherLengthIsRefused(int length) {
    card.send(TestCard.presence(new byte[length]), 0x6700);
  }

  private void assertProves(int lifeCycle, int counter) {
    byte[] challenge = Reference.random(16);
    assertArrayEquals(
        Reference.presence(card.key, card.uid, challenge, lifeCycle, counter),
        card.send(TestCard.presence(challenge), 0x9000));
  }

  private String state() {
    StringBuilder state = new StringBuilder();
    for (String object : new String[] {"02", "03", "04", "05"}) {
      state.append(TestCard.text(card.send("00cadf" + object + "00", 0x9000)));
    }
    return state.toString();
  }
}
