// Checked tables, and the walk over a text that sets control tokens apart from letters.
#include "tokens/vocabulary.h"

#include <unordered_map>

#include <fmt/format.h>

#include "base/check.h"
#include "text/utf8.h"
#include "tokens/internal/byte_alphabet.h"
#include "tokens/internal/check_tables.h"
#include "tokens/internal/control_names.h"
#include "tokens/internal/letters.h"
#include "tokens/internal/longest_match.h"
#include "tokens/internal/pre_rows.h"
#include "tokens/limits.h"

namespace dramatis::tokens {

struct Vocabulary::Tables {
  std::string kind;
  bool puts_space_first = false;
  bool drops_spaces = false;
  bool begins_texts = false;
  std::optional<TokenId> begin, end;
  internal::Pieces pieces;
  std::vector<bool> ends_turn;                            // by id
  std::unordered_map<std::string_view, TokenId> control;  // views into `pieces`
  internal::LongestMatch words;                           // user-defined tokens
  internal::LongestMatch words_and_marks;                 // and control tokens
  std::unique_ptr<const internal::Letters> letters;       // reads `pieces`
};

namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581

std::string with_spaces(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const bool is_space = name.starts_with(kSpaceMark);
    out += is_space ? ' ' : name.front();
    name.remove_prefix(is_space ? kSpaceMark.size() : 1);
  }
  return out;
}

// What a token writes.
Result<std::string> written(std::string_view name, TokenType type, bool is_llama) {
  switch (type) {
    case TokenType::kControl:
    case TokenType::kUnknown:
      return std::string();
    case TokenType::kByte: {
      DRAMATIS_TRY(const auto byte, internal::parse_byte(name));
      return std::string(1, static_cast<char>(byte));
    }
    case TokenType::kUserDefined:
      return is_llama ? with_spaces(name) : std::string(name);
    case TokenType::kNormal:
    case TokenType::kUnused:
      break;
  }
  if (is_llama) return with_spaces(name);
  // A name outside the alphabet stands for itself; no letters lead to it.
  return internal::spelled_bytes(name).value_or(std::string(name));
}

std::vector<TokenType> settle_types(const VocabularyTables& tables) {
  std::vector<TokenType> types(tables.tokens.size(), TokenType::kNormal);
  for (std::size_t id = 0; id < types.size(); ++id) {
    if (!tables.types.empty()) types[id] = TokenType{tables.types[id]};
    if (internal::is_named_like_control(tables.tokens[id], types[id])) {
      types[id] = TokenType::kControl;
    }
  }
  for (const auto id : {tables.begin, tables.end, tables.end_of_turn}) {
    if (id) types[static_cast<std::size_t>(*id)] = TokenType::kControl;
  }
  return types;
}

Result<internal::Pieces> make_pieces(VocabularyTables& tables) {
  internal::Pieces pieces;
  pieces.types = settle_types(tables);
  pieces.names = std::move(tables.tokens);
  pieces.bytes.reserve(pieces.names.size());
  for (std::size_t id = 0; id < pieces.names.size(); ++id) {
    DRAMATIS_TRY(auto bytes, written(pieces.names[id], pieces.types[id], tables.kind == "llama"));
    pieces.bytes.push_back(std::move(bytes));
  }
  return pieces;
}

bool begins_texts(const VocabularyTables& tables) {
  if (tables.begins_texts) return *tables.begins_texts;
  const auto* row = internal::find_pre_row(tables.pre);
  return tables.kind == "llama" || (row != nullptr && row->begins_texts);
}

// `letters` with one space for each run of them, none at the end and, at a start, none there.
std::string without_extra_spaces(std::string_view letters, Place place) {
  std::string out;
  for (const char letter : letters) {
    const bool is_extra = out.empty() ? place == Place::kStart : out.back() == ' ';
    if (letter != ' ' || !is_extra) out += letter;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::size_t index_of(TokenId id) {
  return static_cast<std::size_t>(id);
}

}  // namespace

Result<Vocabulary> Vocabulary::from_gguf(const formats::Gguf& file) {
  DRAMATIS_TRY(auto tables, read_tables(file));
  return from_tables(std::move(tables));
}

Result<Vocabulary> Vocabulary::from_tables(VocabularyTables given) {
  DRAMATIS_DO(internal::check_tables(given));
  const bool is_llama = given.kind == "llama";
  auto tables = std::make_unique<Tables>();
  tables->kind = given.kind;
  tables->puts_space_first = is_llama && given.puts_space_first.value_or(true);
  tables->drops_spaces = is_llama && given.drops_spaces.value_or(false);
  tables->begins_texts = tokens::begins_texts(given);
  if (given.begin) tables->begin = static_cast<TokenId>(*given.begin);
  if (given.end) tables->end = static_cast<TokenId>(*given.end);
  DRAMATIS_TRY(tables->pieces, make_pieces(given));
  const auto& pieces = tables->pieces;
  DRAMATIS_TRY(tables->letters, is_llama ? internal::make_sentence_pieces(pieces, given)
                                         : internal::make_byte_pairs(pieces, given));
  tables->ends_turn.resize(pieces.names.size());
  for (std::size_t n = 0; n < pieces.names.size(); ++n) {
    const auto id = static_cast<TokenId>(n);
    if (pieces.types[n] == TokenType::kControl) {
      tables->control.emplace(pieces.names[n], id);
      tables->words_and_marks.add(pieces.names[n], id);
      tables->ends_turn[n] = internal::is_named_like_end_of_turn(pieces.names[n]);
    } else if (pieces.types[n] == TokenType::kUserDefined) {
      tables->words.add(pieces.bytes[n], id);
      tables->words_and_marks.add(pieces.bytes[n], id);
    }
  }
  for (const auto id : {given.end, given.end_of_turn}) {
    if (id) tables->ends_turn[static_cast<std::size_t>(*id)] = true;
  }
  return Vocabulary(std::move(tables));
}

Vocabulary::Vocabulary(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
Vocabulary::Vocabulary(Vocabulary&&) noexcept = default;
Vocabulary& Vocabulary::operator=(Vocabulary&&) noexcept = default;
Vocabulary::~Vocabulary() = default;

Result<std::vector<TokenId>> Vocabulary::encode(std::string_view text, Special special,
                                                Place place) const {
  if (text.size() > kMaxEncodeBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The text to encode has {} bytes; at most {} are allowed.", text.size(),
                            kMaxEncodeBytes));
  }
  if (!text::is_valid_utf8(text)) {
    return fail(ErrorCode::kInvalidArgument, "The text to encode is not valid UTF-8.");
  }
  const auto& whole = special == Special::kRecognised ? tables_->words_and_marks : tables_->words;
  std::vector<TokenId> ids;
  ids.reserve(text.size() / 3 + 1);
  for (std::size_t at = 0; at < text.size();) {
    const auto next = whole.find(text, at);
    std::string letters(text.substr(at, next.first - at));
    if (tables_->drops_spaces) letters = without_extra_spaces(letters, place);
    if (!letters.empty()) {
      if (tables_->puts_space_first && place == Place::kStart) letters.insert(0, 1, ' ');
      DRAMATIS_DO(tables_->letters->append(letters, ids));
    }
    if (next.length == 0) break;
    ids.push_back(next.id);
    place = Place::kStart;
    at = next.first + next.length;
  }
  return ids;
}

std::string_view Vocabulary::bytes_of(TokenId id) const& {
  DRAMATIS_CHECK(index_of(id) < size());
  return tables_->pieces.bytes[index_of(id)];
}

std::string_view Vocabulary::name_of(TokenId id) const& {
  DRAMATIS_CHECK(index_of(id) < size());
  return tables_->pieces.names[index_of(id)];
}

std::size_t Vocabulary::size() const {
  return tables_->pieces.names.size();
}

bool Vocabulary::is_control(TokenId id) const {
  DRAMATIS_CHECK(index_of(id) < size());
  return tables_->pieces.types[index_of(id)] == TokenType::kControl;
}

bool Vocabulary::ends_turn(TokenId id) const {
  DRAMATIS_CHECK(index_of(id) < size());
  return tables_->ends_turn[index_of(id)];
}

std::optional<TokenId> Vocabulary::control(std::string_view name) const {
  const auto found = tables_->control.find(name);
  if (found == tables_->control.end()) return std::nullopt;
  return found->second;
}

std::optional<TokenId> Vocabulary::begin() const {
  return tables_->begins_texts ? tables_->begin : std::nullopt;
}

std::optional<TokenId> Vocabulary::end() const {
  return tables_->end;
}

bool Vocabulary::begins_texts() const {
  return tables_->begins_texts;
}
std::string_view Vocabulary::kind() const& {
  return tables_->kind;
}
bool Vocabulary::puts_space_first() const {
  return tables_->puts_space_first;
}

}  // namespace dramatis::tokens
