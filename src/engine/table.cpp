// Every page is used, promised to who is seated, kept in the tree until somebody needs it, or free.
#include "engine/table.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "engine/limits.h"

namespace dramatis::engine {
namespace {

using model::kPageTokens;
using model::pages_for;

PageRights rights_of(const Session& session) {
  return {.common = session.placement().common,
          .conversation = session.placement().asker.conversation,
          .adapters = session.placement().adapters.key};
}

bool is_background(const Session& session) {
  return session.placement().asker.urgency == lm::Urgency::kBackground;
}

// Pages that a sequence can come to hold, copies of shared ones included.
std::size_t pages_of(std::size_t tokens) {
  return pages_for(tokens) + kCopiedPages;
}

bool stands_before(const Table::Ref& a, const Table::Ref& b) {
  const auto place = [](Session& session) {
    return std::tuple(is_background(session), session.course().rank, session.course().arrival);
  };
  return place(*a) < place(*b);
}

}  // namespace

Status Table::judge(const model::KvPool& pool, std::size_t tokens) {
  if (pages_of(tokens) <= pool.max_pages()) return {};
  return fail(
      ErrorCode::kOverBudget,
      fmt::format("Keys and values of {} tokens take up to {} pages of {} bytes; there are {}. "
                  "Shorten the prompt or the reply, or allow more memory.",
                  tokens, pages_of(tokens), pool.shape().page_bytes(), pool.max_pages()));
}

void Table::add(Ref session) {
  session->course().arrival = arrivals_++;
  waiting_.push_back(std::move(session));
}

void Table::drop_unwanted() {
  for (const auto* sessions : {&waiting_, &running_}) {
    for (const auto& session : std::vector<Ref>(*sessions)) {
      if (auto wanted = session->still_wanted(); !wanted) end(*session, std::move(wanted));
    }
  }
}

// Ranks each player's requests by their arrival, then brings both lists in order.
void Table::sort() {
  std::vector<Session*> all;
  for (const auto* sessions : {&running_, &waiting_}) {
    for (const auto& session : *sessions) all.push_back(session.get());
  }
  std::ranges::sort(all, {}, [](Session* session) { return session->course().arrival; });
  std::map<std::string_view, std::size_t> asked;
  for (Session* session : all) {
    const std::string& player = session->placement().asker.player;
    session->course().rank = player.empty() ? 0 : asked[player]++;
  }
  std::ranges::sort(waiting_, stands_before);
  std::ranges::sort(running_, stands_before);
}

void Table::seat() {
  sort();
  for (const auto& session : std::vector<Ref>(waiting_)) {
    auto seat = try_seat(*session);
    while (seat == Seat::kNoRoom && !is_background(*session) && unseat_background())
      seat = try_seat(*session);
    if (seat == Seat::kNoRoom) break;  // who stands behind may not overtake, or a large one starves
    if (seat == Seat::kNotYet) continue;
    std::erase(waiting_, session);
    if (!session->course().over) running_.push_back(session);
  }
  std::ranges::sort(running_, stands_before);
  for (const auto& session : std::vector<Ref>(running_)) share_common(*session);
}

Table::Seat Table::try_seat(Session& session) {
  const std::string& player = session.placement().asker.player;
  if (is_background(session) && holds_players()) return Seat::kNotYet;
  if (!player.empty() && seated_of(player) >= kMaxSeatsOfOne) return Seat::kNotYet;
  if (running_.size() >= kMaxSeats) return Seat::kNoRoom;
  const auto& work = session.work();
  // Held from here on, so that making room does not let them go.
  const auto found = tree_.find(work.tokens(), work.first_wanted(), rights_of(session));
  const auto shared =
      static_cast<std::size_t>(std::ranges::count(found, kPageTokens, &PagePiece::tokens));
  if (!make_room(pages_of(work.capacity()) - shared)) return Seat::kNoRoom;
  session.course().cache.emplace(pool_, work.capacity());
  for (const auto& piece : found) {
    if (auto done = session.course().cache->append(piece.page, piece.tokens); !done) {
      end(session, std::move(done));
      break;
    }
  }
  return Seat::kTaken;
}

bool Table::make_room(std::size_t pages) {
  const std::size_t promised = promised_pages();
  while (pool_->used_pages() + promised + pages > pool_->max_pages()) {
    if (!tree_.evict()) return false;
  }
  return true;
}

// The background session that came last gives its pages up and waits again.
bool Table::unseat_background() {
  const auto last =
      std::ranges::find_if(running_.rbegin(), running_.rend(),
                           [](const Ref& session) { return is_background(*session); });
  if (last == running_.rend()) return false;
  const Ref session = *last;
  session->course().cache.reset();
  std::erase(running_, session);
  waiting_.push_back(session);
  return true;
}

std::size_t Table::promised_pages() const {
  std::size_t sum = 0;
  for (const auto& session : running_) {
    sum += pages_of(session->work().capacity()) - session->course().cache->pages().size();
  }
  return sum;
}

bool Table::holds_players() const {
  const auto player = [](const Ref& session) { return !is_background(*session); };
  return std::ranges::any_of(running_, player) || std::ranges::any_of(waiting_, player);
}

std::size_t Table::seated_of(const std::string& player) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      running_, [&](const Ref& session) { return session->placement().asker.player == player; }));
}

void Table::share_common(Session& session) {
  auto& cache = *session.course().cache;
  if (cache.length() >= session.placement().common) return;
  const auto& work = session.work();
  const auto found = tree_.find(work.tokens(), work.first_wanted(), rights_of(session));
  std::size_t tokens = 0;
  for (const auto& piece : found) tokens += piece.tokens;
  if (tokens <= cache.length()) return;
  cache.truncate(cache.length() / kPageTokens * kPageTokens);
  for (std::size_t p = cache.length() / kPageTokens; p < found.size(); ++p) {
    if (auto done = cache.append(found[p].page, found[p].tokens); !done) {
      end(session, std::move(done));
      return;
    }
  }
}

std::vector<Session*> Table::running() {
  const bool players = holds_players();
  std::vector<Session*> chosen;
  for (const auto& session : running_) {
    if (!players || !is_background(*session)) chosen.push_back(session.get());
  }
  return chosen;
}

void Table::keep_common(Session& session, std::size_t before) {
  const std::size_t common = session.placement().common;
  if (before >= common) return;
  const auto& cache = *session.course().cache;
  const std::size_t whole = cache.length() / kPageTokens * kPageTokens;
  const std::size_t kept = cache.length() == common ? common : std::min(whole, common);
  tree_.keep(session.work().tokens().first(kept),
             {.common = common, .adapters = session.placement().adapters.key}, cache);
}

void Table::end(Session& session, Status outcome) {
  auto& course = session.course();
  if (course.over) return;
  if (course.cache) {
    const auto ids = session.work().tokens();
    const std::size_t kept = std::min({course.cache->length(), session.work().worth_keeping(),
                                       session.work().valid(), ids.size()});
    const auto rights = rights_of(session);
    if (kept > rights.common) tree_.keep(ids.first(kept), rights, *course.cache);
    course.cache.reset();
  }
  course.over = true;
  course.outcome = std::move(outcome);
  for (auto* sessions : {&waiting_, &running_}) {
    const auto at = std::ranges::find(*sessions, &session, &Ref::get);
    if (at == sessions->end()) continue;
    ended_.push_back(*at);
    sessions->erase(at);
    return;
  }
}

void Table::end_all(const Error& why) {
  while (!running_.empty()) end(*running_.back(), tl::unexpected(why));
  while (!waiting_.empty()) end(*waiting_.back(), tl::unexpected(why));
}

std::vector<Table::Ref> Table::take_ended() {
  return std::exchange(ended_, {});
}

}  // namespace dramatis::engine
