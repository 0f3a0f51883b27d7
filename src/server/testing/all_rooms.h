// All that `serve` adds to the native routes, upon a scratch folder with one thing of each kind.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "arena/testing/memory_store.h"
#include "base/files.h"
#include "base/testing/scratch_folder.h"
#include "persona/cast_changes.h"
#include "server/adapter_routes.h"
#include "server/arena_routes.h"
#include "server/curation_routes.h"
#include "server/sheet_routes.h"
#include "server/study_routes.h"
#include "server/testing/tavern.h"
#include "server/training_routes.h"

namespace dramatis::server::testing {

class AllRooms {
 public:
  AllRooms() {
    namespace fs = std::filesystem;
    fs::copy(fs::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small", scratch_ / "cast",
             fs::copy_options::recursive);
    scratch_.write("cast/tarn/ida-fenn.png", "\x89PNG\r\n\x1A\n");
    scratch_.write("cast/tarn/.versions/ida-fenn/20261121T184500.123Z.yaml",
                   read_text_file(scratch_ / "cast/tarn/ida-fenn.yaml", 1 << 20).value());
    scratch_.write("sets/tarn/ida-fenn.exchanges.jsonl",
                   "{\"recipe\":\"00\"}\n"
                   R"({"item":7,"who":"Bo","role":"a tinker","manner":["sly"],"place":"The quay",)"
                   R"("emotion":"bored","reason":"waits","acquaintance":"They have never met.",)"
                   R"("question":"Is the ferry late?","answer":"It is never late.","drops":[],)"
                   R"("refusals":[]})"
                   "\n");
    scratch_.write("reports/one.json", R"({"id":"one","title":"First","made_ms":5})");
    scratch_.write("reports/one.html", "<!doctype html><p>one</p>");
    scratch_.write("runs/ida-lora/log.jsonl", R"({"kind":"begin","update":0,"updates":9})"
                                              "\n");
  }

  // For the options of `tavern`, whose members up to its server are there, and outlive this.
  void move_in(Tavern& tavern, ServerOptions& options) {
    tavern.cast.changes = std::make_shared<persona::CastChanges>();
    options.more.emplace_back([this, &tavern](const Api& api) { return furnish(tavern, api); });
  }

  // Before the tavern goes: talks that run use it.
  void close() {
    if (arenas_) arenas_->stop_all();
  }

  arena::testing::MemoryStore talks;

 private:
  std::vector<Route> furnish(Tavern& tavern, const Api& api) {
    adapters_ = std::make_unique<AdapterDesk>(scratch_ / "adapters",
                                              std::vector<AdapterDesk::Model>{}, api.with.store);
    sheets_.emplace(scratch_ / "cast", tavern.cast, tavern.examples, tavern.clock);
    arenas_.emplace(api.with, talks);
    shelf_.emplace(scratch_ / "reports");
    runs_.emplace(scratch_ / "runs", tavern.clock);
    curation_.emplace(scratch_ / "sets", *sheets_, tavern.examples, tavern.models, tavern.clock);
    std::vector<Route> all;
    for (auto& some : {adapter_routes(*adapters_), sheet_routes(*sheets_, api.with.store),
                       arena_routes(*arenas_), study_routes(*shelf_), training_routes(*runs_),
                       curation_routes(*curation_)})
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }

  ScratchFolder scratch_;
  std::unique_ptr<AdapterDesk> adapters_;
  std::optional<SheetDesk> sheets_;
  std::optional<ArenaDesk> arenas_;
  std::optional<study::Shelf> shelf_;
  std::optional<runs::Folder> runs_;
  std::optional<CurationDesk> curation_;
};

}  // namespace dramatis::server::testing
