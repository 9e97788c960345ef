package countersign.card;

/** Where durable bytes are written: the card's memory, or in tests one that loses power on request. */
interface Store {
  void write(byte[] from, short fromOffset, byte[] to, short toOffset, short length);
}
