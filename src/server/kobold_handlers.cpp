// Requests of KoboldAI's and the webui's clients -> replies, whole or as events.
#include "server/kobold_handlers.h"

#include <fmt/format.h>

#include "server/dialect_limits.h"
#include "server/dialect_play.h"
#include "server/dialect_telling.h"
#include "server/evennia_answer.h"
#include "server/evennia_play.h"
#include "server/kobold_wire.h"
#include "server/print.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

// Writes down what goes out, so that it can be looked at and outlives a stop.
class NotingSink final : public lm::TextSink {
 public:
  NotingSink(Generations::Entry& entry, lm::TextSink& out) : entry_(entry), out_(out) {}
  [[nodiscard]] lm::Go write(std::string_view text) override {
    entry_.add(text);
    return out_.write(text);
  }

 private:
  Generations::Entry& entry_;
  lm::TextSink& out_;
};

// A client's key among those of the same caller: nobody stops or reads another's reply.
std::string own_key(const Call& call, std::string_view key) {
  return fmt::format("{}\n{}", static_cast<std::uint64_t>(lane_of(call.who)), key);
}

struct Continued {
  std::string text{};
  lm::Completion made{};
};

// Who goes on from a text: the model, or an NPC that the client names, to whom it is a message.
Judged<Continued> go_on(Dialects& with, const Call& call, const KoboldAsk& asked, lm::TextSink& out,
                        const std::stop_token& reader) {
  DRAMATIS_TRY(const auto who, find_model(asked.ask.model, with.with));
  Ask ask = asked.ask;
  if (who.actor) {
    ask.messages = in_turns({{.role = lm::Role::kPlayer, .text = *ask.raw}});
    ask.raw.reset();
  }
  Generations::Entry entry(with.generations, own_key(call, asked.key));
  // Whoever leaves stops the work as an abort does.
  const std::stop_callback leaves(reader, [&entry] { entry.stop(); });
  NotingSink noting(entry, out);
  auto played = play_within_quota(with, call, ask, who,
                                  {.sink = noting,
                                   .deadline = with.with.clock.steady() + with.api.turn_time,
                                   .stop = entry.token()});
  if (played) return Continued{.text = std::move(played->text), .made = std::move(played->made)};
  const bool is_aborted = played.error().code == ErrorCode::kCancelled &&
                          entry.token().stop_requested() && !reader.stop_requested();
  if (!is_aborted) return tl::unexpected(std::move(played).error());
  return Continued{.text = entry.text(), .made = {}};
}

Response value_response(std::size_t value) {
  return json_response(200, JsonObject{{"value", value}});
}

}  // namespace

void answer_kobold_generate(Dialects& with, const Call& call, Answer& answer) {
  auto asked = read_kobold_generate(call.request.body);
  if (!asked) return answer.respond(kobold_error(asked.error()));
  read_head_of(call, asked->ask);
  if (const auto talk = talk_in(asked->ask, Reading::kAnyTalk); talk && asked->key.empty()) {
    const auto talked = play_talk(with, call, asked->ask, nullptr, *talk, answer.stop());
    if (!talked) return answer.respond(kobold_error(talked.error()));
    return answer.respond(json_response(200, webui_results(evennia_safe(talked->line))));
  }
  SilentSink quiet;
  const auto made = go_on(with, call, *asked, quiet, answer.stop());
  if (!made) return answer.respond(kobold_error(made.error()));
  answer.respond(json_response(200, kobold_results(made->text, made->made.why, made->made)));
}

void answer_kobold_stream(Dialects& with, const Call& call, Answer& answer) {
  auto asked = read_kobold_generate(call.request.body);
  if (!asked) return answer.respond(kobold_error(asked.error()));
  read_head_of(call, asked->ask);
  StreamSink stream(answer, kEventStream,
                    [](std::string_view words) { return kobold_event(words, ""); });
  const auto made = go_on(with, call, *asked, stream, answer.stop());
  if (made) {
    stream.send(kobold_event("", kobold_finish(made->made.why)));
  } else if (stream.begun()) {
    stream.send(kobold_event("", "error"));
  } else {
    answer.respond(kobold_error(made.error()));
  }
}

void answer_kobold_abort(Dialects& with, const Call& call, Answer& answer) {
  const auto key = read_kobold_key(call.request.body);
  if (!key) return answer.respond(kobold_error(key.error()));
  with.generations.stop(own_key(call, *key));
  // A string, as KoboldCpp has it.
  answer.respond(json_response(200, JsonObject{{"success", "true"}, {"done", "true"}}));
}

void answer_kobold_check(Dialects& with, const Call& call, Answer& answer) {
  const auto key = read_kobold_key(call.request.body);
  if (!key) return answer.respond(kobold_error(key.error()));
  answer.respond(json_response(200, webui_results(with.generations.text(own_key(call, *key)))));
}

void answer_kobold_count(Dialects& with, const Call& call, Answer& answer) {
  const auto prompt = read_kobold_prompt(call.request.body);
  if (!prompt) return answer.respond(kobold_error(prompt.error()));
  const auto tokens = with.with.models.first().model.count_tokens(*prompt);
  if (!tokens) return answer.respond(kobold_error(tokens.error()));
  answer.respond(json_response(200, JsonObject{{"value", *tokens}, {"ids", JsonArray()}}));
}

void answer_webui_count(Dialects& with, const Call& call, Answer& answer) {
  const auto prompt = read_kobold_prompt(call.request.body);
  if (!prompt) return answer.respond(kobold_error(prompt.error()));
  const auto tokens = with.with.models.first().model.count_tokens(*prompt);
  if (!tokens) return answer.respond(kobold_error(tokens.error()));
  answer.respond(
      json_response(200, JsonObject{{"results", JsonArray{JsonObject{{"tokens", *tokens}}}}}));
}

void answer_webui_stop(Dialects& with, const Call& call, Answer& answer) {
  with.generations.stop(own_key(call, ""));
  answer.respond(json_response(200, JsonObject{{"results", "success"}}));
}

void answer_kobold_model(Dialects& with, const Call& /*call*/, Answer& answer) {
  answer.respond(json_response(
      200, JsonObject{{"result", "dramatis/" + with.with.models.first().model.name()}}));
}

void answer_webui_model(Dialects& with, const Call& call, Answer& answer) {
  const auto action = read_webui_action(call.request.body);
  if (!action) return answer.respond(kobold_error(action.error()));
  const std::string name = with.with.models.first().model.name();
  if (*action == "list")
    return answer.respond(json_response(200, JsonObject{{"result", JsonArray{name}}}));
  if (*action == "info") {
    return answer.respond(
        json_response(200, JsonObject{{"result", JsonObject{{"model_name", name},
                                                            {"lora_names", JsonArray()},
                                                            {"shared.settings", JsonObject()},
                                                            {"shared.args", JsonObject()}}}}));
  }
  answer.respond(kobold_error(
      Fault(ErrorCode::kInvalidArgument, "action is info or list; models stay loaded.", "action")));
}

void answer_kobold_context(Dialects& with, const Call& /*call*/, Answer& answer) {
  answer.respond(value_response(with.with.models.first().model.context_size()));
}

void answer_kobold_length(Dialects& with, const Call& /*call*/, Answer& answer) {
  answer.respond(
      value_response(std::min<std::size_t>(with.with.models.first().model.context_size() / 2,
                                           static_cast<std::size_t>(kUsualReplyTokens))));
}

void answer_kobold_version(Dialects& /*with*/, const Call& /*call*/, Answer& answer) {
  answer.respond(json_response(200, JsonObject{{"result", kKoboldName},
                                               {"version", kKoboldVersion},
                                               {"protected", false},
                                               {"txt2img", false},
                                               {"vision", false},
                                               {"transcribe", false},
                                               {"multiplayer", false},
                                               {"websearch", false},
                                               {"tts", false}}));
}

void answer_kobold_api_version(Dialects& /*with*/, const Call& /*call*/, Answer& answer) {
  answer.respond(json_response(200, JsonObject{{"result", kKoboldApiVersion}}));
}

}  // namespace dramatis::server
