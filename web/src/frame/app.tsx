// The frame: the rail of views, the view itself, and what floats over both.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { setKey } from "../api/http";
import { t, language, setLanguage } from "../text/messages";
import { loadConversations } from "../talk/conversations";
import { busy, spokenLast, stop } from "../talk/thread";
import { AskFirst } from "./ask_first";
import { Dialog } from "./dialog";
import { Icon } from "./icon";
import { Palette, paletteOpen } from "./palette";
import { panelsFor } from "./panels";
import { place } from "./place";
import { attempt, enter, notice, playAsNew, role, state, user } from "./session";
import { cycleTheme, theme } from "./theme";

const whoOpen = signal(false);

async function start(): Promise<void> {
  await enter();
  if (state.value === "ready") await attempt(loadConversations);
}

function Rail() {
  const here = place.value[0] ?? "talk";
  return (
    <nav class="rail" aria-label={t("views")}>
      <a class="mark" href="#/talk" aria-label="Dramatis">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M6 6c7 2.500 13 2.500 20 0v11c0 6-5 10-10 10S6 23 6 17z" fill="currentColor" />
          <path class="mark-face" d="M11 13.500h3.500M17.500 13.500H21M11.500 19c2.500 2.500 6.500 2.500 9 0" />
        </svg>
      </a>
      {panelsFor(role.value, "main").map((panel) => (
        <a key={panel.id} class="rail-item" href={`#/${panel.id}`} aria-current={here === panel.id ? "page" : undefined}>
          <Icon name={panel.icon} />
          <span>{t(panel.title)}</span>
        </a>
      ))}
      <span class="rail-gap" />
      <button class="rail-item" onClick={() => (paletteOpen.value = true)} title="Ctrl+K">
        <Icon name="search" />
        <span>{t("find")}</span>
      </button>
      <button class="rail-item" onClick={() => (whoOpen.value = true)}>
        <Icon name="person" />
        <span class="rail-name">{user.value?.username || t("you")}</span>
      </button>
    </nav>
  );
}

function WhoDialog() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get("name") ?? "").trim();
    if (!name) return;
    void attempt(async () => {
      await playAsNew(name);
      await loadConversations();
      whoOpen.value = false;
      location.hash = "#/talk";
    });
  };
  return (
    <Dialog title={t("you")} onClose={() => (whoOpen.value = false)}>
      <div class="form">
        <p>{t("playingAs", { name: user.value?.username ?? "", role: t(role.value) })}</p>
        {role.value !== "player" && (
          <form class="form" onSubmit={submit}>
            <label>
              {t("anotherPlayer")}
              <span class="row">
                <input name="name" required maxLength={60} autocomplete="off" />
                <button class="primary">{t("begin")}</button>
              </span>
            </label>
          </form>
        )}
        <label>
          {t("language")}
          <select value={language.value} onChange={(event) => setLanguage(event.currentTarget.value === "it" ? "it" : "en")}>
            <option value="en">English</option>
            <option value="it">Italiano</option>
          </select>
        </label>
        <p class="row">
          <button onClick={cycleTheme}>
            {t("theme")}: {t(theme.value)}
          </button>
          <button
            onClick={() => {
              setKey("");
              whoOpen.value = false;
              void start();
            }}
          >
            {t("forgetKey")}
          </button>
        </p>
      </div>
    </Dialog>
  );
}

function Locked() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setKey(String(new FormData(event.currentTarget as HTMLFormElement).get("key") ?? "").trim());
    void start();
  };
  return (
    <main class="gate">
      <h1>Dramatis</h1>
      <p>{t("keyNeeded")}</p>
      <form class="form" onSubmit={submit}>
        <label>
          {t("key")}
          <input name="key" type="password" required autocomplete="current-password" />
        </label>
        <button class="primary">{t("enter")}</button>
      </form>
      <Notice />
    </main>
  );
}

function Unreachable() {
  useEffect(() => {
    const timer = setInterval(() => void start(), 3000);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="gate">
      <h1>Dramatis</h1>
      <p role="alert">{t("unreachable")}</p>
      <p class="quiet">{t("unreachableMend")}</p>
      <button class="primary" onClick={() => void start()}>
        {t("tryAgain")}
      </button>
    </main>
  );
}

function Notice() {
  const now = notice.value;
  return (
    <div class="notice-place" role="status">
      {now && <p class={`notice ${now.kind}`}>{now.text}</p>}
    </div>
  );
}

function useKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // A dialog that is open takes Escape for itself.
      if (event.key === "Escape" && busy.value && !document.querySelector("dialog[open]")) stop();
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      paletteOpen.value = !paletteOpen.value;
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

export function App() {
  useKeys();
  useEffect(() => void start(), []);
  if (state.value === "locked") return <Locked />;
  if (state.value === "unreachable") return <Unreachable />;
  if (state.value === "loading" && !user.value) return <main class="gate quiet" aria-busy="true">{t("loading")}</main>;
  const views = panelsFor(role.value, "main");
  const view = views.find((panel) => panel.id === place.value[0]) ?? views[0];
  return (
    <div class="frame">
      <Rail />
      <main class="view">{view && <view.show />}</main>
      <AskFirst />
      {paletteOpen.value && <Palette />}
      {whoOpen.value && <WhoDialog />}
      <Notice />
      <div class="only-read" aria-live="polite">
        {spokenLast.value}
      </div>
    </div>
  );
}
