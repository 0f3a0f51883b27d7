// Fields -> JSON, by hand: this room does not know text/, and the few types need no more.
#include "runtime/log.h"

#include <array>
#include <cerrno>
#include <cmath>

#include <fmt/format.h>
#include <unistd.h>

#include "base/error_table.h"
#include "runtime/internal/clean_text.h"
#include "runtime/limits.h"

namespace dramatis::runtime {
namespace {

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

struct Printer {
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const {
    return std::isfinite(value) ? fmt::format("{}", value) : "null";
  }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(Literal value) const { return quoted(value.text()); }
  std::string operator()(const LogName& value) const {
    return quoted(clean_text(value.text, kMaxLogNameBytes));
  }
  std::string operator()(ErrorCode value) const { return quoted(error_row(value).name); }
  std::string operator()(std::chrono::milliseconds value) const {
    return fmt::format("{}", value.count());
  }
};

// RFC 3339 in UTC.
std::string print_time(Instant when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(when - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace

Result<Level> parse_level(std::string_view text) {
  for (std::size_t n = 0; n < kLevels.size(); ++n) {
    if (text == kLevels[n]) return static_cast<Level>(n);
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no level of the log; it is debug, info, warn or error.", text));
}

void DescriptorSink::write(std::string_view line) {
  // A signal before the first byte is the one failure worth another try.
  while (::write(descriptor_, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

std::optional<std::uint64_t> Log::admit(std::string_view event) {
  const SteadyTime now = clock_.steady();
  const Lock lock(mutex_);
  Repeats& seen = repeats_[event];
  if (seen.written == 0 || now - seen.since >= kRepeatWindow) {
    const std::uint64_t suppressed = seen.suppressed;
    seen = {.since = now, .written = 1};
    return suppressed;
  }
  if (seen.written < kMaxRepeats) {
    ++seen.written;
    return 0;
  }
  ++seen.suppressed;
  return std::nullopt;
}

void Log::write(Level level, Literal event, std::initializer_list<LogField> fields) {
  if (!writes(level)) return;
  std::uint64_t suppressed = 0;
  if (level >= Level::kWarn) {
    const auto admitted = admit(event.text());
    if (!admitted) return;
    suppressed = *admitted;
  }
  std::string line =
      fmt::format(R"({{"time":"{}","level":"{}","event":{})", print_time(clock_.now()),
                  kLevels[static_cast<std::size_t>(level)], quoted(event.text()));
  if (suppressed > 0) line += fmt::format(R"(,"suppressed":{})", suppressed);
  constexpr std::string_view kCut = R"(,"cut":true)";
  for (const auto& field : fields) {
    const std::string more =
        fmt::format(",{}:{}", quoted(field.key.text()), std::visit(Printer{}, field.value));
    if (line.size() + more.size() + kCut.size() + 2 > kMaxLogLineBytes) {
      line += kCut;
      break;
    }
    line += more;
  }
  sink_.write(line + "}\n");
}

}  // namespace dramatis::runtime
