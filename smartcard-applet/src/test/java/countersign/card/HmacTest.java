package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import javacard.security.CryptoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HmacTest {
  static Stream<Hmac> paths() {
    return Stream.of(new SoftwareHmac(), new NativeHmac());
  }

  // RFC 4231, test cases 1 to 4; 5 is truncated there; 6 and 7 have keys longer than a block
  @ParameterizedTest
  @CsvSource({
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, 4869205468657265,"
        + "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    "4a656665, 7768617420646f2079612077616e7420666f72206e6f7468696e673f,"
        + "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,"
        + "dddddddddddddddddddddddddddddddddddddddddddddddddd"
        + "dddddddddddddddddddddddddddddddddddddddddddddddddd,"
        + "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    "0102030405060708090a0b0c0d0e0f10111213141516171819,"
        + "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
        + "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd,"
        + "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c, 546573742057697468205472756e636174696f6e,"
        + "a3b6167473100ee06e0c796c2955552b",
  })
  void bothPathsGiveTheTagsOfRfc4231(String key, String message, String tag) {
    paths().forEach(hmac -> assertTrue(tagOf(hmac, key, message).startsWith(tag)));
  }

  @Test
  void bothPathsAgreeOnEveryLengthOfKeyAndMessageAroundABlock() {
    for (int length = 1; length <= 64; length++) {
      String key = TestCard.text(Reference.random(length));
      String message = TestCard.text(Reference.random(2 * length));
      String wanted =
          TestCard.text(Reference.hmac(TestCard.hex(key), TestCard.hex(message)));
      paths().forEach(hmac -> assertEquals(wanted, tagOf(hmac, key, message)));
    }
  }

  @ParameterizedTest
  @MethodSource("paths")
  void messageMayComeInPieces(Hmac hmac) {
    byte[] key = Reference.random(32);
    byte[] message = Reference.random(150);
    byte[] out = new byte[32];
    hmac.begin(key, (short) 0, (short) 32);
    for (short i = 0; i < 150; i += 15) {
      hmac.update(message, i, (short) 15);
    }
    hmac.finish(out, (short) 0);
    assertEquals(TestCard.text(Reference.hmac(key, message)), TestCard.text(out));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void beginForgetsWhatWasUnderWay(Hmac hmac) {
    hmac.begin(new byte[32], (short) 0, (short) 32);
    hmac.update(new byte[40], (short) 0, (short) 40);
    assertTrue(
        tagOf(hmac, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f")
            .startsWith("5bdcc146"));
  }

  @Test
  void keyLongerThanABlockIsRefusedNotCut() {
    Hmac hmac = new SoftwareHmac();
    assertThrows(
        CryptoException.class, () -> hmac.begin(new byte[65], (short) 0, (short) 65));
  }

  private static String tagOf(Hmac hmac, String key, String message) {
    byte[] keyBytes = TestCard.hex(key);
    byte[] messageBytes = TestCard.hex(message);
    byte[] out = new byte[32];
    hmac.begin(keyBytes, (short) 0, (short) keyBytes.length);
    hmac.update(messageBytes, (short) 0, (short) messageBytes.length);
    hmac.finish(out, (short) 0);
    return TestCard.text(out);
  }
}
