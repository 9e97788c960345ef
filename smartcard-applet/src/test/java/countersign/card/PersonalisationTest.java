package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PersonalisationTest {
  private static final byte[] KEY = Reference.random(32);

  private final TestCard card = TestCard.created();

  @Test
  void secondPersonalisationIsRefused() {
    byte[] command = card.personalisation((byte) 0);
    card.send(command, 0x9000);
    card.send(command, 0x6985);
    card.send(card.personalisation((byte) 0), 0x6985);
    card.powerCycle();
    card.send(command, 0x6985);
    card.send(TestCard.verify(TestCard.PIN), 0x9000);
  }

  @Test
  void anyFlippedBitIsRefusedAndTheCardStaysCreated() {
    byte[] command = card.personalisation((byte) 0);
    for (int bit = 8 * 5; bit < 8 * command.length; bit++) {
      command[bit / 8] ^= (byte) (1 << bit % 8);
      card.send(command, 0x6982);
      command[bit / 8] ^= (byte) (1 << bit % 8);
    }
    card.send(command, 0x9000);
  }

  @Test
  void whatWasSealedForAnotherCardIsRefused() {
    TestCard other = TestCard.created();
    card.send(other.personalisation((byte) 0), 0x6982);
    byte[] otherUid =
        Reference.seal(card.transportKey, other.uid, new byte[16], usual());
    card.send(TestCard.apdu(0xDB, 1, otherUid), 0x6982);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 32, 47, 49, 63, 209, 224, 240})
  void commandOfImpossibleLengthIsRefused(int length) {
    card.send(TestCard.apdu(0xDB, 1, new byte[length]), 0x6700);
  }

  @Test
  void fieldsInAnotherOrderAreRefused() {
    byte[] identity = Reference.tlv(0x81, Reference.ascii("mote-1"));
    byte[] rest = Arrays.copyOfRange(usual(), identity.length, usual().length);
    refuseContent(Reference.join(Arrays.copyOf(rest, 34), identity,
        Arrays.copyOfRange(rest, 34, rest.length)));
  }

  @Test
  void trailingBytesAreRefused() {
    refuseContent(Reference.join(usual(), new byte[] {0}));
    refuseContent(Reference.join(usual(), Reference.tlv(0x87, new byte[] {1})));
  }

  @Test
  void missingFieldIsRefused() {
    refuseContent(Arrays.copyOf(usual(), usual().length - 3));
    refuseContent(new byte[0]);
  }

  @Test
  void paddingMustBeTheOnlyRightOne() {
    byte[] plain = usual();
    byte[] padded = Arrays.copyOf(plain, plain.length / 16 * 16 + 16);
    refusePadded(padded);
    padded[plain.length] = (byte) 0x80;
    refusePadded(Arrays.copyOf(padded, padded.length + 16));
    padded[padded.length - 1] = 1;
    refusePadded(padded);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1234, 12345678",
    "a/b, 1234, 12345678",
    "a b, 1234, 12345678",
    "a, 123, 12345678",
    "a, 12345678901234567, 12345678",
    "a, 1234, 1234567",
    "a, 1234, 12345678901234567",
  })
  void illegalFieldIsRefused(String identity, String pin, String puk) {
    refuseContent(Reference.profile(identity, KEY, pin, puk, KEY, (byte) 0));
  }

  @Test
  void pinAndPukOfUnprintableBytesAreRefused() {
    refuseContent(Reference.profile("a", KEY, "12\n4", "12345678", KEY, (byte) 0));
    refuseContent(Reference.profile("a", KEY, "1234", "1234567\u007f", KEY, (byte) 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 0x80, 0xFF})
  void reservedFlagsAreRefused(int flags) {
    refuseContent(Reference.profile("a", KEY, "1234", "12345678", KEY, (byte) flags));
  }

  @Test
  void keysOfAnotherLengthAreRefused() {
    refuseContent(
        Reference.profile("a", new byte[31], "1234", "12345678", KEY, (byte) 0));
    refuseContent(
        Reference.profile("a", KEY, "1234", "12345678", new byte[33], (byte) 0));
  }

  @Test
  void longestFieldsFitOneShortCommand() {
    byte[] profile =
        Reference.profile("x".repeat(64), KEY, "9".repeat(16), "p".repeat(16), KEY, (byte) 0);
    byte[] command = card.personalisation(profile);
    assertEquals(5 + 16 + 176 + 16, command.length);
    card.send(command, 0x9000);
    card.send(TestCard.verify("9".repeat(16)), 0x9000);
  }

  private static byte[] usual() {
    return Reference.profile("mote-1", KEY, "1234", "12345678", KEY, (byte) 0);
  }

  /** Sealed as it should be, so only the content is wrong; the card must stay usable. */
  private void refuseContent(byte[] profile) {
    card.send(card.personalisation(profile), 0x6A80);
    card.send("00cadf0100", 0x6A88);
  }

  private void refusePadded(byte[] padded) {
    byte[] sealed =
        Reference.sealPadded(card.transportKey, card.uid, Reference.random(16), padded);
    card.send(TestCard.apdu(0xDB, 1, sealed), 0x6A80);
  }
}
