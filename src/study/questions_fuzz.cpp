// Any bytes as a question set: a set or an error, never a crash; a set is read as it is printed.
#include "base/check.h"
#include "study/questions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace study = dramatis::study;
  const auto set = study::parse_questions({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (set)
    DRAMATIS_CHECK(study::parse_questions(study::print_questions(*set), "again").has_value());
  return 0;
}
