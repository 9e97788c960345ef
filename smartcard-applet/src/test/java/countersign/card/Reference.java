package countersign.card;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The other end of the protocol, on the JDK's cryptography: shares nothing with the applet. */
final class Reference {
  private Reference() {}

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] join(byte[]... parts) {
    ByteBuffer out = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
    for (byte[] part : parts) {
      out.put(part);
    }
    return out.array();
  }

  static byte[] u32(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  static byte[] s8(String text) {
    return join(new byte[] {(byte) text.length()}, ascii(text));
  }

  static byte[] tlv(int tag, byte[] value) {
    return join(new byte[] {(byte) tag, (byte) value.length}, value);
  }

  static byte[] hmac(byte[] key, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(join(parts));
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError(impossible);
    }
  }

  static byte[] expand(byte[] key, String label, byte[]... context) {
    byte[] prefix = join(ascii("cs1 " + label), new byte[] {0});
    return hmac(key, prefix, join(context), new byte[] {1});
  }

  /** The data of an issuer's command: n and tag. */
  static byte[] order(byte[] kiss, byte[] uid, int instruction, int number) {
    byte[] n = u32(number);
    byte[] tag = hmac(expand(kiss, "card adm", uid), new byte[] {(byte) instruction}, n);
    return join(n, Arrays.copyOf(tag, 16));
  }

  /** The answer to INTERNAL AUTHENTICATE (presence). */
  static byte[] presence(
      byte[] key, byte[] uid, byte[] challenge, int lifeCycle, int adminCounter) {
    byte[] state = join(new byte[] {(byte) lifeCycle}, u32(adminCounter));
    byte[] proof = hmac(expand(key, "card here"), uid, state, challenge);
    return join(state, Arrays.copyOf(proof, 16));
  }

  static byte[] profile(
      String identity, byte[] key, String pin, String puk, byte[] issuerKey, byte flags) {
    return join(
        tlv(0x81, ascii(identity)),
        tlv(0x82, key),
        tlv(0x83, ascii(pin)),
        tlv(0x84, ascii(puk)),
        tlv(0x85, issuerKey),
        tlv(0x86, new byte[] {flags}));
  }

  static byte[] seal(byte[] transportKey, byte[] uid, byte[] iv, byte[] plain) {
    byte[] padded = Arrays.copyOf(plain, plain.length / 16 * 16 + 16);
    padded[plain.length] = (byte) 0x80;
    return sealPadded(transportKey, uid, iv, padded);
  }

  static byte[] sealPadded(byte[] transportKey, byte[] uid, byte[] iv, byte[] padded) {
    try {
      byte[] key = Arrays.copyOf(expand(transportKey, "card perso enc", uid), 16);
      Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
      byte[] sealed = join(iv, cipher.doFinal(padded));
      byte[] tag = hmac(expand(transportKey, "card perso mac", uid), sealed);
      return join(sealed, Arrays.copyOf(tag, 16));
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
