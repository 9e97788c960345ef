package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The card's bytes against those that Python's hmac and cryptography made, on both HMAC paths. */
class VectorsTest {
  private final byte[] scratch = new byte[HandshakeKey.ANSWER_BYTES];
  private final byte[] buffer = new byte[261];
  private final Profile profile = new Profile();

  @ParameterizedTest
  @ValueSource(strings = {"first", "longest", "last_epoch"})
  void handshakeKeyIsWhatPythonComputes(String name) {
    Vector vector = Vector.load("card_handshake_" + name);
    assertEquals(vector.text("answer"), handshake(vector, new SoftwareHmac()));
    assertEquals(vector.text("answer"), handshake(vector, new NativeHmac()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"first", "late"})
  void checksumIsWhatPythonComputes(String name) {
    Vector vector = Vector.load("card_checksum_" + name);
    assertEquals(vector.text("answer"), checksum(vector, new SoftwareHmac()));
    assertEquals(vector.text("answer"), checksum(vector, new NativeHmac()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"usual", "longest"})
  void personalisationOpensWhatPythonSealed(String name) {
    Vector vector = Vector.load("card_personalise_" + name);
    personalise(vector, new SoftwareHmac());
    assertEquals(Profile.ACTIVE, profile.lifeCycle());
    assertEquals(vector.text("identity"), identity());
    assertEquals(vector.text("key"), TestCard.text(profile.key));
    assertEquals(vector.text("issuer"), TestCard.text(profile.issuerKey));
    assertEquals(vector.number("flags") == 1, profile.wantsPinPerOperation());
  }

  @Test
  void activationWipesTheTransportKey() {
    Vector vector = Vector.load("card_personalise_usual");
    assertNotEquals(vector.text("transport"), "00".repeat(32));
    personalise(vector, new NativeHmac());
    assertEquals("00".repeat(32), TestCard.text(profile.transportKey));
  }

  private String handshake(Vector vector, Hmac hmac) {
    setProfile(vector.text("card"), vector.bytes("key"));
    DurableNumber number = numberAt(vector.number("before"));
    HolderPin pin = verifiedPin();
    HandshakeKey command =
        new HandshakeKey(
            profile,
            pin,
            new Epoch(number),
            new Expand(hmac),
            new SteadyRandom(vector.bytes("r1")),
            scratch);
    byte[] apdu = TestCard.handshakeKey(vector.text("server"));
    System.arraycopy(apdu, 0, buffer, 0, apdu.length);
    short length = command.release(buffer, (short) (apdu.length - 5));
    return TestCard.text(Arrays.copyOf(buffer, length));
  }

  private String checksum(Vector vector, Hmac hmac) {
    byte[] key = Reference.expand(vector.bytes("key"), "card cc");
    System.arraycopy(key, 0, profile.checksumKey, 0, key.length);
    ChecksumCounter counter = new ChecksumCounter(numberAt(vector.number("ceiling")));
    Checksum command = new Checksum(profile, verifiedPin(), counter, hmac, scratch);
    byte[] apdu = TestCard.checksum(vector.bytes("digest"));
    System.arraycopy(apdu, 0, buffer, 0, apdu.length);
    short length = command.compute(buffer, (short) (apdu.length - 5));
    return TestCard.text(Arrays.copyOf(buffer, length));
  }

  private void personalise(Vector vector, Hmac hmac) {
    System.arraycopy(vector.bytes("transport"), 0, profile.transportKey, 0, 32);
    System.arraycopy(vector.bytes("uid"), 0, profile.uid, 0, 8);
    HolderPin pin = new HolderPin(profile, new SteadyRandom(new byte[16]), scratch);
    Personalisation command =
        new Personalisation(profile, pin, new Expand(hmac), hmac, scratch);
    byte[] apdu = TestCard.apdu(0xDB, 0x0001, vector.bytes("command"));
    System.arraycopy(apdu, 0, buffer, 0, apdu.length);
    command.load(buffer, (short) (apdu.length - 5));
  }

  private HolderPin verifiedPin() {
    HolderPin pin = new HolderPin(profile, new SteadyRandom(Reference.ascii("0123456789abcdef")), scratch);
    byte[] apdu = TestCard.verify("0123456789abcdef");
    pin.verify(apdu, (short) (apdu.length - 5));
    return pin;
  }

  private static DurableNumber numberAt(int value) {
    DurableNumber number = new DurableNumber(new CardStore());
    if (value > 0) {
      number.raise(Reference.u32(value), (short) 0);
    }
    return number;
  }

  private void setProfile(String identity, byte[] key) {
    byte[] s8 = Reference.s8(identity);
    System.arraycopy(s8, 0, profile.identity, 0, s8.length);
    System.arraycopy(key, 0, profile.key, 0, key.length);
  }

  private String identity() {
    return new String(
        profile.identity, 1, profile.identityLength(), java.nio.charset.StandardCharsets.US_ASCII);
  }
}
