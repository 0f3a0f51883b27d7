// A reply as it streams -> what is said aloud and what is only thought, kept apart from the first
// byte.
#pragma once

#include <string>
#include <string_view>

namespace dramatis::dialogue {

// Private text stands between an opening and its closing mark: #SCRATCHPAD ... #ANSWER (a colon
// right after either belongs to it), <scratchpad> ... </scratchpad>, <think> ... </think>, in any
// letter case. What is never closed is private to the end; only its own kind of mark closes it, and
// tags nest. A closing mark that closes nothing is removed. What is said is trimmed at both ends.
// One thread at a time.
class Scratchpad {
 public:
  enum class Expect {
    kSpeech,    // words go out at once; a mark may still open a thought
    kThoughts,  // the reply was asked to begin with a thought. One that does not is held back until
                // it is clear that no closing mark follows: what stands before such a mark was
                // private
  };

  explicit Scratchpad(Expect expect) : expect_(expect) {}

  // Takes the next piece, split anywhere, and returns what may be shown now. However a text is
  // split, the pieces returned join to the same text.
  [[nodiscard]] std::string push(std::string_view piece);
  // The rest, when the reply has ended.
  [[nodiscard]] std::string finish();

  // Whether anything was kept back as a thought, or may turn out to be one.
  [[nodiscard]] bool has_thought() const {
    return depth_ > 0 || !thoughts_.empty() || !held_.empty();
  }

  // All that was kept back so far, trimmed, blocks parted by a line; whole only after finish().
  [[nodiscard]] std::string thoughts() const;

 private:
  enum class Kind { kHash, kScratchpadTag, kThinkTag };
  struct Mark;
  static const Mark* mark_at(std::string_view text);
  static bool may_begin_mark(std::string_view text);

  void consume(bool at_end, std::string& out);
  void meet(const Mark& mark, std::string& out);
  void take(char letter, std::string& out);
  void say(std::string_view text, std::string& out);
  void release_held(std::string& out);

  Expect expect_;
  std::string pending_;  // may be the beginning of a mark
  std::string held_;     // kThoughts: words before any mark, not yet known to be speech
  std::string spaces_;   // after the last word said; dropped at the end
  std::string thought_;  // of the open block
  std::string thoughts_;
  bool decided_ = false;        // a mark was met, or none is expected: words are speech
  bool said_anything_ = false;  // spaces before the first word are dropped
  bool swallow_colon_ = false;  // directly after a hash mark
  int depth_ = 0;               // open marks of `open_`; 0: speech
  Kind open_ = Kind::kHash;
};

}  // namespace dramatis::dialogue
