// Any bytes as transcripts of another system: conversations or an error, never a crash.
#include "study/transcript.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)dramatis::study::read_transcripts({reinterpret_cast<const char*>(data), size}, "fuzz");
  return 0;
}
