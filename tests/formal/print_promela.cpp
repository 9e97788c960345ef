#include <iostream>
#include <string_view>

#include "promela.hpp"

/// Prints the file of formal/ that it is asked for, as the code would have it.
int main(int argc, char** argv) {
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  if (wanted == "transitions") {
    std::cout << countersign::test::promela_of_transitions();
    return 0;
  }
  if (wanted == "cases") {
    std::cout << countersign::test::promela_of_cases();
    return 0;
  }
  std::cerr << "usage: print_promela transitions|cases\n";
  return 2;
}
