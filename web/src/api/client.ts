// The addresses of the native API, one function for each that the page uses.
import { ask, askBlob, askText, stream, watch, type Listener } from "./http";
import type * as T from "./types";

const at = encodeURIComponent;
const conversation = (id: string) => `/v1/conversations/${at(id)}`;
const turn = (id: string) => `/v1/turns/${at(id)}`;
const list = async <V>(path: string, name: string): Promise<V[]> =>
  ((await ask<Record<string, unknown>>("GET", path))[name] ?? []) as V[];

export const me = () => ask<T.Me>("GET", "/v1/me");
export const cast = () => list<T.CastMember>("/v1/cast", "characters");

export const users = () => list<T.User>("/v1/users", "users");
export const addUser = (username: string) => ask<T.User>("POST", "/v1/users", { username });
export const removeUser = (id: string) => ask<void>("DELETE", `/v1/users/${at(id)}`);

export const npcs = () => list<T.Npc>("/v1/npcs", "npcs");
export const npc = (id: string) => ask<T.Npc>("GET", `/v1/npcs/${at(id)}`);
export const addNpc = (settings: T.NpcSettings) => ask<T.Npc>("POST", "/v1/npcs", settings);
export const changeNpc = (id: string, change: T.NpcSettings) =>
  ask<T.Npc>("PATCH", `/v1/npcs/${at(id)}`, change);
export const removeNpc = (id: string) => ask<void>("DELETE", `/v1/npcs/${at(id)}`);

export const conversations = (user: string) =>
  list<T.Conversation>(`/v1/conversations?user_id=${at(user)}&limit=200`, "conversations");
export const addConversation = (npc_id: string, user_id: string, more: object = {}) =>
  ask<T.Conversation>("POST", "/v1/conversations", { npc_id, user_id, ...more });
export const changeConversation = (id: string, change: object) =>
  ask<T.Conversation>("PATCH", conversation(id), change);
export const removeConversation = (id: string) => ask<void>("DELETE", conversation(id));
export const exported = (id: string) => askBlob(`${conversation(id)}/export`);
export const reset = (id: string) => ask<unknown>("POST", `${conversation(id)}/reset`);
export const undo = (id: string) => ask<unknown>("POST", `${conversation(id)}/undo`);
export const branch = (id: string, turn_id: string) =>
  ask<T.Conversation>("POST", `${conversation(id)}/branch`, { turn_id });
export const preview = (id: string, message: string) =>
  ask<T.Preview>("POST", `${conversation(id)}/preview`, { message });

export const turns = (id: string, limit: number, before?: string) =>
  list<T.Turn>(
    `${conversation(id)}/turns?limit=${limit}${before ? `&before=${at(before)}` : ""}`,
    "turns",
  );
export const changeTurn = (id: string, change: object) => ask<T.Turn>("PATCH", turn(id), change);
export const explain = (id: string) => ask<T.Explained>("GET", `${turn(id)}/explain`);
export const replay = (id: string) => ask<T.Replay>("POST", `${turn(id)}/replay`);

type Options = { idempotencyKey?: string; signal: AbortSignal };
export const say = (id: string, message: string, options: Options, listener: Listener) =>
  stream(`${conversation(id)}/turns`, { message }, options, listener);
export const greet = (id: string, options: Options, listener: Listener) =>
  stream(`${conversation(id)}/greet`, {}, options, listener);
export const regenerate = (id: string, options: Options, listener: Listener) =>
  stream(`${turn(id)}/regenerate`, {}, options, listener);

export const models = () => list<T.Model>("/v1/models", "data");
export const keys = () => list<T.Key>("/v1/keys", "keys");
export const addKey = (asked: object) => ask<T.Key>("POST", "/v1/keys", asked);
export const removeKey = (id: string) => ask<void>("DELETE", `/v1/keys/${at(id)}`);
export const metrics = () => askText("/metrics");

export const logs = (after: number) =>
  ask<{ lines: T.LogLine[] }>("GET", `/v1/logs?after=${after}`);

// A sheet's id is its world and its name: "luminaria/orlando-marlo".
const sheetAt = (id: string) => `/v1/sheets/${id.split("/").map(at).join("/")}`;
export const sheets = () => list<T.SheetInList>("/v1/sheets", "sheets");
export const sheet = (id: string) => ask<T.Sheet>("GET", sheetAt(id));
export const lintSheet = (id: string, yaml: string) =>
  ask<T.Sheet>("POST", `${sheetAt(id)}/lint`, { yaml });
export const saveSheet = (id: string, yaml: string) => ask<T.Sheet>("PUT", sheetAt(id), { yaml });
export const sheetVersions = (id: string) =>
  list<T.SheetVersion>(`${sheetAt(id)}/versions`, "versions");
export const sheetVersion = (id: string, version: string) =>
  ask<T.Sheet>("GET", `${sheetAt(id)}/versions/${at(version)}`);

const arenaAt = (id: string) => `/v1/arenas/${at(id)}`;
export const arenas = () => list<T.Arena>("/v1/arenas?limit=100", "arenas");
export const arena = (id: string) => ask<T.Arena>("GET", arenaAt(id));
export const addArena = (wanted: object) => ask<T.Arena>("POST", "/v1/arenas", wanted);
export const removeArena = (id: string) => ask<void>("DELETE", arenaAt(id));
export const runArena = (id: string, lines: number) => ask<T.Arena>("POST", `${arenaAt(id)}/run`, { lines });
export const stopArena = (id: string) => ask<T.Arena>("POST", `${arenaAt(id)}/stop`, {});
export const arenaFigures = (id: string) => ask<T.ArenaFigures>("GET", `${arenaAt(id)}/figures`);
export const watchArena = (id: string, after: number, signal: AbortSignal, listener: Listener) =>
  watch(`${arenaAt(id)}/events?after=${after}`, signal, listener);

export const reports = () => list<T.Report>("/v1/reports", "reports");
export const report = (id: string) => ask<T.Report>("GET", `/v1/reports/${at(id)}`);
export const reportPage = (id: string) => askBlob(`/v1/reports/${at(id)}/page`);

export const trainings = () => list<T.Training>("/v1/trainings", "trainings");
export const training = (name: string, after: number) => ask<T.TrainingPage>("GET", `/v1/trainings/${at(name)}?after=${after}`);

const dataSet = (name: string) => `/v1/datasets/${at(name)}`;
export const dataSets = () => list<T.DataSet>("/v1/datasets", "datasets");
export const drawPair = (set: string, character: string) => ask<T.Pair>("GET", `${dataSet(set)}/pair?character=${at(character)}`);
export const answerAgain = (set: string, character: string, item: number) => ask<T.Reanswer>("POST", `${dataSet(set)}/again`, { character, item });
export const curate = (set: string, character: string, item: number, shown: string, answer: string) =>
  ask<T.Curated>("POST", `${dataSet(set)}/curate`, { character, item, shown, answer });
