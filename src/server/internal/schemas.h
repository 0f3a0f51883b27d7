// What routes are called with and answer, as OpenAPI tells it: one file for each subject.
#pragma once

#include <string_view>

namespace dramatis::server::internal {

// Each is {"parameters": {...}, "schemas": {...}}; no name is in two of them.
[[nodiscard]] std::string_view schemas_of_service();  // and what all others need
[[nodiscard]] std::string_view schemas_of_people();
[[nodiscard]] std::string_view schemas_of_conversations();
[[nodiscard]] std::string_view schemas_of_turns();
[[nodiscard]] std::string_view schemas_of_keys();
[[nodiscard]] std::string_view schemas_of_adapters();
[[nodiscard]] std::string_view schemas_of_arenas();
[[nodiscard]] std::string_view schemas_of_curation();
[[nodiscard]] std::string_view schemas_of_reports();
[[nodiscard]] std::string_view schemas_of_sheets();
[[nodiscard]] std::string_view schemas_of_trainings();

}  // namespace dramatis::server::internal
