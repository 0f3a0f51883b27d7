// One request -> its answer, or a Problem that says what to tell people. All go to this server.
import { EventParser } from "./sse";

// What went wrong, in the server's words (RFC 9457) or ours where it could not be reached.
export class Problem extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    readonly code: string,
    readonly detail: string,
    readonly line = "", // in the NPC's voice; may be empty
    readonly waitSeconds = 0,
  ) {
    super(detail || code);
  }
}

const kKeyPlace = "dramatis.key";

export function key(): string {
  return localStorage.getItem(kKeyPlace) ?? "";
}

export function setKey(value: string): void {
  if (value) localStorage.setItem(kKeyPlace, value);
  else localStorage.removeItem(kKeyPlace);
}

interface Asked {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

async function send({ method, path, body, headers, signal }: Asked): Promise<Response> {
  const all: Record<string, string> = { ...headers };
  if (body !== undefined) all["Content-Type"] = "application/json";
  if (key()) all["Authorization"] = `Bearer ${key()}`;
  const init: RequestInit = { method, headers: all, cache: "no-store" };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, "unreachable", "");
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function problemOf(answer: Response): Promise<Problem> {
  const wait = Number(answer.headers.get("Retry-After") ?? 0) || 0;
  try {
    return toProblem(await answer.json(), answer.status, wait);
  } catch {
    return new Problem(answer.status, "unknown", answer.statusText, "", wait);
  }
}

function toProblem(said: unknown, status: number, wait: number): Problem {
  const members = (said ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof members[name] === "string" ? members[name] : "");
  const detail = text("detail");
  const known = typeof members["status"] === "number" ? members["status"] : status;
  return new Problem(known, text("code") || "unknown", detail, text("line"), wait);
}

export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send({ method, path, body });
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

export async function askText(path: string): Promise<string> {
  return (await send({ method: "GET", path })).text();
}

export async function askBlob(path: string): Promise<Blob> {
  return (await send({ method: "GET", path })).blob();
}

export interface Listener {
  onEvent(type: string, data: Record<string, unknown>): void;
}

// Asks for events, and returns the data of `done`. A stream that breaks off is `unreachable`: the
// caller may ask again with the same key.
export async function stream(
  path: string,
  body: unknown,
  options: { idempotencyKey?: string; signal: AbortSignal },
  listener: Listener,
): Promise<Record<string, unknown>> {
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  const answer = await send({ method: "POST", path, body, headers, signal: options.signal });
  const type = answer.headers.get("Content-Type") ?? "";
  if (!type.startsWith("text/event-stream")) return (await answer.json()) as Record<string, unknown>;
  const done = await readEvents(answer, options.signal, listener);
  if (done) return done;
  throw new Problem(0, "unreachable", "");
}

// Hears what happens until the server has told all, or the line breaks.
export async function watch(path: string, signal: AbortSignal, listener: Listener): Promise<void> {
  const answer = await send({ method: "GET", path, headers: { Accept: "text/event-stream" }, signal });
  await readEvents(answer, signal, listener);
}

async function readEvents(
  answer: Response,
  signal: AbortSignal,
  listener: Listener,
): Promise<Record<string, unknown> | undefined> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  for (;;) {
    let piece: { done: boolean; value?: string } | undefined;
    try {
      piece = await reader?.read();
    } catch (error) {
      if (signal.aborted) throw error;
      return undefined;
    }
    if (!piece || piece.done) return undefined;
    for (const event of parser.push(piece.value ?? "")) {
      const data = JSON.parse(event.data) as Record<string, unknown>;
      if (event.type === "done") return data;
      if (event.type === "error") throw toProblem(data, 500, 0);
      listener.onEvent(event.type, data);
    }
  }
}
