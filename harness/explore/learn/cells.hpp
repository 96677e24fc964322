// Questions about names as cells: a server with a certificate, and a client that is sent to it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "harness/run/lab.hpp"

namespace mxident::harness::learn {

/// What varies: the name that a client looks for, or the dNSName of the certificate.
enum class Side { references, presented };

class Cells {
 public:
  /// `fixed` is the other name. The lab outlives this.
  Cells(Lab& lab, std::size_t column, Side side, std::string fixed);

  /// By name, whether mail was sent under TLS. Throws Stopped after an interrupt, and where a cell fails
  /// twice for a reason that lies in the harness.
  std::vector<bool> ask(const std::vector<std::string>& names);

  /// Of those that were asked: no ClientHello came, so that no certificate was looked at.
  std::set<std::string> unreached;
  std::set<std::string> hung, crashed;
  std::size_t recovered = 0;  ///< cells that hung, crashed or came to nothing, and did not when run again
  std::size_t cells = 0;      ///< that ran

 private:
  struct Seen {
    enum class Kind { answer, unreached, hung, failed } kind = Kind::answer;
    bool accepted = false, crashed = false;
    std::string note;
    bool is_an_answer() const { return kind == Kind::answer && !crashed; }
  };
  std::vector<Seen> run(const std::vector<std::string>& names);
  static Seen seen_in(const CellResult& result);
  Scenario scenario(const std::string& name, std::size_t number) const;

  Lab& lab_;
  std::size_t column_;
  Side side_;
  std::string fixed_;
  Scenario base_;
};

}  // namespace mxident::harness::learn
