package countersign.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CardSlotTest {
  private static final String SELECT = "00a4040007f0435349474e01";
  private static final String CHALLENGE = "0084000010";

  private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();
  private final SimulatedCard card = new SimulatedCard(new byte[32]);
  private FakeVpcd vpcd;
  private CardSlot slot;
  private Thread thread;

  @BeforeEach
  void start() throws IOException {
    vpcd = new FakeVpcd();
    slot = slotOf(0, vpcd, card);
    thread = new Thread(slot);
    thread.start();
    vpcd.accept();
  }

  @AfterEach
  void stop() throws IOException, InterruptedException {
    slot.end();
    thread.join();
    vpcd.close();
  }

  @Test
  void atrIsAnsweredAndPowerAndResetAreNot() throws IOException {
    for (String silent : new String[] {"01", "02", "00"}) {
      vpcd.tell(silent);
      assertEquals("3b80800101", vpcd.ask("04"));
    }
  }

  @Test
  void cardIsReadyOncePowered() throws Exception {
    vpcd.ask("04");
    assertTrue(reports.isEmpty());
    vpcd.tell(FakeVpcd.POWER_ON);
    assertEquals("ready 0 " + card.uid(), nextReport());
    vpcd.tell(FakeVpcd.POWER_ON);
    vpcd.ask("04");
    assertTrue(reports.isEmpty());
  }

  @Test
  void commandsReachTheApplet() throws IOException {
    String fci = vpcd.ask(SELECT);
    assertTrue(fci.startsWith("6f1f8407f0435349474e01"));
    assertTrue(fci.endsWith("9000"));
    assertTrue(fci.contains(card.uid()));
  }

  @Test
  void commandTooShortToBeOneIsRefusedAndTheCardGoesOn() throws IOException {
    for (String scrap : new String[] {"0020", "002000", "0020008105", "00200081ff31"}) {
      assertEquals(4, vpcd.ask(scrap).length());
    }
    assertTrue(vpcd.ask(SELECT).endsWith("9000"));
  }

  @Test
  void strangeControlCodeHangsUp() throws Exception {
    vpcd.tell("09");
    thread.join();
    assertEquals("gone 0", nextReport());
  }

  @Test
  void resetUnselectsTheApplet() throws IOException {
    vpcd.ask(SELECT);
    assertTrue(vpcd.ask(CHALLENGE).endsWith("9000"));
    vpcd.tell("02");
    assertFalse(vpcd.ask(CHALLENGE).endsWith("9000"));
  }

  @Test
  void ejectedCardHangsUpAndKeepsItsMemoryUntilInserted() throws Exception {
    vpcd.ask(SELECT);
    slot.eject();
    assertTrue(vpcd.isHungUp());
    slot.insert();
    vpcd.accept();
    assertFalse(vpcd.ask(CHALLENGE).endsWith("9000"));
    assertTrue(vpcd.ask(SELECT).contains(card.uid()));
  }

  @Test
  void trapPullsTheCardBeforeOrDuringTheChosenCommandOnly() throws Exception {
    for (boolean afterwards : new boolean[] {false, true}) {
      slot.set(new Trap(0x84, afterwards));
      vpcd.ask(SELECT);
      vpcd.tell(CHALLENGE);
      assertTrue(vpcd.isHungUp());
      assertEquals("pulled 0 84", nextReport());
      slot.insert();
      vpcd.accept();
      vpcd.ask(SELECT);
      assertTrue(vpcd.ask(CHALLENGE).endsWith("9000"));
    }
  }

  @Test
  void exchangedCardsAnswerInEachOthersReaders() throws Exception {
    SimulatedCard otherCard = new SimulatedCard(new byte[32]);
    assertNotEquals(card.uid(), otherCard.uid());
    try (FakeVpcd otherVpcd = new FakeVpcd()) {
      CardSlot otherSlot = slotOf(1, otherVpcd, otherCard);
      Thread otherThread = new Thread(otherSlot);
      otherThread.start();
      otherVpcd.accept();
      CardSlot.exchange(slot, otherSlot);
      vpcd.accept();
      otherVpcd.accept();
      assertTrue(vpcd.ask(SELECT).contains(otherCard.uid()));
      assertTrue(otherVpcd.ask(SELECT).contains(card.uid()));
      otherSlot.end();
      otherThread.join();
    }
  }

  @Test
  void slotEndsWhenVpcdIsGone() throws Exception {
    vpcd.close();
    thread.join();
    assertEquals("gone 0", nextReport());
  }

  @Test
  void slotComesBackWithinItsPatience() throws Exception {
    try (FakeVpcd patient = new FakeVpcd()) {
      CardOptions options =
          new CardOptions("127.0.0.1", patient.port(), new byte[32], 5000, 5000);
      CardSlot returning = new CardSlot(2, options, card, reports::add);
      Thread returningThread = new Thread(returning);
      returningThread.start();
      patient.accept();
      patient.hangUp();
      patient.accept();
      assertTrue(patient.ask(SELECT).endsWith("9000"));
      returning.end();
      returningThread.join();
    }
  }

  private CardSlot slotOf(int index, FakeVpcd reader, SimulatedCard inside) {
    CardOptions options = new CardOptions("127.0.0.1", reader.port(), new byte[32], 5000, 0);
    return new CardSlot(index, options, inside, reports::add);
  }

  private String nextReport() throws InterruptedException {
    return reports.poll(10, TimeUnit.SECONDS);
  }
}
