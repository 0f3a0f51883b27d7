// Any bytes as a journal of a talk: a talk or an error, never a crash.
#include "arena/folder_store.h"
#include "text/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto read = dramatis::text::read_records(bytes, "fuzz"))
    (void)dramatis::arena::talk_of_records(read->records);
  return 0;
}
