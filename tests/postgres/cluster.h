// A PostgreSQL server of the tests' own, on a socket in a scratch folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/testing/scratch_folder.h"

namespace dramatis {

// One thread at a time.
class Cluster {
 public:
  // The one of this process, started when it is first asked for; null where PostgreSQL is absent.
  static Cluster* get();
  ~Cluster();

  // A new, empty database; its address.
  [[nodiscard]] std::string make_database(const std::string& options = "");
  // The address of a database; `folder` holds the socket, empty: the server's own.
  [[nodiscard]] std::string address(const std::string& database,
                                    const std::string& folder = "") const;
  [[nodiscard]] std::string folder() const { return scratch_ / "run"; }
  // Runs SQL as the server's owner.
  void run_sql(const std::string& database, const std::string& sql) const;
  // Returns when nobody is connected to a database.
  void wait_until_unused(const std::string& database) const;
  void stop() const;
  void start() const;

 private:
  Cluster() = default;
  [[nodiscard]] bool set_up();
  // Runs a program of PostgreSQL's, as somebody who is not root; whether it ended well.
  [[nodiscard]] bool run(std::vector<std::string> words) const;

  ScratchFolder scratch_;
  std::string programs_;  // the folder of initdb and pg_ctl
  int databases_ = 0;
};

}  // namespace dramatis
