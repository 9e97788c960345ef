package countersign.card;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** What anybody may read: the answer to SELECT and the objects of GET DATA. */
final class CardInfo {
  /** Bits of the capabilities byte. */
  static final byte CAPABILITY_CHECKSUM = 1;

  static final byte CAPABILITY_NATIVE_HMAC = 2;

  /** The issuer's commands, presence proofs and factory reset. */
  static final byte CAPABILITY_REMOTE = 4;

  static final byte CAPABILITY_PIN_PER_OPERATION = 8;

  private static final byte TAG_FCI = (byte) 0x6F;
  private static final byte TAG_AID = (byte) 0x84;
  private static final byte TAG_PROPRIETARY = (byte) 0xA5;
  private static final byte TAG_VERSION = (byte) 0x80;
  private static final byte TAG_CAPABILITIES = (byte) 0x81;
  private static final byte TAG_UID = (byte) 0x82;
  private static final byte TAG_LIFE_CYCLE = (byte) 0x83;
  private static final short PROPRIETARY_BYTES = (short) (4 + 3 + (2 + Wire.UID_BYTES) + 3);

  private static final byte[] AID = {(byte) 0xF0, 'C', 'S', 'I', 'G', 'N', 1};

  private final CardMemory memory;
  private final LifeCycle lifeCycle;
  private final HolderPin pin;
  private final Epoch epoch;
  private final ChecksumCounter checksums;
  private final DurableNumber adminCounter;
  private final boolean nativeHmac;

  CardInfo(
      CardMemory memory,
      LifeCycle lifeCycle,
      HolderPin pin,
      Epoch epoch,
      ChecksumCounter checksums,
      DurableNumber adminCounter,
      boolean nativeHmac) {
    this.memory = memory;
    this.lifeCycle = lifeCycle;
    this.pin = pin;
    this.epoch = epoch;
    this.checksums = checksums;
    this.adminCounter = adminCounter;
    this.nativeHmac = nativeHmac;
  }

  /** 6F { 84 AID, A5 { 80 version, 81 capabilities, 82 UID, 83 life cycle } } */
  short select(byte[] buffer) {
    short end = 0;
    buffer[end++] = TAG_FCI;
    buffer[end++] = (byte) (2 + AID.length + 2 + PROPRIETARY_BYTES);
    buffer[end++] = TAG_AID;
    buffer[end++] = (byte) AID.length;
    end = Util.arrayCopyNonAtomic(AID, (short) 0, buffer, end, (short) AID.length);
    buffer[end++] = TAG_PROPRIETARY;
    buffer[end++] = (byte) PROPRIETARY_BYTES;
    return writeProprietary(buffer, end);
  }

  private short writeProprietary(byte[] buffer, short start) {
    short end = start;
    buffer[end++] = TAG_VERSION;
    buffer[end++] = 2;
    end = Util.setShort(buffer, end, Wire.VERSION);
    buffer[end++] = TAG_CAPABILITIES;
    buffer[end++] = 1;
    buffer[end++] = capabilities();
    buffer[end++] = TAG_UID;
    buffer[end++] = (byte) Wire.UID_BYTES;
    end = Util.arrayCopyNonAtomic(memory.bytes, CardMemory.UID, buffer, end, Wire.UID_BYTES);
    buffer[end++] = TAG_LIFE_CYCLE;
    buffer[end++] = 1;
    buffer[end++] = lifeCycle.current();
    return end;
  }

  /** GET DATA: the value alone, as ISO 7816-4 has it for an even INS. */
  short read(byte[] buffer) {
    switch (Wire.parameters(buffer)) {
      case Wire.DATA_IDENTITY:
        return readIdentity(buffer);
      case Wire.DATA_EPOCH:
        epoch.read(buffer, (short) 0);
        return Wire.U32_BYTES;
      case Wire.DATA_CHECKSUM_COUNTER:
        checksums.read(buffer, (short) 0);
        return Wire.U32_BYTES;
      case Wire.DATA_TRIES_LEFT:
        buffer[0] = pin.pinTriesLeft();
        buffer[1] = pin.pukTriesLeft();
        return 2;
      case Wire.DATA_ADMIN_COUNTER:
        adminCounter.read(buffer, (short) 0);
        return Wire.U32_BYTES;
      case Wire.DATA_VERSION:
        Util.setShort(buffer, (short) 0, Wire.VERSION);
        buffer[2] = capabilities();
        return 3;
      default:
        ISOException.throwIt(Wire.SW_NOT_FOUND);
        return 0;
    }
  }

  private short readIdentity(byte[] buffer) {
    byte state = lifeCycle.current();
    boolean issued = state == LifeCycle.ACTIVE || state == LifeCycle.DEACTIVATED;
    Wire.require(issued, Wire.SW_NOT_FOUND);
    short start = (short) (CardMemory.IDENTITY + 1);
    return Util.arrayCopyNonAtomic(memory.bytes, start, buffer, (short) 0, memory.identityLength());
  }

  private byte capabilities() {
    byte bits = CAPABILITY_CHECKSUM | CAPABILITY_REMOTE;
    if (nativeHmac) {
      bits |= CAPABILITY_NATIVE_HMAC;
    }
    if (memory.wantsPinPerOperation()) {
      bits |= CAPABILITY_PIN_PER_OPERATION;
    }
    return bits;
  }
}
