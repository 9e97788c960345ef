package countersign.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The applet stays inside the JavaCard subset, as far as its class files show: most of what the
 * converter that makes the CAP file would refuse.
 */
class SubsetTest {
  private static final Path CLASSES = Path.of("target/classes/countersign/card");
  private static final Path SOURCES = Path.of("src/main/java/countersign/card");

  @Test
  void appletUsesNothingThatCardsLack() throws Exception {
    for (Path file : filesOf(CLASSES, ".class")) {
      assertEquals(List.of(), SubsetCheck.faults(Files.readAllBytes(file)));
      assertEquals(List.of(), OverflowCheck.faults(Files.readAllBytes(file)));
    }
  }

  @Test
  void everySourceOfTheAppletIsAmongTheClassesThatWereChecked() throws IOException {
    Set<String> checked = names(CLASSES, ".class");
    Set<String> sources = names(SOURCES, ".java");
    assertTrue(sources.size() > 15);
    assertTrue(checked.containsAll(sources), () -> sources + " and " + checked);
  }

  @Test
  void harmlessClassHasNoFaults() throws Exception {
    assertEquals(List.of(), SubsetCheck.faults(classBytes("Nothing")));
    assertEquals(List.of(), OverflowCheck.faults(classBytes("Nothing")));
  }

  @ParameterizedTest
  @CsvSource({
    "SumCompared, is compared",
    "SumAsIndex, an index",
    "SumAsIndexOfAWrite, an index",
    "SumOnOneWay, an index",
    "SumHalved, is compared; divided",
    "SumShifted, is compared; divided or shifted",
    "SumChosenBy, chosen by",
    "SumAsSize, a size",
  })
  void resultThatMayNotFitAShortIsSeen(String name, String fault) throws Exception {
    List<String> faults = OverflowCheck.faults(classBytes(name));
    String wanted = fault.replace(';', ',');
    assertTrue(faults.stream().anyMatch(seen -> seen.contains(wanted)), faults::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "IntField, field number: I",
    "IntVariable, variable sum: I",
    "IntArgument, method low: I",
    "IntResult, method same: I",
    "IntArray, array of wide elements",
    "IntConstant, constant 74565",
    "LongSum, arithmetic of",
    "LongField, field number: J",
    "FloatProduct, arithmetic of",
    "DoubleField, field number: D",
    "CharVariable, variable letter: C",
    "StringField, field text: Ljava/lang/String;",
    "StringConstant, constant text",
    "StringCall, calls java/lang/String",
    "ArrayLater, allocates in method make",
    "ObjectLater, allocates in method make",
    "TransientLater, allocates in method make",
    "DigestLater, allocates in method make",
    "KeyLater, allocates in method make",
    "PinLater, allocates in method make",
    "LibraryCall, calls java/lang/Math",
    "Lambda, invokedynamic",
    "ArrayOfArrays, array of arrays",
    "Monitor, monitor",
    "Transaction, transaction in begin",
  })
  void faultIsSeen(String name, String fault) throws IOException {
    List<String> faults = SubsetCheck.faults(classBytes(name));
    assertTrue(faults.stream().anyMatch(seen -> seen.contains(fault)), faults::toString);
  }

  private static byte[] classBytes(String name) throws IOException {
    try (InputStream in = Faulty.class.getResourceAsStream("Faulty$" + name + ".class")) {
      return in.readAllBytes();
    }
  }

  private static List<Path> filesOf(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }

  private static Set<String> names(Path directory, String suffix) throws IOException {
    return filesOf(directory, suffix).stream()
        .map(file -> file.getFileName().toString().replace(suffix, ""))
        .collect(Collectors.toSet());
  }
}
