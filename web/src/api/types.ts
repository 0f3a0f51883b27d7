// What the native API answers, as far as the page reads it. Fields that only an owner or a writer
// gets are optional.

export interface Me {
  role: "owner" | "writer" | "player";
  user_id?: string;
  username?: string;
}

export interface User {
  user_id: string;
  username: string;
}

export interface NpcSettings {
  character?: string;
  world_description?: string;
  character_description?: string;
  scene?: string;
  model?: string;
  history_size?: number;
  has_scratchpad?: boolean;
  temperature?: number;
  max_tokens?: number;
  top_k?: number;
  top_p?: number;
  min_p?: number;
  repetition_penalty?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
}

export interface Npc {
  npc_id: string;
  name: string;
  settings?: NpcSettings; // for writers, of one NPC
}

export interface Scene {
  place?: string;
  time?: string;
  status?: string;
  player?: string;
  player_is?: string;
  acquaintance?: string;
}

export interface Conversation {
  conversation_id: string;
  npc_id: string;
  user_id: string;
  title: string;
  scene: Scene;
  note?: string; // the director's: for writers
  started: string;
  current?: boolean;
  branched_after?: string;
}

export interface Turn {
  turn_id: string;
  conversation_id: string;
  message: string | null; // null: the NPC spoke first
  reply: string;
  thoughts?: string;
  chosen: number;
  alternatives: number;
  at: string;
}

// Fields at nought are left out.
export interface Section {
  name: string;
  tokens?: number;
  cut?: number;
}

export interface Preview {
  sections: Section[];
  messages: { role: string; content: string }[];
  tokens: number;
}

export interface ExampleUsed {
  topic?: string;
  player?: string;
  npc?: string;
  relevance?: number;
}

export interface Account {
  model?: string;
  sampling?: Record<string, unknown>;
  origin?: string;
  why?: string;
  prompt_tokens?: number;
  cached_tokens?: number;
  computed_tokens?: number;
  generated_tokens?: number;
  first_word_ns?: number;
  total_ns?: number;
  sections?: Section[];
  examples?: ExampleUsed[];
  prompt_sha256?: string;
}

export interface Explained {
  account: Account | null; // null: no model was asked
}

export interface Replay {
  reply: string;
  same_prompt: boolean;
  same_reply: boolean;
}

export interface Model {
  id: string;
  state?: string;
  context_size?: number;
  [more: string]: unknown;
}

export interface Key {
  key_id: string;
  role: string;
  name: string;
  user_id: string | null;
  made: string;
  key?: string; // shown once, by the answer to making it
  quota: { requests_per_minute: number; tokens_per_day: number; conversations_per_day: number };
}

// A character that can be talked to, whether an NPC plays it yet or not.
export interface CastMember {
  character: string;
  name: string;
  short_name: string;
  title: string;
  world: string;
  world_name: string;
  summary: string;
  speaks_first: boolean;
  npc_ids: string[]; // NPCs that play it, the first registered first
  portrait?: string; // an address of this server
}

export interface Finding {
  line: number;
  field: string;
  severity: "error" | "warning";
  what: string;
  suggestion: string;
}

export type SheetValue = string | boolean | SheetValue[] | { [name: string]: SheetValue };

export interface Sheet {
  kind: "world" | "character";
  id: string;
  yaml: string;
  fields: { [name: string]: SheetValue } | null; // null: it is no YAML map
  findings: Finding[];
}

export interface SheetVersion {
  version: string; // when it was replaced, "20261121T184500.123Z"
  bytes: number;
}

export interface SheetInList {
  kind: "world" | "character";
  id: string; // "luminaria/orlando-marlo", "luminaria/world"
  name: string;
  world: string;
}

export interface LogLine {
  n: number;
  line: string | Record<string, unknown>;
}

// NPCs that talk to each other. Times are in milliseconds.
export interface ArenaLine {
  name: string;
  speaker: number; // among the participants
  text: string;
  turn: string;
  at_ms: number;
  took_ms: number;
}

export interface Arena {
  id: string;
  participants: { npc: string; name: string; short_name: string }[];
  opening: string;
  order: string;
  started_ms: number;
  lines?: ArenaLine[]; // of one arena
  running?: boolean;
  failure?: { detail?: string; title?: string; code?: string };
}

export interface ArenaFigures {
  figures: { turns: number; mean_characters: number; mean_reply_seconds: number };
  speakers: {
    name: string;
    turns: number;
    mean_words: number;
    mean_reply_seconds: number;
    self_repetition: number;
    topic_drift: number;
    clean: number;
    signs: Record<string, number>;
  }[];
  moves: { line: number; mover: string; owner: string; objective: string; moved: string }[];
}

export interface Score {
  mean: number;
  low: number;
  high: number;
  of: number;
}

export interface Report {
  id: string;
  title: string;
  made_ms: number;
  answered_by: string;
  asked_by: string;
  scored_by: string;
  all: Record<string, Score>;
  characters?: { character: string; scores: Record<string, Score> }[];
  rows?: ReportRow[];
}

export interface ReportRow {
  character: string;
  question: string;
  theme: string;
  asked: string;
  reply: string;
  points: Record<string, number>;
  findings: { sign: string; reason: string }[];
}

// A run of the trainer. What is not known yet is not there.
export interface Training {
  name: string;
  state: "learning" | "quiet" | "ended";
  written_ms: number;
  method?: string;
  base?: string;
  updates?: number; // planned
  epochs?: number;
  lessons?: number;
  held_out?: number;
  update?: number; // of these done
  epoch?: number;
  loss?: number; // of the last batch
  rate?: number;
  tokens_per_second?: number;
  first_loss?: number; // held-out losses: of the base,
  held_out_loss?: number; // now,
  best_loss?: number; // and the best
  best_update?: number;
  unread?: number; // damaged lines of its log
  result?: TrainingResult;
}

// Of result.json.
export interface TrainingResult {
  sheet: boolean;
  arithmetic: string;
  rank: number; // 0: every weight learnt
  alpha: number;
  rate: number;
  learnt: number;
  held_out: number;
  updates: number;
  lessons: string; // a digest
  first_loss: number;
  best_loss: number;
  best_update: number;
  tokens: number;
  seconds: number;
  megabytes: number;
  answers: number;
  ended: number;
}

export interface TrainingSample {
  question: string;
  reply: string;
  ended: boolean;
}

export type TrainingEntry =
  | { kind: "begin"; update: number }
  | { kind: "end"; update: number }
  | { kind: "update"; update: number; epoch: number; loss: number; rate: number; tokens_per_second: number }
  | { kind: "evaluation"; update: number; epoch: number; loss: number; best: boolean; samples: TrainingSample[]; right?: number };

export interface TrainingPage extends Training {
  entries: TrainingEntry[];
  next: number; // lines that there were up to here; less than `after` where the run began anew
  more: boolean;
}

// Exchanges that a model wrote for characters of the cast.
export interface DataSet {
  name: string;
  characters: string[];
}

// One of them: somebody comes and asks.
export interface Pair {
  item: number;
  of: number; // in the set, of this character
  who: string;
  role: string;
  place: string;
  emotion: string;
  reason: string;
  acquaintance: string;
  question: string;
  answer: string;
}

export interface Reanswer {
  answer: string | null; // null: nothing that passes the gates
  refusals: { gate: string; reason: string; answer: string }[];
}

export interface Curated {
  conversations: number;
  preference: boolean;
}
