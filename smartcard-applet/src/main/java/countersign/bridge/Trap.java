package countersign.bridge;

/**
 * Pulls the card at a chosen command.
 *
 * @param instruction the INS to wait for, or {@link #ANY}
 * @param afterwards true: the card runs the command and the answer is lost; false: it never sees it
 */
record Trap(int instruction, boolean afterwards) {
  static final int ANY = -1;

  boolean catches(byte[] command) {
    return instruction == ANY || (command.length > 1 && (command[1] & 0xFF) == instruction);
  }
}
