// Where the database lies when nobody says otherwise.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace dramatis::store {

// `<xdg_data_home>/dramatis/dramatis.sqlite`, or `<home>/.local/share/dramatis/dramatis.sqlite`
// where the first is empty or relative (XDG Base Directory Specification 0.8). The arguments are
// the variables XDG_DATA_HOME and HOME. kNotFound where neither is of use.
[[nodiscard]] Result<std::filesystem::path> default_path(std::string_view xdg_data_home,
                                                         std::string_view home);

}  // namespace dramatis::store
