// Requests of Ollama's clients -> replies, whole or line by line.
#include "server/ollama_handlers.h"

#include "server/dialect_play.h"
#include "server/dialect_telling.h"
#include "server/ollama_wire.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

// The version of the protocol that we speak.
constexpr std::string_view kVersion = "0.6.0";

std::string line_of(const text::Json& value) {
  return text::print_json(value) + "\n";
}

struct Turn {
  Dialects& with;
  const Call& call;
  const Ask& ask;
  const Named& who;
  OllamaShape shape;
  Answer& answer;

  [[nodiscard]] OllamaStamp stamp() const {
    return {.model = ask.model, .at = with.with.clock.now(), .shape = shape};
  }
  [[nodiscard]] Listening listening(lm::TextSink& sink) const {
    return {.sink = sink,
            .deadline = with.with.clock.steady() + with.api.turn_time,
            .stop = answer.stop()};
  }
};

void tell_whole(const Turn& turn) {
  SilentSink quiet;
  const auto played =
      play_within_quota(turn.with, turn.call, turn.ask, turn.who, turn.listening(quiet));
  if (!played) return turn.answer.respond(ollama_error(played.error()));
  turn.answer.respond(json_response(
      200,
      ollama_end(turn.stamp(), played->text, call_in(played->text, turn.ask.tools), played->made)));
}

void tell_lines(const Turn& turn) {
  StreamSink stream(turn.answer, kOllamaLines, [&](std::string_view words) {
    return line_of(ollama_words(turn.stamp(), words));
  });
  CallSieve sieve(turn.ask.tools, stream);
  const auto played =
      play_within_quota(turn.with, turn.call, turn.ask, turn.who, turn.listening(sieve));
  if (!played) {
    const Response error = ollama_error(played.error());
    if (!stream.begun()) return turn.answer.respond(error);
    stream.send(error.body + "\n");
    return;
  }
  if (const auto call = sieve.finish()) stream.send(line_of(ollama_call(turn.stamp(), *call)));
  stream.send(line_of(ollama_end(turn.stamp(), "", {}, played->made)));
}

void answer_words(Dialects& with, const Call& call, Judged<OllamaAsk> asked, OllamaShape shape,
                  Answer& answer) {
  if (!asked) return answer.respond(ollama_error(asked.error()));
  read_head_of(call, asked->ask);
  const auto who = find_model(asked->ask.model, with.with);
  if (!who) return answer.respond(ollama_error(who.error()));
  if (asked->ask.raw && who->actor) {
    asked->ask.messages = in_turns({{.role = lm::Role::kPlayer, .text = *asked->ask.raw}});
    asked->ask.raw.reset();
  }
  const Turn turn{
      .with = with, .call = call, .ask = asked->ask, .who = *who, .shape = shape, .answer = answer};
  if (asked->is_empty)
    return answer.respond(json_response(200, ollama_loaded(turn.stamp(), asked->lets_go)));
  asked->ask.streams ? tell_lines(turn) : tell_whole(turn);
}

// The vectors of `texts`, and how many tokens these have.
struct Embedded {
  std::vector<std::vector<float>> vectors{};
  std::size_t tokens = 0;
};

Judged<Embedded> embed(const Dialects& with, const OllamaEmbedAsk& ask, std::stop_token stop) {
  if (ask.texts.empty()) return Embedded{};
  DRAMATIS_TRY(lm::Embedder* const embedder, embedder_of(ask.model, with));
  DRAMATIS_TRY(auto vectors, embedder->embed(ask.texts, std::move(stop)));
  Embedded made{.vectors = std::move(vectors)};
  for (const auto& text : ask.texts)
    made.tokens += with.with.models.first().model.count_tokens(text).value_or(0);
  return made;
}

}  // namespace

void answer_ollama_chat(Dialects& with, const Call& call, Answer& answer) {
  answer_words(with, call, read_ollama_chat(call.request.body), OllamaShape::kChat, answer);
}

void answer_ollama_generate(Dialects& with, const Call& call, Answer& answer) {
  answer_words(with, call, read_ollama_generate(call.request.body), OllamaShape::kGenerate, answer);
}

void answer_ollama_embed(Dialects& with, const Call& call, Answer& answer) {
  const auto ask = read_ollama_embed(call.request.body);
  if (!ask) return answer.respond(ollama_error(ask.error()));
  const auto made = embed(with, *ask, answer.stop());
  if (!made) return answer.respond(ollama_error(made.error()));
  answer.respond(json_response(200, ollama_embeddings(ask->model, made->vectors, made->tokens)));
}

void answer_ollama_embedding(Dialects& with, const Call& call, Answer& answer) {
  const auto ask = read_ollama_embed(call.request.body);
  if (!ask) return answer.respond(ollama_error(ask.error()));
  const auto made = embed(with, *ask, answer.stop());
  if (!made) return answer.respond(ollama_error(made.error()));
  const text::Json all = ollama_embeddings(ask->model, made->vectors, made->tokens);
  const text::JsonArray& list = *all.find("embeddings")->as_array();
  answer.respond(json_response(
      200, text::JsonObject{
               {"embedding", list.empty() ? text::Json(text::JsonArray()) : list.front()}}));
}

void answer_ollama_tags(Dialects& with, const Call& /*call*/, Answer& answer) {
  const auto models = list_names(with.with);
  if (!models) return answer.respond(ollama_error(models.error()));
  answer.respond(json_response(200, ollama_tags(*models)));
}

void answer_ollama_ps(Dialects& with, const Call& /*call*/, Answer& answer) {
  std::vector<Listed> running;
  for (const auto& serving : with.with.models.all()) {
    running.push_back(
        {.name = serving.name, .title = serving.model.name(), .since = with.with.clock.now()});
  }
  answer.respond(
      json_response(200, ollama_running(running, with.with.models.first().model.context_size())));
}

void answer_ollama_show(Dialects& with, const Call& call, Answer& answer) {
  const auto name = read_ollama_name(call.request.body);
  if (!name) return answer.respond(ollama_error(name.error()));
  const auto who = find_model(*name, with.with);
  if (!who) return answer.respond(ollama_error(who.error()));
  Listed listed{.name = *name, .title = who->name, .since = {}};
  std::string about;
  if (who->actor) {
    // What anybody may know of a character; the sheet itself is its owner's.
    listed.title = who->actor->sheet.character().name;
    about = who->actor->sheet.character().title;
    if (who->actor->npc) listed.since = who->actor->npc->registered;
  }
  answer.respond(
      json_response(200, ollama_show(listed, about, who->serving->model.context_size())));
}

void answer_ollama_version(Dialects& /*with*/, const Call& /*call*/, Answer& answer) {
  answer.respond(json_response(200, text::JsonObject{{"version", kVersion}}));
}

void answer_ollama_sign(Dialects& /*with*/, const Call& /*call*/, Answer& answer) {
  answer.respond({.status = 200,
                  .content_type = "text/plain; charset=utf-8",
                  .body = std::string(kOllamaSign),
                  .headers = {}});
}

}  // namespace dramatis::server
