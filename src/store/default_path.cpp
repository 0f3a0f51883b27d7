// Two variables -> a path.
#include "store/default_path.h"

namespace dramatis::store {

Result<std::filesystem::path> default_path(std::string_view xdg_data_home, std::string_view home) {
  std::filesystem::path folder(xdg_data_home);
  if (!folder.is_absolute()) folder = std::filesystem::path(home) / ".local" / "share";
  if (!folder.is_absolute()) {
    return fail(ErrorCode::kNotFound,
                "Neither XDG_DATA_HOME nor HOME names a folder; give the database's path instead.");
  }
  return folder / "dramatis" / "dramatis.sqlite";
}

}  // namespace dramatis::store
