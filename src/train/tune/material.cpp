// Files, splits, documents.
#include "train/tune/material.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "text/digest.h"
#include "train/limits.h"

namespace dramatis::train::tune {
namespace {

// How many questions are asked at each evaluation.
constexpr std::size_t kQuestions = 5;

Result<std::string> read_hashed(const std::string& path, Talks& to) {
  DRAMATIS_TRY(auto content, read_text_file(path, kMaxLessonsBytes));
  to.hashes.emplace_back(path, text::sha256(content));
  return content;
}

// What a talk is told apart by: all that was said in it but the sheet, which many share.
std::string key_of(const std::vector<lm::Message>& messages) {
  std::string key;
  for (const auto& message : messages) {
    if (message.role != lm::Role::kSystem) key += message.text + '\n';
  }
  return key;
}

Status read_files(const std::vector<std::string>& paths, Learnt learnt, Talks& all,
                  std::vector<Talk>& to) {
  for (const auto& path : paths) {
    DRAMATIS_TRY(const auto content, read_hashed(path, all));
    DRAMATIS_TRY(auto read, parse_conversations(content, path));
    for (auto& one : read) {
      std::string of = key_of(one.messages);
      to.push_back({.messages = std::move(one.messages), .learnt = learnt, .of = std::move(of)});
    }
  }
  return {};
}

// FNV-1a: what is held out stays the same on every machine and however many talks are added.
bool is_held_out(const std::string& of, double share) {
  std::uint64_t hash = 1469598103934665603U;
  for (const char c : of) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  hash ^= hash >> 32U;
  return static_cast<double>(hash % 10'000) < share * 10'000;
}

std::vector<lm::Message> shown(std::vector<lm::Message> messages, Sheet sheet) {
  if (sheet == Sheet::kDrop) {
    std::erase_if(messages, [](const lm::Message& one) { return one.role == lm::Role::kSystem; });
  }
  return messages;
}

void note(const Document& document, std::string& into) {
  for (std::size_t n = 0; n < document.ids.size(); ++n)
    into += fmt::format("{}{} ", document.ids[n], document.learnt[n] ? "+" : "");
  into += '\n';
}

void ask(std::vector<lm::Message> messages, Lessons& to) {
  if (to.questions.size() < kQuestions) to.questions.push_back(std::move(messages));
}

Status add_talk(const Talk& talk, bool is_measured, const Plan& plan, const Speech& speech,
                Lessons& to) {
  auto messages = shown(talk.messages, plan.data.sheet);
  DRAMATIS_TRY(auto document,
               fitted_document_of(messages, talk.learnt, speech, plan.data.most_tokens));
  if (counted_in(document) == 0) {
    ++to.too_long;
    return {};
  }
  if (talk.opening > 0 && !is_measured) document = opening_of(std::move(document), talk.opening);
  if (is_measured) {
    messages.pop_back();
    ask(std::move(messages), to);
  }
  (is_measured ? to.held_out : to.learnt).documents.push_back(std::move(document));
  return {};
}

Status add_preference(const Preference& one, const Plan& plan, const Speech& speech, Lessons& to) {
  const auto prompt = shown(one.prompt, plan.data.sheet);
  std::vector<Document> pair;
  for (const std::string* reply : {&one.chosen, &one.rejected}) {
    auto messages = prompt;
    messages.push_back({.role = lm::Role::kNpc, .text = *reply});
    DRAMATIS_TRY(auto document, document_of(messages, Learnt::kLast, speech));
    pair.push_back(std::move(document));
  }
  const std::size_t most = plan.data.most_tokens;
  if (pair[0].ids.size() > most || pair[1].ids.size() > most) {
    ++to.too_long;
    return {};
  }
  const bool is_measured = is_held_out(key_of(one.prompt), plan.data.held_out_share);
  if (is_measured) ask(prompt, to);
  auto& into = (is_measured ? to.held_out : to.learnt).documents;
  for (auto& document : pair) into.push_back(std::move(document));
  return {};
}

Status add_everything(const Talks& talks, const Plan& plan, const Speech& speech, Lessons& to) {
  for (const auto& one : talks.preferences) DRAMATIS_DO(add_preference(one, plan, speech, to));
  const double share = talks.held_out.empty() ? plan.data.held_out_share : 0;
  for (const auto& talk : talks.learnt)
    DRAMATIS_DO(add_talk(talk, is_held_out(talk.of, share), plan, speech, to));
  for (const auto& talk : talks.held_out) DRAMATIS_DO(add_talk(talk, true, plan, speech, to));
  return {};
}

}  // namespace

Result<Talks> read_talks(const Data& data) {
  Talks talks;
  DRAMATIS_DO(read_files(data.conversations, data.learnt, talks, talks.learnt));
  DRAMATIS_DO(read_files(data.held_out, data.learnt, talks, talks.held_out));
  for (const auto& path : data.preferences) {
    DRAMATIS_TRY(const auto content, read_hashed(path, talks));
    DRAMATIS_TRY(auto read, parse_preferences(content, path));
    talks.preferences.insert(talks.preferences.end(), std::make_move_iterator(read.begin()),
                             std::make_move_iterator(read.end()));
  }
  return talks;
}

std::vector<Talk> talks_of(const std::vector<dataset::Sample>& samples) {
  std::vector<Talk> talks;
  for (const auto& sample : samples) {
    Talk talk{
        .messages = sample.prompt.messages, .learnt = Learnt::kLast, .of = sample.conversation};
    talk.messages.push_back(
        {.role = lm::Role::kNpc, .text = sample.prompt.reply_start + sample.reply});
    talks.push_back(std::move(talk));
  }
  return talks;
}

Result<Lessons> lessons_of(const Talks& talks, const Plan& plan, const Speech& speech) {
  Lessons lessons;
  const auto kind =
      plan.method == Method::kDpo ? Material::Kind::kPreferences : Material::Kind::kLessons;
  lessons.learnt.kind = lessons.held_out.kind = kind;
  DRAMATIS_DO(add_everything(talks, plan, speech, lessons));
  if (lessons.learnt.documents.empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("Nothing is left to learn from: {} held out, {} longer than {} tokens.",
                            lessons.held_out.items(), lessons.too_long, plan.data.most_tokens));
  }
  std::string all;
  for (const auto& document : lessons.learnt.documents) note(document, all);
  all += "held out\n";
  for (const auto& document : lessons.held_out.documents) note(document, all);
  lessons.digest = text::sha256(all);
  return lessons;
}

}  // namespace dramatis::train::tune
