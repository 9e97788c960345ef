package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.licel.jcardsim.base.Simulator;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstallTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33, 64})
  void cardWithoutAWholeTransportKeyIsNotInstalled(int length) {
    byte[] parameters = TestCard.installParameters(Reference.random(length));
    assertThrows(RuntimeException.class, () -> TestCard.install(new Simulator(), parameters));
  }

  @Test
  void cardWithoutParametersIsNotInstalled() {
    assertThrows(RuntimeException.class, () -> TestCard.install(new Simulator(), new byte[0]));
  }

  @Test
  void trailingBytesInTheParametersAreRefused() {
    byte[] parameters =
        Reference.join(TestCard.installParameters(Reference.random(32)), new byte[1]);
    assertThrows(RuntimeException.class, () -> TestCard.install(new Simulator(), parameters));
  }

  @Test
  void simulatorsRandomnessIsTheSecureOne() {
    assertEquals("1", System.getProperty("com.licel.jcardsim.randomdata.secure"));
  }

  @Test
  void noTwoCardsShareAUid() {
    Set<String> uids = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      uids.add(TestCard.text(TestCard.created().uid));
    }
    assertEquals(8, uids.size());
  }

  @Test
  void noTwoCardsShareAChallenge() {
    Set<String> challenges = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      challenges.add(TestCard.text(TestCard.created().send("0084000010", 0x9000)));
    }
    assertEquals(8, challenges.size());
  }

  @Test
  void uidSurvivesLossOfPower() {
    TestCard card = TestCard.created();
    card.powerCycle();
    byte[] fci = card.send(TestCard.SELECT, 0x9000);
    assertEquals(TestCard.text(card.uid), TestCard.text(fci).substring(44, 60));
  }
}
