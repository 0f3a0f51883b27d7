// dramatis ARGS with a database of PostgreSQL -> dramatis-postgres ARGS, the program that is linked
// with its client library: the other one keeps within promises of memory.
#pragma once

#include <string_view>

namespace dramatis::app {

// Becomes that program where a word of the command line or the variable DRAMATIS_DATABASE names
// such a database, unless this is it; returns otherwise, and where it is not there.
void become_one_with_postgres(int argc, char** argv);

// The same, for a database that the settings name.
void become_one_with_postgres(std::string_view database, char** argv);

}  // namespace dramatis::app
