// KoboldAI's requests, and those of the old text-generation-webui -> what is asked; replies ->
// their answers. Knows no socket.
#pragma once

#include <string>
#include <string_view>

#include "lm/language_model.h"
#include "server/dialect_ask.h"

namespace dramatis::server {

// What we say that we are: clients stream from nothing else, and from no older version than 1.30.
constexpr std::string_view kKoboldName = "KoboldCpp";
constexpr std::string_view kKoboldVersion = "1.82";
constexpr std::string_view kKoboldApiVersion = "1.2.5";

struct KoboldAsk {
  Ask ask{};          // its prompt in `raw`
  std::string key{};  // by which the client may stop it; may be empty
};
[[nodiscard]] Judged<KoboldAsk> read_kobold_generate(std::string_view body);
// The key of an abort or a check; an empty body has none.
[[nodiscard]] Judged<std::string> read_kobold_key(std::string_view body);
// The text whose tokens are to be counted.
[[nodiscard]] Judged<std::string> read_kobold_prompt(std::string_view body);
// What /api/v1/model is to do: "info", "list" and so on.
[[nodiscard]] Judged<std::string> read_webui_action(std::string_view body);

[[nodiscard]] Response kobold_error(const Fault& fault);

[[nodiscard]] text::Json kobold_results(std::string_view text, lm::StopReason why,
                                        const lm::Completion& made);
// `{"results": [{"text": ...}]}` and nothing else, as the webui and Evennia have it.
[[nodiscard]] text::Json webui_results(std::string_view text);
// One event of a stream; the last has the reason and no words.
[[nodiscard]] std::string kobold_event(std::string_view token, std::string_view finish_reason);
[[nodiscard]] std::string_view kobold_finish(lm::StopReason why);

}  // namespace dramatis::server
