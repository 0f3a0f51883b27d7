// A folder of journals -> the archive of one process: <character>.<step>.jsonl each.
#pragma once

#include <filesystem>

#include "dataset/archive.h"

namespace dramatis::dataset {

// Thread-safe; a step is open in one process at a time, which its journal sees to.
class FolderArchive final : public Archive {
 public:
  // The folder is made when something is written.
  explicit FolderArchive(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] Result<std::unique_ptr<Book>> open(const StepKey& key,
                                                   const StepPlan& plan) override;
  [[nodiscard]] Result<std::vector<text::Json>> read(const StepKey& key) const override;
  [[nodiscard]] Status put_aside(const std::vector<StepKey>& steps) override;
  [[nodiscard]] Result<std::size_t> add_talks(const std::string& character,
                                              const std::vector<text::JsonObject>& talks) override;
  [[nodiscard]] Result<Cost> spent(const std::vector<StepKey>& steps) const override;
  [[nodiscard]] Result<Hands> hands() const override { return Hands{}; }
  [[nodiscard]] Till* till() override { return nullptr; }
  [[nodiscard]] std::string place() const override { return folder_.string(); }

 private:
  [[nodiscard]] std::filesystem::path path_of(const StepKey& key) const;
  [[nodiscard]] Status make_folder() const;

  const std::filesystem::path folder_;
};

}  // namespace dramatis::dataset
