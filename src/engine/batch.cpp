// Replies first: a token of each costs little beside reading the weights once for all.
#include "engine/batch.h"

#include <algorithm>

#include "engine/limits.h"
#include "engine/page_tree.h"
#include "model/limits.h"

namespace dramatis::engine {
namespace {

using model::kPageTokens;

std::size_t done(Session& session) {
  return session.course().cache->length();
}
bool in_common(Session& session) {
  return done(session) < session.placement().common;
}
std::span<const TokenId> common_of(Session& session) {
  return session.work().tokens().first(session.placement().common);
}

// Whether one of `before` computes what `session` needs next.
bool is_computed_by(std::span<Session* const> before, Session& session) {
  return std::ranges::any_of(before, [&](Session* other) {
    return in_common(*other) &&
           other->placement().adapters.key == session.placement().adapters.key &&
           shared_prefix(common_of(*other), common_of(session)) > done(session);
  });
}

// Where a session's rows of this step end.
std::size_t end_of(Session& session, std::size_t room) {
  const std::size_t from = done(session);
  const std::size_t common = session.placement().common;
  if (!in_common(session)) return std::min(from + room, session.work().tokens().size());
  if (from + room >= common) return common;
  return std::max(from, (from + room) / kPageTokens * kPageTokens);
}

std::size_t logits_of(const Batch& batch) {
  std::size_t sum = 0;
  for (const auto& share : batch.shares) sum += share.logits;
  return sum;
}

void add_rows(Session& session, std::size_t end, Batch& batch) {
  const std::size_t from = done(session);
  const std::size_t logits_left = kMaxLogitRows - logits_of(batch);
  Share share{.session = &session, .before = from, .logits = 0};
  for (std::size_t n = from; n < end; ++n) {
    const bool wanted = n >= session.work().first_wanted();
    if (wanted && share.logits == logits_left) break;
    share.logits += wanted ? 1 : 0;
    batch.rows.push_back({.id = session.work().tokens()[n],
                          .cache = &*session.course().cache,
                          .wanted = wanted ? model::Wanted::kLogits : model::Wanted::kNothing,
                          .adapters = session.placement().adapters.uses});
  }
  if (!batch.rows.empty() && batch.rows.back().cache == &*session.course().cache)
    batch.shares.push_back(share);
}

bool needs_one(Session& session) {
  return !in_common(session) && done(session) + 1 == session.work().tokens().size();
}

}  // namespace

Batch compose_batch(std::span<Session* const> running) {
  Batch batch;
  for (Session* session : running) {
    if (needs_one(*session)) add_rows(*session, done(*session) + 1, batch);
  }
  for (std::size_t n = 0; n < running.size() && batch.rows.size() < model::kMaxBatchRows; ++n) {
    Session& session = *running[n];
    if (needs_one(session)) continue;
    if (in_common(session) && is_computed_by(running.first(n), session)) continue;
    add_rows(session, end_of(session, model::kMaxBatchRows - batch.rows.size()), batch);
  }
  return batch;
}

}  // namespace dramatis::engine
