package countersign.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Power fails after every byte that an operation writes, and again in every write of whatever is
 * done after the restart. Then the card is in the old state or the new one, whole; no epoch, counter
 * or number of the issuer's comes twice; and it serves.
 */
class PowerCutTest {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final String NEW_PIN = "5678";

  /** What shows from outside: life cycle and admin counter. */
  private record State(int lifeCycle, int counter) {}

  /** Commands, and every state in which a power cut may leave the card. */
  private record Operation(List<byte[]> commands, Set<State> allowed) {}

  private final TornStore store = new TornStore();
  private final TestCard card = TestCard.createdOn(store);
  private long greatestEpoch;
  private long greatestCounter;
  private long epochBefore;
  private long counterBefore;

  enum Case {
    PERSONALISE,
    PERSONALISE_AFTER_RESET,
    HANDSHAKE,
    CHECKSUM,
    WRONG_PIN,
    CHANGE_PIN,
    UNBLOCK_PIN,
    DEACTIVATE,
    DEACTIVATE_AGAIN,
    ACTIVATE,
    AUTHENTICATE,
    RESET,
    RESET_OF_DEACTIVATED,
    TERMINATE,
    TERMINATE_OF_DEACTIVATED
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void twoPowerCutsInARowLeaveTheOldOrTheNewState(Case which) {
    prepare(which);
    TornStore.Image before = store.save();
    epochBefore = greatestEpoch;
    counterBefore = greatestCounter;
    Operation operation = operation(which, observe());
    int steps = countSteps(before, operation);
    Set<Integer> marks = store.marks();
    assertTrue(steps > 0, "this operation writes nothing");
    for (int first = 0; first <= steps; first++) {
      boolean worthTwo = marks.contains(first) || first == steps;
      for (int second : worthTwo ? secondCuts(before, operation, first) : Set.of(NEVER)) {
        cutTwice(before, operation, first, second);
      }
    }
  }

  @Test
  void noPinTryComesBackByPullingTheCard() {
    prepare(Case.HANDSHAKE);
    TornStore.Image before = store.save();
    for (int cut = 0; cut < 3; cut++) {
      store.restore(before);
      int guesses = 0;
      for (int tries = 0; tries < 20 && triesLeft() > 0; tries++) {
        int left = triesLeft();
        store.cutAfter(cut);
        byte[] answer = card.transmit(TestCard.verify("0000"));
        boolean toldWrong = !store.isDead() && TestCard.statusOf(answer) >> 4 == 0x63C;
        restart(NEVER);
        guesses += toldWrong ? 1 : 0;
        assertTrue(triesLeft() == left - 1 || cut == 0 && !toldWrong, "a try came back");
      }
      assertTrue(guesses <= 3);
    }
  }

  /** Brings the card to where the operation starts, and PIN tries to where it has them. */
  private void prepare(Case which) {
    if (which == Case.PERSONALISE) {
      return;
    }
    play(new Operation(List.of(card.personalisation((byte) 0)), Set.of()));
    switch (which) {
      case PERSONALISE_AFTER_RESET ->
          play(List.of(card.order(TestCard.AUTHENTICATE, 5), TestCard.RESET));
      case ACTIVATE, DEACTIVATE_AGAIN, RESET_OF_DEACTIVATED, TERMINATE_OF_DEACTIVATED ->
          play(List.of(card.order(TestCard.DEACTIVATE, 5)));
      case UNBLOCK_PIN ->
          play(List.of(TestCard.verify("0000"), TestCard.verify("0000"), TestCard.verify("0000")));
      default -> play(useByHolder(TestCard.PIN));
    }
  }

  private Operation operation(Case which, State old) {
    int n = old.counter + 0x0101;
    byte[] authenticate = card.order(TestCard.AUTHENTICATE, n);
    return switch (which) {
      case PERSONALISE ->
          to(old, List.of(card.personalisation((byte) 0)), new State(LifeCycle.ACTIVE, 0));
      case PERSONALISE_AFTER_RESET ->
          to(old, List.of(personaliseAfterReset()), new State(LifeCycle.ACTIVE, old.counter));
      case HANDSHAKE, CHECKSUM -> to(old, useByHolder(TestCard.PIN));
      case WRONG_PIN -> to(old, List.of(TestCard.verify("0000")));
      case CHANGE_PIN -> to(old, List.of(TestCard.change(TestCard.PIN, NEW_PIN)));
      case UNBLOCK_PIN -> to(old, List.of(TestCard.unblock(TestCard.PUK, NEW_PIN)));
      case DEACTIVATE, DEACTIVATE_AGAIN ->
          to(old, List.of(card.order(TestCard.DEACTIVATE, n)), new State(LifeCycle.DEACTIVATED, n));
      case ACTIVATE ->
          to(old, List.of(card.order(TestCard.ACTIVATE, n)), new State(LifeCycle.ACTIVE, n));
      case AUTHENTICATE -> to(old, List.of(authenticate), new State(old.lifeCycle, n));
      case RESET, RESET_OF_DEACTIVATED ->
          to(
              old,
              List.of(authenticate, TestCard.RESET),
              new State(old.lifeCycle, n),
              new State(LifeCycle.CREATED, n));
      case TERMINATE, TERMINATE_OF_DEACTIVATED ->
          to(old, List.of(card.order(TestCard.TERMINATE, n)), new State(LifeCycle.TERMINATED, n));
    };
  }

  /** What somebody does with a card that has just been put back. */
  private Operation next(State old) {
    int n = old.counter + 1;
    return switch (old.lifeCycle) {
      case LifeCycle.CREATED ->
          to(old, List.of(personaliseAgain()), new State(LifeCycle.ACTIVE, old.counter));
      case LifeCycle.ACTIVE -> {
        List<byte[]> use = new java.util.ArrayList<>(useByHolder(TestCard.PIN));
        use.add(card.order(TestCard.DEACTIVATE, n));
        yield to(old, use, new State(LifeCycle.DEACTIVATED, n));
      }
      case LifeCycle.DEACTIVATED ->
          to(
              old,
              List.of(card.order(TestCard.AUTHENTICATE, n), TestCard.RESET),
              new State(LifeCycle.DEACTIVATED, n),
              new State(LifeCycle.CREATED, n));
      default -> to(old, List.of(TestCard.hex("0084000010")));
    };
  }

  private static Operation to(State old, List<byte[]> commands, State... later) {
    Set<State> allowed = new java.util.HashSet<>(List.of(later));
    allowed.add(old);
    return new Operation(commands, allowed);
  }

  private List<byte[]> useByHolder(String pin) {
    return List.of(
        TestCard.verify(pin), TestCard.handshakeKey("t"), TestCard.checksum(new byte[32]));
  }

  private int countSteps(TornStore.Image before, Operation operation) {
    restart(before);
    store.cutAfter(NEVER);
    play(operation);
    return store.stepsDone();
  }

  /** The second cut may fall into the end of the first operation, or into the next one. */
  private Set<Integer> secondCuts(TornStore.Image before, Operation operation, int first) {
    restart(before);
    store.cutAfter(first);
    play(operation);
    powerOn(NEVER);
    card.transmit(TestCard.hex(TestCard.SELECT));
    play(next(observe()));
    Set<Integer> cuts = new TreeSet<>(store.marks());
    cuts.add(store.stepsDone());
    return cuts;
  }

  private void cutTwice(TornStore.Image before, Operation operation, int first, int second) {
    restart(before);
    store.cutAfter(first);
    play(operation);

    powerOn(second);
    Set<State> allowed = operation.allowed;
    card.transmit(TestCard.hex(TestCard.SELECT));
    if (!store.isDead()) {
      State state = observe();
      assertTrue(allowed.contains(state), () -> first + ": " + state);
      Operation next = next(state);
      allowed = next.allowed;
      play(next);
    }
    restart(NEVER);
    State end = observe();
    assertTrue(allowed.contains(end), first + ", " + second + ": " + end);
    assertServes(end);
  }

  private void restart(TornStore.Image image) {
    store.restore(image);
    greatestEpoch = epochBefore;
    greatestCounter = counterBefore;
    restart(NEVER);
  }

  private void restart(int steps) {
    powerOn(steps);
    card.send(TestCard.SELECT, 0x9000);
  }

  private void powerOn(int steps) {
    card.powerOff();
    store.powerOn();
    store.cutAfter(steps);
  }

  private State observe() {
    return new State(card.lifeCycle(), card.adminCounter());
  }

  private int triesLeft() {
    return card.send("00cadf0400", 0x9000)[0];
  }

  private void play(Operation operation) {
    play(operation.commands);
  }

  /** Plays until power fails. Whatever the card gives out must be new. */
  private void play(List<byte[]> commands) {
    for (byte[] command : commands) {
      byte[] answer = card.transmit(command);
      if (store.isDead()) {
        return;
      }
      if (TestCard.statusOf(answer) == 0x9000) {
        note(command, answer);
      }
    }
  }

  private void note(byte[] command, byte[] answer) {
    if (command[1] == (byte) 0x88 && command[3] == 1) {
      long epoch = ByteBuffer.wrap(answer).getInt();
      assertTrue(epoch > greatestEpoch, "an epoch came twice");
      greatestEpoch = epoch;
    }
    if (command[1] == 0x2A) {
      long counter = ByteBuffer.wrap(answer, 20, 4).getInt();
      assertTrue(counter > greatestCounter, "a checksum counter came twice");
      greatestCounter = counter;
    }
  }

  private void assertServes(State state) {
    switch (state.lifeCycle) {
      case LifeCycle.CREATED -> {
        card.send(personaliseAgain(), 0x9000);
        assertServesHolder();
      }
      case LifeCycle.DEACTIVATED -> {
        assertProves(LifeCycle.DEACTIVATED, state.counter);
        card.send(card.order(TestCard.ACTIVATE, state.counter + 1), 0x9000);
        assertServesHolder();
      }
      case LifeCycle.ACTIVE -> assertServesHolder();
      default -> assertTerminated();
    }
  }

  private void assertServesHolder() {
    int counter = card.adminCounter();
    assertEquals(TestCard.IDENTITY, new String(card.send("00cadf0100", 0x9000)));
    assertProves(LifeCycle.ACTIVE, counter);
    enterPin();
    byte[] released = card.send(TestCard.handshakeKey("t"), 0x9000);
    note(TestCard.handshakeKey("t"), released);
    byte[] names = Reference.join(Reference.s8(TestCard.IDENTITY), Reference.s8("t"));
    assertArrayEquals(
        Reference.expand(card.key, "a+ hk", names, Arrays.copyOf(released, 20)),
        Arrays.copyOfRange(released, 20, 52));
    byte[] signed = card.send(TestCard.checksum(new byte[32]), 0x9000);
    note(TestCard.checksum(new byte[32]), signed);
    byte[] number = Arrays.copyOfRange(signed, 20, 24);
    byte[] tag = Reference.hmac(Reference.expand(card.key, "card cc"), number, new byte[32]);
    assertArrayEquals(Arrays.copyOf(tag, 16), Arrays.copyOfRange(signed, 2, 18));
    card.send(card.order(TestCard.ACTIVATE, counter), 0x6A80);
    card.send(card.order(TestCard.ACTIVATE, counter + 1), 0x9000);
  }

  /** The old PIN or the new one is right, and a PIN that lost its last try is brought back. */
  private void enterPin() {
    if (triesLeft() == 0) {
      card.send(TestCard.unblock(TestCard.PUK, TestCard.PIN), 0x9000);
    }
    byte[] old = card.transmit(TestCard.verify(TestCard.PIN));
    if (TestCard.statusOf(old) != 0x9000) {
      card.send(TestCard.unblock(TestCard.PUK, NEW_PIN), 0x9000);
      card.send(TestCard.verify(NEW_PIN), 0x9000);
    }
  }

  private void assertTerminated() {
    byte[] secrets = Arrays.copyOfRange(store.memory, CardMemory.FLAGS, CardMemory.EPOCH);
    assertArrayEquals(new byte[secrets.length], secrets);
    card.send("0084000010", 0x9000);
    card.send(TestCard.verify(TestCard.PIN), 0x6985);
    card.send(personaliseAgain(), 0x6985);
  }

  private void assertProves(int lifeCycle, int counter) {
    byte[] challenge = Reference.random(16);
    assertArrayEquals(
        Reference.presence(card.key, card.uid, challenge, lifeCycle, counter),
        card.send(TestCard.presence(challenge), 0x9000));
  }

  /** Under the key that the card was shipped with, or since a reset the one that its issuer knows. */
  private byte[] personaliseAgain() {
    byte[] shipped = card.personalisation((byte) 0);
    boolean isShipped = TestCard.text(store.memory).contains(TestCard.text(card.transportKey));
    return isShipped ? shipped : personaliseAfterReset();
  }

  private byte[] personaliseAfterReset() {
    byte[] transport = Reference.expand(card.kiss, "card reset", card.uid);
    byte[] profile =
        Reference.profile(
            TestCard.IDENTITY, card.key, TestCard.PIN, TestCard.PUK, card.kiss, (byte) 0);
    byte[] sealed = Reference.seal(transport, card.uid, Reference.random(16), profile);
    return TestCard.apdu(0xDB, 1, sealed);
  }
}
