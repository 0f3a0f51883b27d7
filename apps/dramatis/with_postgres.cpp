// The same arguments go to the program beside this one.
#include "with_postgres.h"

#include <cstdlib>
#include <string>

#include <unistd.h>

#include "places.h"
#include "store/database.h"

namespace dramatis::app {
namespace {

bool names_postgres(std::string_view word) {
  return word.find("postgresql://") != std::string_view::npos ||
         word.find("postgres://") != std::string_view::npos;
}

}  // namespace

void become_one_with_postgres(std::string_view database, char** argv) {
  if (!names_postgres(database) || store::speaks_postgres()) return;
  const std::string program = (program_folder() / "dramatis-postgres").string();
  execv(program.c_str(), argv);
}

void become_one_with_postgres(int argc, char** argv) {
  for (int n = 1; n < argc; ++n) become_one_with_postgres(argv[n], argv);
  if (const char* variable = std::getenv("DRAMATIS_DATABASE"))
    become_one_with_postgres(variable, argv);
}

}  // namespace dramatis::app
