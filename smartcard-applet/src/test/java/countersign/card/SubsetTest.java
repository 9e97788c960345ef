package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The applet stays inside the JavaCard subset. It sees what class files show; that the intermediate
 * results of arithmetic fit a short is left to the converter that makes the CAP file.
 */
class SubsetTest {
  private static final Path CLASSES = Path.of("target/classes/countersign/card");

  @Test
  void appletUsesNothingThatCardsLack() throws IOException {
    try (Stream<Path> files = Files.list(CLASSES)) {
      List<Path> classes = files.filter(file -> file.toString().endsWith(".class")).toList();
      assertTrue(classes.size() > 10);
      for (Path file : classes) {
        assertEquals(List.of(), SubsetCheck.faults(Files.readAllBytes(file)));
      }
    }
  }

  @Test
  void checkSeesEachKindOfFault() throws IOException {
    String faults = String.join("\n", SubsetCheck.faults(classBytes(Faulty.class)));
    for (String kind :
        List.of(
            "field number: I",
            "field text: Ljava/lang/String;",
            "field large: J",
            "variable local: I",
            "method takesInt: I",
            "allocates in method allocates",
            "calls java/lang/Math",
            "constant",
            "int or wider arithmetic",
            "invokedynamic")) {
      assertTrue(faults.contains(kind), kind + " in\n" + faults);
    }
    assertFalse(faults.contains("allocates in method <init>"));
  }

  private static byte[] classBytes(Class<?> type) throws IOException {
    try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      return in.readAllBytes();
    }
  }
}
