// Any bytes as a stream of any protocol -> deltas whose text is UTF-8 and whose refusals hold
// neither the key nor markup, however the bytes are split. The first byte chooses the protocol, the
// second the size of the pieces.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "remote/limits.h"
#include "remote/lines.h"
#include "remote/sse.h"
#include "remote/wire.h"
#include "text/utf8.h"

namespace {

using namespace dramatis;
using namespace dramatis::remote;

constexpr std::string_view kKey = "sk-secret";

std::vector<std::string> split(const Wire& wire, std::string_view bytes, std::size_t size) {
  SseParser events;
  LineParser lines;
  std::vector<SseEvent> heard;
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const auto part = bytes.substr(at, size);
    const Status parsed =
        wire.framing() == Framing::kLines ? lines.push(part, pieces) : events.push(part, heard);
    if (!parsed) break;
  }
  for (auto& event : heard) pieces.push_back(std::move(event.data));
  return pieces;
}

void judge(const Refusal& refusal) {
  DRAMATIS_CHECK(refusal.words.size() <= kMaxRefusalWords);
  DRAMATIS_CHECK(refusal.words.find(kKey) == std::string::npos);
  DRAMATIS_CHECK(refusal.words.find('<') == std::string::npos);
  DRAMATIS_CHECK(text::is_valid_utf8(refusal.words));
}

void judge(const Result<Delta>& delta) {
  if (!delta) {
    DRAMATIS_CHECK(delta.error().code == ErrorCode::kCorrupt);
    return;
  }
  DRAMATIS_CHECK(text::is_valid_utf8(delta->text));
  if (delta->refusal) judge(*delta->refusal);
  for (const auto& count :
       {delta->usage.prompt_tokens, delta->usage.cached_tokens, delta->usage.generated_tokens}) {
    DRAMATIS_CHECK(!count || *count <= kMaxReportedTokens);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Wire& wire = wire_of(static_cast<Protocol>(data[0] % 4));
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto pieces = split(wire, bytes, std::max<std::size_t>(bytes.size(), 1));
  DRAMATIS_CHECK(split(wire, bytes, 1 + data[1]) == pieces);
  for (const auto& piece : pieces) judge(wire.parse_piece(piece, kKey));
  judge(wire.parse_answer(bytes, kKey));
  judge(parse_refusal(bytes, kKey));
  return 0;
}
