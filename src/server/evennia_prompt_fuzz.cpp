// A prompt, then a zero byte and a reply: what is read has speakers and lines, and what is answered
// does nothing in a game.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "server/evennia_answer.h"
#include "server/evennia_prompt.h"
#include "server/limits.h"

namespace {

using namespace dramatis;  // NOLINT: a program of its own

void judge(const server::EvenniaTalk& talk, std::string_view said) {
  DRAMATIS_CHECK(!talk.lines.empty());
  for (std::size_t n = 1; n < talk.lines.size(); ++n)
    DRAMATIS_CHECK(talk.lines[n].role != talk.lines[n - 1].role);
  for (const auto& stop : server::evennia_stops(talk)) DRAMATIS_CHECK(stop.size() > 2);
  for (const auto why : {lm::StopReason::kEndOfTurn, lm::StopReason::kLength}) {
    const std::string line = server::evennia_line(said, talk, why);
    DRAMATIS_CHECK(line.find_first_of("\r\n") == line.npos && line.size() <= said.size());
    const std::string safe = server::evennia_safe(line);
    DRAMATIS_CHECK(safe.find_first_of("{}|\\\r\n") == safe.npos);
    // Made harmless once is harmless: nothing that was left becomes a call.
    DRAMATIS_CHECK(server::evennia_safe(safe) == safe);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = all.find('\0');
  const std::string_view said = zero == all.npos ? std::string_view() : all.substr(zero + 1);
  if (const auto talk = server::read_evennia_prompt(all.substr(0, zero))) judge(*talk, said);
  return 0;
}
