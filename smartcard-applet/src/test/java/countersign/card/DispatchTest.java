package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DispatchTest {
  @Test
  void selectAnswersWithTheTemplateOfTheProtocol() {
    TestCard card = TestCard.created();
    String uid = TestCard.text(card.uid);
    String wanted = "6f1f8407f0435349474e01a51480020100" + "810107" + "8208" + uid + "830101";
    assertEquals(wanted, TestCard.text(card.send(TestCard.SELECT, 0x9000)));
  }

  @Test
  void selectTellsTheLifeCycleAndTheFlagOfAnActiveCard() {
    TestCard card = TestCard.active((byte) 1);
    String fci = TestCard.text(card.send(TestCard.SELECT, 0x9000));
    assertEquals("81010f", fci.substring(34, 40));
    assertEquals("830105", fci.substring(60));
  }

  @Test
  void versionIsReadAlsoBeforePersonalisation() {
    assertEquals("010007", TestCard.text(TestCard.created().send("00cadf0600", 0x9000)));
  }

  @Test
  void identityIsFoundOnlyAfterPersonalisation() {
    TestCard card = TestCard.created();
    card.send("00cadf0100", 0x6A88);
    card.send(card.personalisation((byte) 0), 0x9000);
    assertEquals(
        TestCard.text(Reference.ascii(TestCard.IDENTITY)),
        TestCard.text(card.send("00cadf0100", 0x9000)));
  }

  @Test
  void countersOfANewCardAreZeroAndItsTriesWhole() {
    TestCard card = TestCard.active();
    assertEquals("00000000", TestCard.text(card.send("00cadf0200", 0x9000)));
    assertEquals("00000000", TestCard.text(card.send("00cadf0300", 0x9000)));
    assertEquals("0305", TestCard.text(card.send("00cadf0400", 0x9000)));
    assertEquals("00000000", TestCard.text(card.send("00cadf0500", 0x9000)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"00cadf0000", "00cadf0700", "00ca000100", "00cadfff00", "00caffff00"})
  void unknownObjectIsNotFound(String command) {
    TestCard.active().send(command, 0x6A88);
  }

  @Test
  void challengeIsSixteenBytesAndNeverTheSame() {
    TestCard card = TestCard.created();
    String first = TestCard.text(card.send("0084000010", 0x9000));
    String second = TestCard.text(card.send("0084000010", 0x9000));
    assertEquals(32, first.length());
    org.junit.jupiter.api.Assertions.assertNotEquals(first, second);
  }

  @ParameterizedTest
  @CsvSource({
    "0084000110, 6a86", // GET CHALLENGE
    "0020008004, 6a86", // VERIFY of another PIN
    "00200181, 6a86",
    "0024018104, 6a86",
    "002c008004, 6a86",
    "0088000302, 6a86",
    "002a9e9a04, 6a86",
    "00db000000, 6a86",
    "00db000300, 6a86",
    "0004000100, 6a86",
    "0044010000, 6a86",
    "0082000100, 6a86",
    "00e6800000, 6a86",
  })
  void otherParametersAreRefused(String command, String statusWord) {
    TestCard.active().send(command, Integer.parseInt(statusWord, 16));
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000", "00ff0000", "00c00000", "00fe0000"})
  void unknownInstructionIsNotSupported(String command) {
    TestCard.active().send(command, 0x6D00);
    TestCard.created().send(command, 0x6D00);
  }

  @ParameterizedTest
  @ValueSource(strings = {"80", "10", "0c", "40", "a0", "ff"})
  void otherClassesAreRefused(String classByte) {
    TestCard.active().send(classByte + "20008104" + "31323334", 0x6E00);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"00200081", "0024008104", "002c008104", "0088000102016" + "2", "002a8e8000"})
  void commandsOfAnActiveCardAreNotThereBeforePersonalisation(String command) {
    TestCard.created().send(command, 0x6985);
  }

  @Test
  void selectOfAnotherNameDoesNotFindIt() {
    TestCard.active().send("00a4040007f0435349474e02", 0x6A82);
  }
}
