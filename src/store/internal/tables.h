// All tables, each with the statements that copy it row by row; parents before their children.
#pragma once

#include <array>

namespace dramatis::store::internal {

struct Table {
  const char* name;
  const char* count;
  const char* select;  // ?1: the place after which it goes on, ?2: how many rows
  const char* insert;  // the same columns, place first
};

inline constexpr std::array kTables{
    Table{"users", "SELECT count(*) FROM users",
          "SELECT place, id, name, registered_ms FROM users WHERE place > ?1 "
          "ORDER BY place LIMIT ?2",
          "INSERT INTO users (place, id, name, registered_ms) VALUES (?1, ?2, ?3, ?4)"},
    Table{"npcs", "SELECT count(*) FROM npcs",
          "SELECT place, id, settings, registered_ms FROM npcs WHERE place > ?1 "
          "ORDER BY place LIMIT ?2",
          "INSERT INTO npcs (place, id, settings, registered_ms) VALUES (?1, ?2, ?3, ?4)"},
    Table{"conversations", "SELECT count(*) FROM conversations",
          "SELECT place, id, npc, player, title, scene, note, branched_after, is_current, "
          "started_ms FROM conversations WHERE place > ?1 ORDER BY place LIMIT ?2",
          "INSERT INTO conversations (place, id, npc, player, title, scene, note, branched_after, "
          "is_current, started_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"},
    Table{"turns", "SELECT count(*) FROM turns",
          "SELECT place, id, conversation, npc, player, message, reply, thoughts, account, at_ms, "
          "chosen, alternatives, key FROM turns WHERE place > ?1 ORDER BY place LIMIT ?2",
          "INSERT INTO turns (place, id, conversation, npc, player, message, reply, thoughts, "
          "account, at_ms, chosen, alternatives, key) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"},
    Table{"alternatives", "SELECT count(*) FROM alternatives",
          "SELECT place, turn, nth, reply, thoughts, account, at_ms FROM alternatives "
          "WHERE place > ?1 ORDER BY place LIMIT ?2",
          "INSERT INTO alternatives (place, turn, nth, reply, thoughts, account, at_ms) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
    Table{"keys", "SELECT count(*) FROM keys",
          "SELECT place, id, role, player, name, digest, requests_per_minute, tokens_per_day, "
          "conversations_per_day, made_ms FROM keys WHERE place > ?1 ORDER BY place LIMIT ?2",
          "INSERT INTO keys (place, id, role, player, name, digest, requests_per_minute, "
          "tokens_per_day, conversations_per_day, made_ms) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"},
    Table{"spent", "SELECT count(*) FROM spent",
          "SELECT place, key, meter, begins_ms, amount FROM spent WHERE place > ?1 "
          "ORDER BY place LIMIT ?2",
          "INSERT INTO spent (place, key, meter, begins_ms, amount) VALUES (?1, ?2, ?3, ?4, ?5)"},
    Table{"expenses", "SELECT count(*) FROM expenses",
          "SELECT place, model, account, day, tokens, micros FROM expenses WHERE place > ?1 "
          "ORDER BY place LIMIT ?2",
          "INSERT INTO expenses (place, model, account, day, tokens, micros) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
    Table{"npc_players", "SELECT count(*) FROM npc_players",
          "SELECT place, npc, player FROM npc_players WHERE place > ?1 ORDER BY place LIMIT ?2",
          "INSERT INTO npc_players (place, npc, player) VALUES (?1, ?2, ?3)"},
    Table{"talks", "SELECT count(*) FROM talks",
          "SELECT place, id, talk, started_ms FROM talks WHERE place > ?1 ORDER BY place LIMIT ?2",
          "INSERT INTO talks (place, id, talk, started_ms) VALUES (?1, ?2, ?3, ?4)"},
    Table{"lines", "SELECT count(*) FROM lines",
          "SELECT place, talk, nth, line FROM lines WHERE place > ?1 ORDER BY place LIMIT ?2",
          "INSERT INTO lines (place, talk, nth, line) VALUES (?1, ?2, ?3, ?4)"},
    Table{"dataset_runs", "SELECT count(*) FROM dataset_runs",
          "SELECT place, name, requests, prompt_tokens, reply_tokens, micros FROM dataset_runs "
          "WHERE place > ?1 ORDER BY place LIMIT ?2",
          "INSERT INTO dataset_runs (place, name, requests, prompt_tokens, reply_tokens, micros) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
    Table{"dataset_steps", "SELECT count(*) FROM dataset_steps",
          "SELECT place, run, whose, step, recipe FROM dataset_steps WHERE place > ?1 "
          "ORDER BY place LIMIT ?2",
          "INSERT INTO dataset_steps (place, run, whose, step, recipe) "
          "VALUES (?1, ?2, ?3, ?4, ?5)"},
    Table{"dataset_items", "SELECT count(*) FROM dataset_items",
          "SELECT place, step, item, worker, until_ms, record FROM dataset_items WHERE place > ?1 "
          "ORDER BY place LIMIT ?2",
          "INSERT INTO dataset_items (place, step, item, worker, until_ms, record) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
};

// With all that hangs on them, these are everything.
inline constexpr std::array kRoots{"DELETE FROM users", "DELETE FROM npcs",
                                   "DELETE FROM keys",  "DELETE FROM expenses",
                                   "DELETE FROM talks", "DELETE FROM dataset_runs"};

}  // namespace dramatis::store::internal
