package countersign.card;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A file of "name: value" lines written by src/test/vectors/make_card_vectors.py. */
record Vector(Map<String, String> fields) {
  static Vector load(String name) {
    try {
      Map<String, String> fields = new HashMap<>();
      for (String line : Files.readAllLines(Path.of("src/test/vectors", name + ".vec"))) {
        String[] parts = line.split(": ", 2);
        fields.put(parts[0], parts[1]);
      }
      return new Vector(fields);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  String text(String field) {
    return fields.get(field);
  }

  byte[] bytes(String field) {
    return TestCard.hex(text(field));
  }

  int number(String field) {
    return Integer.parseInt(text(field));
  }
}
