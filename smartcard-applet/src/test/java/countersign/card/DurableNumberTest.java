package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import javacard.framework.ISOException;
import org.junit.jupiter.api.Test;

class DurableNumberTest {
  @Test
  void cutAtAnyByteOfAnyWriteLeavesTheOldOrTheNewNumber() {
    int[] steps = {1, 2, 255, 256, 65535, 65536, 0x00FFFFFF, 0x01000000, 0x0FFFFFFF};
    for (int cut = 0; cut < 8; cut++) {
      TornStore store = new TornStore();
      DurableNumber number = numberOn(store);
      int old = 0;
      for (int step : steps) {
        store.cutAfter(cut);
        assertThrows(TornStore.PowerCut.class, () -> raise(number, step));
        int after = read(number);
        assertTrue(after == old || after == step, "cut at " + cut + " of " + step);
        store.powerOn();
        if (after != step) {
          raise(number, step);
        }
        assertEquals(step, read(number));
        old = step;
      }
    }
  }

  @Test
  void epochGivenOutOnceIsNeverGivenOutAgainWhereverPowerFails() {
    for (int cut = 0; cut < 40; cut++) {
      TornStore store = new TornStore();
      Epoch epoch = new Epoch(numberOn(store));
      store.cutAfter(cut);
      int greatest = 0;
      for (int i = 0; i < 12; i++) {
        byte[] out = new byte[4];
        try {
          epoch.raise(out, (short) 0);
          int given = ByteBuffer.wrap(out).getInt();
          assertTrue(given > greatest);
          greatest = given;
        } catch (TornStore.PowerCut cutNow) {
          store.powerOn();
        }
      }
    }
  }

  @Test
  void numberIsWrittenBeforeRaiseReturns() {
    TornStore store = new TornStore();
    DurableNumber number = numberOn(store);
    raise(number, 0x01020304);
    assertTrue(TestCard.text(store.shadow()).contains("01020304fefdfcfb"));
  }

  @Test
  void numberThatIsNotGreaterIsRefused() {
    DurableNumber number = numberOn(new CardStore());
    raise(number, 7);
    for (int wrong : new int[] {0, 6, 7}) {
      assertEquals(0x6581, reason(() -> raise(number, wrong)));
    }
    assertEquals(7, read(number));
  }

  @Test
  void memoryWithNoWholeSlotIsRefusedNotTakenForZero() {
    TornStore store = new TornStore();
    DurableNumber number = numberOn(store);
    raise(number, 5);
    java.util.Arrays.fill(store.memory, (byte) 0x55);
    assertEquals(0x6581, reason(() -> read(number)));
  }

  @Test
  void writesAreSpreadOverEightSlots() {
    TornStore store = new TornStore();
    DurableNumber number = numberOn(store);
    for (int i = 1; i <= 8; i++) {
      raise(number, i);
    }
    for (int i = 1; i <= 8; i++) {
      assertEquals(i, ByteBuffer.wrap(store.memory, CardMemory.EPOCH + i % 8 * 8, 4).getInt());
    }
  }

  @Test
  void epochStopsAtItsMaximum() {
    DurableNumber number = numberOn(new CardStore());
    raise(number, 0x0FFFFFFE);
    Epoch epoch = new Epoch(number);
    byte[] out = new byte[4];
    epoch.raise(out, (short) 0);
    assertEquals(0x0FFFFFFF, ByteBuffer.wrap(out).getInt());
    assertEquals(0x6984, reason(() -> epoch.raise(out, (short) 0)));
    assertEquals(0x0FFFFFFF, read(number));
  }

  @Test
  void checksumCounterStopsAtItsMaximum() {
    DurableNumber ceiling = numberOn(new CardStore());
    raise(ceiling, 0xFFFFFF80);
    ChecksumCounter counter = new ChecksumCounter(ceiling);
    byte[] out = new byte[4];
    for (int i = 1; i <= 64; i++) {
      counter.next(out, (short) 0);
      assertEquals(0xFFFFFF80 + i, ByteBuffer.wrap(out).getInt());
    }
    assertEquals(0x6984, reason(() -> counter.next(out, (short) 0)));
    assertEquals(0x6984, reason(() -> counter.next(out, (short) 0)));
  }

  @Test
  void checksumCounterNeverRepeatsWhereverPowerFails() {
    for (int cut = 0; cut < 40; cut++) {
      TornStore store = new TornStore();
      DurableNumber ceiling = numberOn(store);
      ChecksumCounter counter = new ChecksumCounter(ceiling);
      store.cutAfter(cut);
      long greatest = 0;
      for (int i = 0; i < 300; i++) {
        byte[] out = new byte[4];
        try {
          counter.next(out, (short) 0);
          long given = ByteBuffer.wrap(out).getInt();
          assertTrue(given > greatest);
          greatest = given;
        } catch (TornStore.PowerCut cutNow) {
          store.powerOn();
          counter = new ChecksumCounter(ceiling);
        }
      }
    }
  }

  private static DurableNumber numberOn(Store store) {
    return new DurableNumber(new CardMemory(store), CardMemory.EPOCH);
  }

  static int reason(Runnable action) {
    return assertThrows(ISOException.class, action::run).getReason() & 0xFFFF;
  }

  private static void raise(DurableNumber number, int value) {
    number.raise(Reference.u32(value), (short) 0);
  }

  private static int read(DurableNumber number) {
    byte[] out = new byte[4];
    number.read(out, (short) 0);
    return ByteBuffer.wrap(out).getInt();
  }
}
