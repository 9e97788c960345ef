package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.licel.jcardsim.base.Simulator;
import countersign.bridge.SimulatedCard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
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

  /**
   * Each card in a JVM of its own that is told nothing, as the bridge starts: left to itself the
   * simulator draws the same bytes there every time.
   */
  @Test
  void cardsOfTwoProcessesShareNoRandomBytes() throws Exception {
    List<String> first = freshCard();
    List<String> second = freshCard();
    assertNotEquals(first.get(0), second.get(0), "UID");
    assertNotEquals(first.get(1), second.get(1), "challenge");
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

  /** UID and challenge of the card of a new process. */
  private static List<String> freshCard() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath = System.getProperty("java.class.path");
    Process process =
        new ProcessBuilder(java, "-cp", classPath, FreshCard.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertEquals(0, process.waitFor(), said);
    List<String> lines = said.lines().toList();
    assertEquals(List.of(16, 36), lines.stream().map(String::length).toList(), said);
    return lines;
  }

  /** Puts a card of the bridge into this process and prints its UID and its first challenge. */
  static final class FreshCard {
    private FreshCard() {}

    public static void main(String[] args) {
      SimulatedCard card = new SimulatedCard(new byte[32]);
      card.transmit(TestCard.hex(TestCard.SELECT));
      System.out.println(card.uid());
      System.out.println(TestCard.text(card.transmit(TestCard.hex("0084000010"))));
    }
  }
}
