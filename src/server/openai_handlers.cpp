// Requests of OpenAI's clients -> replies, whole or in chunks.
#include "server/openai_handlers.h"

#include <fmt/format.h>

#include "server/dialect_play.h"
#include "server/dialect_telling.h"
#include "server/evennia_answer.h"
#include "server/evennia_play.h"
#include "server/openai_wire.h"
#include "server/print.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

// One request under way.
struct Turn {
  Dialects& with;
  const Call& call;
  const Ask& ask;
  const Named& who;
  OpenAiShape shape;
  Answer& answer;

  [[nodiscard]] OpenAiStamp stamp() const {
    const auto now = with.with.clock.now().time_since_epoch();
    return {.id = fresh_id(shape == OpenAiShape::kChat ? "chatcmpl-" : "cmpl-"),
            .created = std::chrono::duration_cast<std::chrono::seconds>(now).count(),
            .model = ask.model.empty() ? who.name : ask.model};
  }
  [[nodiscard]] Listening listening(lm::TextSink& sink) const {
    return {.sink = sink,
            .deadline = with.with.clock.steady() + with.api.turn_time,
            .stop = answer.stop()};
  }
};

void add(const lm::Completion& made, OpenAiUsage& usage) {
  // The prompt is one, however many replies it gets.
  usage.prompt = made.prompt_tokens;
  usage.cached = made.cached_tokens;
  usage.completion += made.generated_tokens;
}

// The request for reply `index`: each has a seed of its own where one was named.
Ask numbered(const Ask& ask, int index) {
  Ask one = ask;
  if (one.how.seed) *one.how.seed += static_cast<std::uint64_t>(index);
  return one;
}

OpenAiChoice choice_of(const Played& played, std::optional<ToolCall> call) {
  OpenAiChoice choice{.text = played.text, .call = std::move(call), .why = played.made.why};
  if (choice.call) choice.call_id = fresh_id("call_");
  return choice;
}

void tell_whole(const Turn& turn) {
  std::vector<OpenAiChoice> choices;
  OpenAiUsage usage;
  for (int n = 0; n < turn.ask.count; ++n) {
    SilentSink quiet;
    auto played = play_within_quota(turn.with, turn.call, numbered(turn.ask, n), turn.who,
                                    turn.listening(quiet));
    if (!played) return turn.answer.respond(openai_error(played.error()));
    add(played->made, usage);
    if (turn.ask.echoes) played->text = *turn.ask.raw + played->text;
    choices.push_back(choice_of(*played, call_in(played->text, turn.ask.tools)));
  }
  const OpenAiStamp stamp = turn.stamp();
  turn.answer.respond(
      json_response(200, turn.shape == OpenAiShape::kChat
                             ? openai_chat(stamp, choices, usage)
                             : openai_completion(stamp, choices, usage, choices.front().text)));
}

// Streams reply `index`. False where the stream has ended with an error.
bool stream_one(const Turn& turn, int index, const OpenAiChunks& chunks, StreamSink& stream,
                OpenAiUsage& usage) {
  bool has_role = turn.shape == OpenAiShape::kCompletion;
  const auto begin = [&] {
    if (!std::exchange(has_role, true)) stream.send(chunks.role(index));
  };
  // The first words of a choice bring its role along.
  class Words final : public lm::TextSink {
   public:
    explicit Words(std::function<lm::Go(std::string_view)> say) : say_(std::move(say)) {}
    [[nodiscard]] lm::Go write(std::string_view text) override { return say_(text); }

   private:
    std::function<lm::Go(std::string_view)> say_;
  } words([&](std::string_view text) {
    begin();
    return stream.send(chunks.words(index, text)) == Reader::kThere ? lm::Go::kOn : lm::Go::kStop;
  });
  CallSieve sieve(turn.ask.tools, words);
  if (turn.ask.echoes && words.write(*turn.ask.raw) == lm::Go::kStop) return false;
  const auto played = play_within_quota(turn.with, turn.call, numbered(turn.ask, index), turn.who,
                                        turn.listening(sieve));
  if (!played) {
    if (stream.begun()) {
      stream.send(OpenAiChunks::error(played.error()));
    } else {
      turn.answer.respond(openai_error(played.error()));
    }
    return false;
  }
  add(played->made, usage);
  const OpenAiChoice choice = choice_of(*played, sieve.finish());
  begin();
  if (choice.call) stream.send(chunks.call(index, choice));
  stream.send(chunks.end(index, choice));
  return true;
}

void tell_chunks(const Turn& turn) {
  const OpenAiChunks chunks(turn.stamp(), turn.shape,
                            turn.ask.tells_usage ? OpenAiNulls::kUsage : OpenAiNulls::kNone);
  StreamSink stream(turn.answer, kEventStream, [](std::string_view) { return std::string(); });
  OpenAiUsage usage;
  for (int n = 0; n < turn.ask.count; ++n) {
    if (!stream_one(turn, n, chunks, stream, usage)) return;
  }
  if (turn.ask.tells_usage) stream.send(chunks.usage(usage));
  stream.send(OpenAiChunks::done());
}

// A talk of Evennia is told whole: its line is known to be harmless only at its end.
void tell_talk(Dialects& with, const Call& call, const Ask& ask, const Named* who,
               const EvenniaTalk& talk, OpenAiShape shape, Answer& answer) {
  const auto talked = play_talk(with, call, ask, who, talk, answer.stop());
  if (!talked) return answer.respond(openai_error(talked.error()));
  const Named nobody{.name = "npc/" + talk.npc, .serving = &with.with.models.first(), .actor = {}};
  const Turn turn{.with = with,
                  .call = call,
                  .ask = ask,
                  .who = who ? *who : nobody,
                  .shape = shape,
                  .answer = answer};
  const std::vector<OpenAiChoice> choices{{.text = talked->line, .why = talked->made.why}};
  OpenAiUsage usage;
  add(talked->made, usage);
  if (!ask.streams) {
    text::Json told = openai_completion(turn.stamp(), choices, usage, evennia_safe(talked->line));
    if (shape == OpenAiShape::kChat) {
      const text::Json results = *told.find("results");
      told = openai_chat(turn.stamp(), choices, usage);
      told.as_object()->emplace_back("results", results);
    }
    return answer.respond(json_response(200, told));
  }
  const OpenAiChunks chunks(turn.stamp(), shape, OpenAiNulls::kNone);
  StreamSink stream(answer, kEventStream, [](std::string_view) { return std::string(); });
  if (shape == OpenAiShape::kChat) stream.send(chunks.role(0));
  stream.send(chunks.words(0, talked->line));
  stream.send(chunks.end(0, choices.front()));
  stream.send(OpenAiChunks::done());
}

// A prompt of one text: a talk of Evennia's, a word to an NPC, or a text to go on from.
void answer_prompt(Dialects& with, const Call& call, Ask ask, OpenAiShape shape, Answer& answer) {
  const auto who = find_model(ask.model, with.with);
  // A model that nobody has is Evennia's README speaking; a real one means what it says.
  const bool is_named = who && !who->actor;
  const auto talk = talk_in(ask, is_named ? Reading::kUsualAlone : Reading::kAnyTalk);
  if (talk) return tell_talk(with, call, ask, who ? &*who : nullptr, *talk, shape, answer);
  if (!who) return answer.respond(openai_error(who.error()));
  if (who->actor || shape == OpenAiShape::kChat) {
    ask.messages = in_turns({{.role = lm::Role::kPlayer, .text = *ask.raw}});
    if (!ask.echoes) ask.raw.reset();
  }
  const Turn turn{
      .with = with, .call = call, .ask = ask, .who = *who, .shape = shape, .answer = answer};
  ask.streams ? tell_chunks(turn) : tell_whole(turn);
}

}  // namespace

void answer_openai_chat(Dialects& with, const Call& call, Answer& answer) {
  auto ask = read_openai_chat(call.request.body);
  if (!ask) return answer.respond(openai_error(ask.error()));
  read_head_of(call, *ask);
  if (ask->raw) return answer_prompt(with, call, *std::move(ask), OpenAiShape::kChat, answer);
  const auto who = find_model(ask->model, with.with);
  if (!who) return answer.respond(openai_error(who.error()));
  const Turn turn{.with = with,
                  .call = call,
                  .ask = *ask,
                  .who = *who,
                  .shape = OpenAiShape::kChat,
                  .answer = answer};
  ask->streams ? tell_chunks(turn) : tell_whole(turn);
}

void answer_openai_completion(Dialects& with, const Call& call, Answer& answer) {
  auto ask = read_openai_completion(call.request.body);
  if (!ask) return answer.respond(openai_error(ask.error()));
  read_head_of(call, *ask);
  answer_prompt(with, call, *std::move(ask), OpenAiShape::kCompletion, answer);
}

void answer_openai_embeddings(Dialects& with, const Call& call, Answer& answer) {
  const auto ask = read_openai_embeddings(call.request.body);
  if (!ask) return answer.respond(openai_error(ask.error()));
  const auto embedder = embedder_of(ask->model, with);
  if (!embedder) return answer.respond(openai_error(embedder.error()));
  const auto vectors = (*embedder)->embed(ask->texts, answer.stop());
  if (!vectors) return answer.respond(openai_error(vectors.error()));
  if (ask->width != 0 && !vectors->empty() && vectors->front().size() != ask->width) {
    return answer.respond(
        openai_error(Fault(ErrorCode::kInvalidArgument,
                           fmt::format("dimensions is {}; the vectors here have {}.", ask->width,
                                       vectors->front().size()),
                           "dimensions")));
  }
  std::size_t tokens = 0;
  for (const auto& text : ask->texts)
    tokens += with.with.models.first().model.count_tokens(text).value_or(0);
  answer.respond(
      json_response(200, openai_embeddings(ask->model.empty() ? (*embedder)->name() : ask->model,
                                           *vectors, ask->form, tokens)));
}

void answer_openai_models(Dialects& with, const Call& /*call*/, Answer& answer) {
  const auto models = list_names(with.with);
  if (!models) return answer.respond(openai_error(models.error()));
  answer.respond(json_response(200, openai_models(*models)));
}

void answer_openai_model(Dialects& with, const Call& call, Answer& answer) {
  constexpr std::string_view kBefore = "models/";
  const std::string& path = call.request.path;
  const auto listed =
      find_listed(std::string_view(path).substr(path.find(kBefore) + kBefore.size()), with.with);
  if (!listed) return answer.respond(openai_error(listed.error()));
  answer.respond(json_response(200, openai_model(*listed)));
}

}  // namespace dramatis::server
