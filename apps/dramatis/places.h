// Where this machine keeps things: folders of the user, of Dramatis, and the defaults that follow.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "settings.h"

namespace dramatis::app {

[[nodiscard]] std::optional<std::string> variable(const std::string& name);

// The folder of the running program.
[[nodiscard]] std::filesystem::path program_folder();
// A file or folder that came with Dramatis ("cast", "models/hearth.gguf"): below the working
// folder, the source tree in which the program was built, or share/dramatis beside it; where it is
// missing, the first place at which it would be looked for in the source tree.
[[nodiscard]] std::filesystem::path shipped(const std::filesystem::path& what);

// Where the database lies by default, or dramatis.sqlite here where the user has no home.
[[nodiscard]] std::filesystem::path default_database();
// The setting `database`; a relative path of dramatis.yaml starts at the file's own folder.
[[nodiscard]] std::string database_address(const Settings& settings);
// Where the user's models lie: models/ beside the database's default place.
[[nodiscard]] std::filesystem::path user_models();
// Where reports of studies lie: reports/ beside the same.
[[nodiscard]] std::filesystem::path report_folder();
// Where adapters of the service lie: adapters/ beside the same.
[[nodiscard]] std::filesystem::path adapter_folder();
// Where what can be made again lies: $XDG_CACHE_HOME/dramatis; empty where the user has no home.
[[nodiscard]] std::filesystem::path user_cache();
// Who is logged in; "player" where nobody can tell.
[[nodiscard]] std::string login_name();

// dramatis.yaml: what --config or DRAMATIS_CONFIG says, the one here, or the user's; empty: none.
[[nodiscard]] std::filesystem::path settings_file(const std::string& asked);

// The defaults that depend on the machine.
[[nodiscard]] std::map<std::string, std::string, std::less<>> machine_defaults();

}  // namespace dramatis::app
