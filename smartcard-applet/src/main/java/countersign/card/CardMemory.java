package countersign.card;

/**
 * Every durable byte of the applet, the two PIN objects apart. Others read {@code bytes}; whoever
 * writes does it through {@link #write}, and so through the store.
 *
 * <pre>
 *  size  field
 *  8     uid
 *  1     phase              of {@link LifeCycle}
 *  4     ordered number     of the change that the phase says is under way
 *  1     flags              bit 0: the PIN is wanted for each operation   from here, the holder's
 *  65    identity           u8 length, then up to 64 bytes
 *  32    k
 *  32    K_cc
 *  32    K_here
 *  32    Kiss                                                             to here
 *  32    transport key      zero unless CREATED
 *  64    epoch              a {@link DurableNumber} each
 *  64    checksum ceiling
 *  64    admin counter
 * </pre>
 */
final class CardMemory {
  static final short UID = 0;
  static final short PHASE = (short) (UID + Wire.UID_BYTES);
  static final short ORDERED_NUMBER = (short) (PHASE + 1);
  static final short FLAGS = (short) (ORDERED_NUMBER + Wire.U32_BYTES);
  static final short IDENTITY = (short) (FLAGS + 1);
  static final short KEY = (short) (IDENTITY + 1 + Wire.MAX_IDENTITY_BYTES);
  static final short CHECKSUM_KEY = (short) (KEY + Wire.KEY_BYTES);
  static final short PRESENCE_KEY = (short) (CHECKSUM_KEY + Wire.KEY_BYTES);
  static final short ISSUER_KEY = (short) (PRESENCE_KEY + Wire.KEY_BYTES);
  static final short TRANSPORT_KEY = (short) (ISSUER_KEY + Wire.KEY_BYTES);
  static final short EPOCH = (short) (TRANSPORT_KEY + Wire.KEY_BYTES);
  static final short CHECKSUM_CEILING = (short) (EPOCH + DurableNumber.RING_BYTES);
  static final short ADMIN_COUNTER = (short) (CHECKSUM_CEILING + DurableNumber.RING_BYTES);
  static final short BYTES = (short) (ADMIN_COUNTER + DurableNumber.RING_BYTES);

  static final byte FLAG_PIN_PER_OPERATION = 1;

  /** Persistent, never written. */
  private static final byte[] ZEROS = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  final byte[] bytes;
  private final Store store;

  CardMemory(Store store) {
    this.store = store;
    bytes = new byte[BYTES];
  }

  void write(byte[] from, short fromOffset, short at, short length) {
    store.write(from, fromOffset, bytes, at, length);
  }

  /** Keys, identity and flags. A power cut leaves some of them: say durably first what is meant. */
  void eraseHolder() {
    erase(FLAGS, TRANSPORT_KEY);
  }

  void eraseTransportKey() {
    erase(TRANSPORT_KEY, EPOCH);
  }

  boolean wantsPinPerOperation() {
    return (bytes[FLAGS] & FLAG_PIN_PER_OPERATION) != 0;
  }

  /** 0 on a card that is nobody's. */
  short identityLength() {
    return (short) (bytes[IDENTITY] & 0xFF);
  }

  private void erase(short from, short end) {
    for (short at = from; at < end; at += Wire.KEY_BYTES) {
      short rest = (short) (end - at);
      store.write(ZEROS, (short) 0, bytes, at, rest < Wire.KEY_BYTES ? rest : Wire.KEY_BYTES);
    }
  }
}
