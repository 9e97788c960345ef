package countersign.card;

/** HMAC-SHA-256 (RFC 2104) in three steps: begin, update, finish. Keys are 1 to 64 bytes. */
interface Hmac {
  /** Starts over with this key; whatever was under way is forgotten. */
  void begin(byte[] key, short offset, short length);

  void update(byte[] input, short offset, short length);

  /** Writes 32 bytes to {@code out} and forgets the key. */
  void finish(byte[] out, short offset);
}
