// Whoever is told of a run as it goes: a file, a console, counts. A results file tells the same again.
#pragma once

#include <vector>

#include "harness/results/result.hpp"

namespace mxident::harness {

/// In this order: begin, then scenarios and cells, each scenario before its cells, then end. A run that is
/// cut off may have no end. Called on one thread.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void begin(const RunHeader&) {}
  virtual void scenario(const ScenarioRecord&) {}
  virtual void cell(const CellResult&) {}
  virtual void end(const RunFooter&) {}
};

/// Tells each of several, in their order.
class Sinks : public Sink {
 public:
  void add(Sink& sink) { sinks_.push_back(&sink); }
  void begin(const RunHeader& header) override {
    for (auto* sink : sinks_) sink->begin(header);
  }
  void scenario(const ScenarioRecord& scenario) override {
    for (auto* sink : sinks_) sink->scenario(scenario);
  }
  void cell(const CellResult& result) override {
    for (auto* sink : sinks_) sink->cell(result);
  }
  void end(const RunFooter& footer) override {
    for (auto* sink : sinks_) sink->end(footer);
  }

 private:
  std::vector<Sink*> sinks_;
};

}  // namespace mxident::harness
