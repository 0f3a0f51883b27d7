// yaml-cpp's events -> YamlNode. Events, not its tree: an alias bomb is refused before it grows.
#include "text/yaml.h"

#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>
#include <yaml-cpp/yaml.h>

#include "text/limits.h"
#include "text/utf8.h"

namespace dramatis::text {
namespace {

// What stops the parse; it never leaves this file.
struct Refusal {
  ErrorCode code;
  std::string what;
};

[[noreturn]] void refuse(ErrorCode code, const YAML::Mark& mark, std::string_view why) {
  throw Refusal{code, fmt::format("line {}, column {}: {}", mark.line + 1, mark.column + 1, why)};
}

// Builds the tree from events.
class Builder final : public YAML::EventHandler {
 public:
  [[nodiscard]] YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    place(node_at(mark, YamlNode::Kind::kNull), mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(ErrorCode::kInvalidArgument, mark, "aliases (*name) are not used in sheets; write the text again");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    YamlNode node = node_at(mark, YamlNode::Kind::kScalar);
    node.quoted = tag == "!";
    if (!node.quoted && tag != "?" && !tag.empty()) {
      refuse(ErrorCode::kInvalidArgument, mark, fmt::format("the tag {} is not used in sheets", tag));
    }
    node.scalar = value;
    place(std::move(node), mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  YamlNode node_at(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (++nodes_ > kMaxYamlNodes) refuse(ErrorCode::kOverBudget, mark, "too many values in one document");
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (open_.size() >= kMaxYamlDepth) {
      refuse(ErrorCode::kOverBudget, mark, fmt::format("nested more than {} deep", kMaxYamlDepth));
    }
    open_.push_back(node_at(mark, kind));
    has_key_.push_back(false);
  }

  void close() {
    YamlNode done = std::move(open_.back());
    open_.pop_back();
    has_key_.pop_back();
    const YAML::Mark mark;
    place(std::move(done), mark);
  }

  void place(YamlNode node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = open_.back();
    if (parent.kind == YamlNode::Kind::kList) {
      parent.items.push_back(std::move(node));
    } else if (has_key_.back()) {
      parent.members.back().second = std::move(node);
      has_key_.back() = false;
    } else {
      if (node.kind != YamlNode::Kind::kScalar) refuse(ErrorCode::kInvalidArgument, mark, "a key must be a word");
      if (parent.find(node.scalar) != nullptr) {
        refuse(ErrorCode::kInvalidArgument, mark, fmt::format("the key '{}' stands twice", node.scalar));
      }
      parent.members.emplace_back(std::move(node), YamlNode{});
      has_key_.back() = true;
    }
  }

  YamlNode root_;
  std::vector<YamlNode> open_;   // lists and maps not yet closed, outermost first
  std::vector<bool> has_key_;    // beside open_: a map whose key waits for its value
  std::size_t nodes_ = 0;
};

// yaml-cpp recurses on flow brackets before its first event, so depth is bounded before it starts.
bool too_many_brackets(std::string_view document) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (const char c : document) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return deepest > 4 * kMaxYamlDepth;
}

}  // namespace

YamlNode::YamlNode() = default;

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.scalar == key) return &value;
  }
  return nullptr;
}

Result<YamlNode> parse_yaml(std::string_view document) {
  if (document.size() > kMaxYamlBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("The file has {} bytes; at most {} are read.",
                                                    document.size(), kMaxYamlBytes));
  }
  if (!is_valid_utf8(document)) return fail(ErrorCode::kInvalidArgument, "The file is not UTF-8.");
  if (too_many_brackets(document)) {
    return fail(ErrorCode::kOverBudget, "Brackets are nested too deep.");
  }
  try {
    std::istringstream stream{std::string(document)};
    YAML::Parser parser(stream);
    Builder builder;
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    YamlNode root = builder.take();
    Builder another;
    if (parser.HandleNextDocument(another)) {
      return fail(ErrorCode::kInvalidArgument, "The file holds more than one document.");
    }
    return root;
  } catch (const Refusal& refusal) {
    return fail(refusal.code, refusal.what);
  } catch (const YAML::Exception& broken) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("line {}, column {}: {}", broken.mark.line + 1,
                                                         broken.mark.column + 1, broken.msg));
  }
}

}  // namespace dramatis::text
