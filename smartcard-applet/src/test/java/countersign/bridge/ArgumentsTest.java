package countersign.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
  private static final String KEY = "ab".repeat(32);

  @Test
  void oneCardNeedsAPortAndAKey() {
    Arguments arguments = Arguments.parse(new String[] {"--port", "35963", "--transport-key", KEY});
    CardOptions card = arguments.cards().get(0);
    assertEquals(35963, card.port());
    assertEquals("127.0.0.1", card.host());
    assertEquals((byte) 0xAB, card.transportKey()[31]);
    assertTrue(arguments.hasConsole());
  }

  @Test
  void severalCardsShareTheOtherOptions(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("key"), KEY + "\n");
    Arguments arguments =
        Arguments.parse(
            new String[] {
              "--card", "port=1,transport=" + KEY,
              "--card", "transport=@" + file + ",port=2",
              "--host", "localhost",
              "--reconnect-ms", "7",
              "--console", "off"
            });
    assertEquals(2, arguments.cards().size());
    assertEquals(2, arguments.cards().get(1).port());
    assertEquals("localhost", arguments.cards().get(0).host());
    assertEquals(7, arguments.cards().get(0).reconnectMs());
    assertFalse(arguments.hasConsole());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--port 1",
        "--port 0 --transport-key " + "00000000000000000000000000000000",
        "--port x --transport-key y",
        "--card port=1",
        "--card colour=red",
        "--card port=1,transport=@/nonexistent",
        "--colour red",
        "--port",
      })
  void whatCannotBeMeantIsRefused(String line) {
    String[] words = line.isEmpty() ? new String[0] : line.split(" ");
    assertThrows(IllegalArgumentException.class, () -> Arguments.parse(words));
  }

  @Test
  void messageAboutAKeyDoesNotRepeatIt() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> CardOptions.parseTransportKey("abcd" + "secret"));
    assertFalse(refusal.getMessage().contains("secret"));
  }
}
