// A thread that hangs in the PC/SC service is left behind with what it still uses, on purpose: the
// tests of that are the only places from which LeakSanitizer may see it.

// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer's own name
extern "C" const char* __lsan_default_suppressions();

// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {
  return "leak:AReaderPoolWithAReaderThatHangs\n"
         "leak:HungSource\n"
         "leak:ReaderWatch::ReaderWatch\n";
}
