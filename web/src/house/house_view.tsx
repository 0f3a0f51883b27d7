// For who runs the service: players, keys and quotas, models, charts, log.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as api from "../api/client";
import { key, setKey } from "../api/http";
import type { Key, LogLine, Model, User } from "../api/types";
import { sure } from "../frame/ask_first";
import { attempt, playAs, user } from "../frame/session";
import { loadConversations } from "../talk/conversations";
import { clock, number, t, told } from "../text/messages";
import { Charts } from "./charts";

const users = signal<User[]>([]);
const keys = signal<Key[] | undefined>(undefined);
const models = signal<Model[]>([]);
const lines = signal<LogLine[]>([]);
const newKey = signal<Key | undefined>(undefined);

const kLookAgain = 3000;
const kLinesShown = 200;

async function load(): Promise<void> {
  [users.value, models.value] = await Promise.all([api.users(), api.models()]);
  models.value = models.value.filter((one) => !one.id.startsWith("npc/"));
  // Without a keeper of keys there are none to list.
  keys.value = await api.keys().catch(() => undefined);
}

let readTo = 0;

// What this view asks for every few seconds would drown the rest.
function isOfThisView({ line }: LogLine): boolean {
  return typeof line !== "string" && (line["route"] === "/metrics" || line["route"] === "/v1/logs") && Number(line["status"]) < 400;
}

async function readLog(): Promise<void> {
  if (document.hidden) return;
  const more = (await api.logs(readTo)).lines;
  readTo = more.at(-1)?.n ?? readTo;
  const told = more.filter((one) => !isOfThisView(one));
  if (told.length > 0) lines.value = [...lines.value, ...told].slice(-kLinesShown);
}

function Models() {
  return (
    <section class="plate" aria-labelledby="models">
      <h2 id="models">{t("models")}</h2>
      <table class="table">
        <tbody>
          {models.value.map((one) => (
            <tr key={one.id}>
              <th scope="row">{one.id}</th>
              <td class="quiet">{one.context_size ? t("contextOf", { count: number(one.context_size) }) : ""}</td>
              <td class="act">
                <span class={`state state-${one.state ?? "unknown"}`}>{told("state", one.state ?? "unknown")}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function removeUser(one: User): Promise<void> {
  return attempt(async () => {
    if (!(await sure(t("removePlayerAsk", { name: one.username }), t("remove")))) return;
    await api.removeUser(one.user_id);
    await load();
  });
}

function Players() {
  return (
    <section class="plate" aria-labelledby="players">
      <h2 id="players">{t("players")}</h2>
      <div class="scrolls" tabIndex={0} role="region" aria-labelledby="players">
        <table class="table">
          <tbody>
            {users.value.map((one) => (
              <tr key={one.user_id}>
                <th scope="row">{one.username}</th>
                <td class="act">
                  {one.user_id === user.value?.user_id ? (
                    <span class="quiet">{t("thatIsYou")}</span>
                  ) : (
                    <>
                      <button class="link" onClick={() => attempt(async () => (await playAs(one), await loadConversations()))}>
                        {t("playAs")}
                      </button>
                      <button class="link" onClick={() => removeUser(one)}>
                        {t("remove")}
                      </button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function makeKey(event: SubmitEvent): void {
  event.preventDefault();
  const element = event.currentTarget as HTMLFormElement;
  const form = new FormData(element);
  const said = (name: string) => String(form.get(name) ?? "").trim();
  const role = said("role");
  void attempt(async () => {
    newKey.value = await api.addKey({
      role,
      name: said("name"),
      ...(role === "player" ? { user_id: said("user") } : {}),
      quota: {
        requests_per_minute: Number(said("requests")) || 0,
        tokens_per_day: Number(said("tokens")) || 0,
        conversations_per_day: Number(said("conversations")) || 0,
      },
    });
    // From the first key on, this page needs one, too.
    if (role === "owner" && !key() && newKey.value.key) setKey(newKey.value.key);
    element.reset();
    keys.value = await api.keys();
  });
}

function revoke(one: Key): Promise<void> {
  return attempt(async () => {
    if (!(await sure(t("revokeAsk", { name: one.name || one.key_id }), t("revoke")))) return;
    await api.removeKey(one.key_id);
    await load();
  });
}

function Keys() {
  const all = keys.value;
  if (!all) return null;
  const nameOf = (id: string | null) => users.value.find((one) => one.user_id === id)?.username ?? "";
  const some = (value: number) => (value === 0 ? "∞" : number(value));
  return (
    <section class="plate wide" aria-labelledby="keys">
      <h2 id="keys">{t("keys")}</h2>
      <p class="quiet">{all.length === 0 ? t("noKeys") : t("keysLead")}</p>
      {all.length > 0 && (
        <div class="scrolls" tabIndex={0} role="region" aria-labelledby="keys">
          <table class="table">
            <thead>
              <tr>
                <th>{t("name")}</th>
                <th>{t("role")}</th>
                <th>{t("speaksFor")}</th>
                <th>{t("quota")}</th>
                <th>{t("made")}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {all.map((one) => (
                <tr key={one.key_id}>
                  <th scope="row">{one.name || one.key_id}</th>
                  <td>{told("role", one.role)}</td>
                  <td>{nameOf(one.user_id)}</td>
                  <td>{`${some(one.quota.requests_per_minute)} · ${some(one.quota.tokens_per_day)} · ${some(one.quota.conversations_per_day)}`}</td>
                  <td>{clock(one.made)}</td>
                  <td class="act">
                    <button class="link" onClick={() => revoke(one)}>
                      {t("revoke")}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {newKey.value?.key && (
        <p class="secret" role="status">
          {t("secretOnce")} <code>{newKey.value.key}</code>
        </p>
      )}
      <details class="fold">
        <summary>{t("makeKey")}</summary>
        <form class="form columns" onSubmit={makeKey}>
          <label>
            {t("name")}
            <input name="name" maxLength={60} />
          </label>
          <label>
            {t("role")}
            <select name="role">
              {(all.length === 0 ? (["owner"] as const) : (["player", "writer", "owner"] as const)).map((one) => (
                <option key={one} value={one}>
                  {t(one)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("speaksFor")}
            <select name="user">
              {users.value.map((one) => (
                <option key={one.user_id} value={one.user_id}>
                  {one.username}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("quotaRequests")}
            <input name="requests" type="number" min={0} />
          </label>
          <label>
            {t("quotaTokens")}
            <input name="tokens" type="number" min={0} />
          </label>
          <label>
            {t("quotaConversations")}
            <input name="conversations" type="number" min={0} />
          </label>
          <button class="primary">{t("makeKey")}</button>
        </form>
      </details>
    </section>
  );
}

function Log() {
  return (
    <section class="plate wide" aria-labelledby="log">
      <h2 id="log">{t("log")}</h2>
      {lines.value.length === 0 ? (
        <p class="quiet">{t("logEmpty")}</p>
      ) : (
        <div class="scrolls log" tabIndex={0} role="region" aria-labelledby="log">
          {lines.value.toReversed().map((one) => (
            <pre key={one.n}>{typeof one.line === "string" ? one.line : Object.entries(one.line).map(([name, value]) => `${name}=${String(value)}`).join("  ")}</pre>
          ))}
        </div>
      )}
    </section>
  );
}

export function HouseView() {
  useEffect(() => {
    void attempt(load);
    void readLog().catch(() => undefined);
    const timer = setInterval(() => void readLog().catch(() => undefined), kLookAgain);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="scroll">
      <header class="hero">
        <h1>{t("house")}</h1>
      </header>
      <div class="plates">
        <Charts />
        <Models />
        <Players />
        <Keys />
        <Log />
      </div>
    </div>
  );
}
