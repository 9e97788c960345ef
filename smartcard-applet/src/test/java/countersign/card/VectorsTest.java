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
  private final Store store = new CardStore();
  private final CardMemory memory = new CardMemory(store);
  private final DurableNumber adminCounter = new DurableNumber(memory, CardMemory.ADMIN_COUNTER);

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
    assertEquals(vector.text("identity"), identity());
    assertEquals(vector.text("key"), keyAt(CardMemory.KEY));
    assertEquals(vector.text("checksum_key"), keyAt(CardMemory.CHECKSUM_KEY));
    assertEquals(vector.text("presence_key"), keyAt(CardMemory.PRESENCE_KEY));
    assertEquals(vector.text("issuer"), keyAt(CardMemory.ISSUER_KEY));
    assertEquals(vector.number("flags") == 1, memory.wantsPinPerOperation());
  }

  @Test
  void activationWipesTheTransportKey() {
    Vector vector = Vector.load("card_personalise_usual");
    assertNotEquals(vector.text("transport"), "00".repeat(32));
    personalise(vector, new NativeHmac());
    assertEquals("00".repeat(32), keyAt(CardMemory.TRANSPORT_KEY));
  }

  @ParameterizedTest
  @ValueSource(strings = {"deactivate", "activate", "terminate", "authenticate"})
  void issuersCommandOfPythonIsObeyedOnce(String name) {
    Vector vector = Vector.load("card_issuer_" + name);
    for (Hmac hmac : new Hmac[] {new SoftwareHmac(), new NativeHmac()}) {
      LifeCycle lifeCycle = issued(vector, hmac);
      Issuer issuer = new Issuer(memory, lifeCycle, adminCounter, new Expand(hmac), hmac, scratch);
      obey(issuer, vector);
      assertEquals(vector.number("after"), lifeCycle.current());
      assertEquals(TestCard.text(Reference.u32(vector.number("n"))), TestCard.text(counter()));
      assertEquals(0x6A80, DurableNumberTest.reason(() -> repeat(issuer, lifeCycle, vector)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"active", "deactivated"})
  void presenceIsWhatPythonComputes(String name) {
    Vector vector = Vector.load("card_presence_" + name);
    for (Hmac hmac : new Hmac[] {new SoftwareHmac(), new NativeHmac()}) {
      LifeCycle lifeCycle = issued(vector, hmac);
      Presence command = new Presence(memory, lifeCycle, adminCounter, hmac, scratch);
      byte[] apdu = TestCard.presence(vector.bytes("challenge"));
      System.arraycopy(apdu, 0, buffer, 0, apdu.length);
      short length = command.prove(buffer, (short) 16);
      assertEquals(vector.text("answer"), TestCard.text(Arrays.copyOf(buffer, length)));
    }
  }

  @Test
  void resetLeavesTheTransportKeyThatPythonComputes() {
    Vector vector = Vector.load("card_reset");
    for (Hmac hmac : new Hmac[] {new SoftwareHmac(), new NativeHmac()}) {
      LifeCycle lifeCycle = issued(vector, hmac);
      Issuer issuer = new Issuer(memory, lifeCycle, adminCounter, new Expand(hmac), hmac, scratch);
      obey(issuer, vector);
      issuer.reset((short) 0);
      assertEquals(LifeCycle.CREATED, lifeCycle.current());
      assertEquals(vector.text("transport"), keyAt(CardMemory.TRANSPORT_KEY));
      assertEquals("00".repeat(32), keyAt(CardMemory.ISSUER_KEY));
    }
  }

  /** A card in the life cycle and with the admin counter, UID and keys of the vector. */
  private LifeCycle issued(Vector vector, Hmac hmac) {
    set(CardMemory.UID, vector.bytes("uid"));
    set(CardMemory.ISSUER_KEY, vector.bytes("kiss"));
    set(CardMemory.PRESENCE_KEY, Reference.expand(vector.bytes("key"), "card here"));
    set(CardMemory.ADMIN_COUNTER, new byte[DurableNumber.RING_BYTES]);
    byte[] before = Reference.u32(vector.number("counter"));
    set(CardMemory.ADMIN_COUNTER, before);
    for (int i = 0; i < 4; i++) {
      memory.bytes[CardMemory.ADMIN_COUNTER + 4 + i] = (byte) ~before[i];
    }
    LifeCycle lifeCycle = new LifeCycle(memory, adminCounter, emptyPin());
    lifeCycle.change((byte) vector.number("before"));
    return lifeCycle;
  }

  private void obey(Issuer issuer, Vector vector) {
    byte[] apdu = vector.bytes("command");
    System.arraycopy(apdu, 0, buffer, 0, apdu.length);
    short length = (short) (apdu.length - 5);
    if (apdu[1] == (byte) TestCard.AUTHENTICATE) {
      issuer.authenticate(buffer, length);
    } else {
      issuer.change((byte) vector.number("after"), buffer, length);
    }
  }

  /** In the life cycle of the first time, with the keys of the first time. */
  private void repeat(Issuer issuer, LifeCycle lifeCycle, Vector vector) {
    set(CardMemory.ISSUER_KEY, vector.bytes("kiss"));
    lifeCycle.change(LifeCycle.ACTIVE);
    obey(issuer, vector);
  }

  private byte[] counter() {
    byte[] out = new byte[4];
    adminCounter.read(out, (short) 0);
    return out;
  }

  private void set(short at, byte[] value) {
    System.arraycopy(value, 0, memory.bytes, at, value.length);
  }

  private String keyAt(short at) {
    return TestCard.text(Arrays.copyOfRange(memory.bytes, at, at + 32));
  }

  private HolderPin emptyPin() {
    return new HolderPin(memory, store, new SteadyRandom(new byte[16]), scratch);
  }

  private String handshake(Vector vector, Hmac hmac) {
    setProfile(vector.text("card"), vector.bytes("key"));
    DurableNumber number = numberAt(vector.number("before"));
    HolderPin pin = verifiedPin();
    HandshakeKey command =
        new HandshakeKey(
            memory,
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
    set(CardMemory.CHECKSUM_KEY, key);
    ChecksumCounter counter = new ChecksumCounter(numberAt(vector.number("ceiling")));
    Checksum command = new Checksum(memory, verifiedPin(), counter, hmac, scratch);
    byte[] apdu = TestCard.checksum(vector.bytes("digest"));
    System.arraycopy(apdu, 0, buffer, 0, apdu.length);
    short length = command.compute(buffer, (short) (apdu.length - 5));
    return TestCard.text(Arrays.copyOf(buffer, length));
  }

  private void personalise(Vector vector, Hmac hmac) {
    HolderPin pin = emptyPin();
    LifeCycle lifeCycle = new LifeCycle(memory, adminCounter, pin);
    set(CardMemory.TRANSPORT_KEY, vector.bytes("transport"));
    set(CardMemory.UID, vector.bytes("uid"));
    Personalisation command =
        new Personalisation(memory, lifeCycle, pin, new Expand(hmac), hmac, scratch);
    byte[] apdu = TestCard.apdu(0xDB, 0x0001, vector.bytes("command"));
    System.arraycopy(apdu, 0, buffer, 0, apdu.length);
    command.load(buffer, (short) (apdu.length - 5));
    assertEquals(LifeCycle.ACTIVE, lifeCycle.current());
  }

  private HolderPin verifiedPin() {
    SteadyRandom digits = new SteadyRandom(Reference.ascii("0123456789abcdef"));
    HolderPin pin = new HolderPin(memory, store, digits, scratch);
    byte[] apdu = TestCard.verify("0123456789abcdef");
    pin.verify(apdu, (short) (apdu.length - 5));
    return pin;
  }

  private static DurableNumber numberAt(int value) {
    DurableNumber number = new DurableNumber(new CardMemory(new CardStore()), CardMemory.EPOCH);
    if (value > 0) {
      number.raise(Reference.u32(value), (short) 0);
    }
    return number;
  }

  private void setProfile(String identity, byte[] key) {
    byte[] s8 = Reference.s8(identity);
    set(CardMemory.IDENTITY, s8);
    set(CardMemory.KEY, key);
  }

  private String identity() {
    return new String(
        memory.bytes,
        CardMemory.IDENTITY + 1,
        memory.identityLength(),
        java.nio.charset.StandardCharsets.US_ASCII);
  }
}
