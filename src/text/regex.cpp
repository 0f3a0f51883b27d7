// PCRE2 behind a value type.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/regex.h"

#include <array>

#include <fmt/format.h>
#include <pcre2.h>

#include "text/limits.h"

namespace dramatis::text {
namespace {

std::string explain(int code) {
  std::array<PCRE2_UCHAR, 160> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

struct FreeContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
struct FreeData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

// Room for one match and the budget for it: kept per thread, as making them costs more than a
// match.
struct Scratch {
  std::unique_ptr<pcre2_match_data, FreeData> data{pcre2_match_data_create(1, nullptr)};
  std::unique_ptr<pcre2_match_context, FreeContext> context{pcre2_match_context_create(nullptr)};
  Scratch() { pcre2_set_match_limit(context.get(), kMaxRegexSteps); }
};

}  // namespace

void Regex::Free::operator()(void* code) const {
  pcre2_code_free(static_cast<pcre2_code*>(code));
}

Result<Regex> Regex::compile(std::string_view pattern) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* compiled =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &offset, nullptr);
  if (compiled == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The pattern breaks at byte {}: {}.", offset, explain(code)));
  }
  // Without JIT (a hardened kernel) matching still works, slower.
  pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
  return Regex(compiled);
}

Result<std::optional<Match>> Regex::find(std::string_view subject, std::size_t from) const {
  thread_local Scratch scratch;
  const int found = pcre2_match(static_cast<const pcre2_code*>(code_.get()),
                                reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), from,
                                PCRE2_NO_UTF_CHECK, scratch.data.get(), scratch.context.get());
  if (found == PCRE2_ERROR_NOMATCH) return std::optional<Match>{};
  if (found < 0)
    return fail(ErrorCode::kOverBudget, fmt::format("A match was given up: {}.", explain(found)));
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(scratch.data.get());
  return std::optional<Match>{Match{.first = ends[0], .length = ends[1] - ends[0]}};
}

}  // namespace dramatis::text
