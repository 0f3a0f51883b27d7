// Sheets on disk and in play: read, judged, saved with their versions kept, and played at once.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "persona/cast.h"
#include "persona/finding.h"
#include "prompt/examples.h"

namespace dramatis::server {

// Which sheet: "luminaria" and "orlando-marlo", or "luminaria" and "world".
struct SheetName {
  std::string world{};
  std::string name{};

  [[nodiscard]] bool is_world() const { return name == "world"; }
};

// Errors: kInvalidArgument where either is no kebab-case id: nothing else is ever a path.
[[nodiscard]] Result<SheetName> sheet_name(std::string_view world, std::string_view name);

// A sheet's text and what `dramatis lint` says of it.
struct JudgedSheet {
  std::string yaml{};
  std::vector<persona::Finding> findings{};
};

struct SheetVersion {
  std::string name{};  // when it was replaced: "20261121T184500.123Z"
  std::uintmax_t bytes = 0;
};

// Thread-safe.
class SheetDesk {
 public:
  // What it is given outlives it; the cast's changes are there.
  SheetDesk(std::filesystem::path folder, const persona::Cast& cast, prompt::Examples& examples,
            const Clock& clock)
      : folder_(std::move(folder)), cast_(cast), examples_(examples), clock_(clock) {}

  // kNotFound where there is none.
  [[nodiscard]] Result<JudgedSheet> read(const SheetName& sheet) const;
  // What would be said of `yaml` in the place of `sheet`. Nothing is written.
  [[nodiscard]] JudgedSheet judge(const SheetName& sheet, std::string yaml) const;
  // Writes it, keeps the one before among the versions, and plays it from the next turn on. Errors:
  // kInvalidArgument with the first fault, kUnavailable where the folder cannot be written.
  [[nodiscard]] Result<JudgedSheet> save(const SheetName& sheet, std::string yaml);
  // The dialogues file of a character, whose bytes become what `change` gives for them; played from
  // the next turn on. Errors: kNotFound; those of `change`; kInvalidArgument with the first fault
  // of what it gave; kUnavailable.
  using Change =
      std::function<Result<std::string>(std::string_view dialogues, const persona::Member& member)>;
  [[nodiscard]] Status change_dialogues(std::string_view character, const Change& change);
  // Newest first. kNotFound where there is no such sheet and never was.
  [[nodiscard]] Result<std::vector<SheetVersion>> versions(const SheetName& sheet) const;
  [[nodiscard]] Result<JudgedSheet> read_version(const SheetName& sheet,
                                                 std::string_view version) const;

  // A portrait beside the sheet (ID.png, .jpg, .webp), with its content type; kNotFound.
  struct Portrait {
    std::string content_type{};
    std::string bytes{};
  };
  [[nodiscard]] Result<Portrait> portrait(const SheetName& sheet) const;
  [[nodiscard]] bool has_portrait(const SheetName& sheet) const;

  [[nodiscard]] const persona::Cast& cast() const& { return cast_; }
  const persona::Cast& cast() && = delete;

 private:
  [[nodiscard]] std::filesystem::path file_of(const SheetName& sheet) const;
  [[nodiscard]] std::filesystem::path versions_of(const SheetName& sheet) const;
  [[nodiscard]] Status keep_version(const SheetName& sheet);
  [[nodiscard]] Status play(const SheetName& sheet, const std::string& yaml);

  const std::filesystem::path folder_;
  const persona::Cast& cast_;
  prompt::Examples& examples_;
  const Clock& clock_;
  std::mutex writing_;  // one save at a time
};

}  // namespace dramatis::server
