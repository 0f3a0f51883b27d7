// The cast, or a conversation with what belongs beside it.
import { useEffect } from "preact/hooks";
import { Icon } from "../frame/icon";
import { go } from "../frame/place";
import { Silence } from "../frame/answering";
import { panelsFor } from "../frame/panels";
import { role, shownOf } from "../frame/session";
import { sideTab, toggleSide } from "../frame/side";
import { t } from "../text/messages";
import { CastView } from "./cast_view";
import { Composer } from "./composer";
import { ConversationList, listOpen } from "./conversation_list";
import { conversations, forget, listed, open, openId } from "./conversations";
import { Face } from "./emblem";
import { away, leaveThread, letGreet, lookAgain, openThread, save, startOver, takeBack, turns } from "./thread";
import { ThreadView } from "./thread_view";

const kLookAgain = 4000;

function Head() {
  const conversation = open.value;
  const shown = shownOf(conversation?.npc_id ?? "");
  const sides = panelsFor(role.value, "side");
  return (
    <header class="talk-head">
      <button class="round only-narrow" onClick={() => (listOpen.value = !listOpen.value)} aria-label={t("conversations")} aria-expanded={listOpen.value}>
        <Icon name="menu" />
      </button>
      <Face name={shown.name} portrait={shown.portrait} />
      <div class="talk-who">
        <h1>{shown.name}</h1>
        <p class="quiet">{conversation?.title || shown.title}</p>
      </div>
      <div class="talk-tools">
        <More />
        {sides.map((panel) => (
          <button
            key={panel.id}
            class="round"
            aria-pressed={sideTab.value === panel.id}
            onClick={() => toggleSide(panel.id)}
            aria-label={t(panel.title)}
            title={t(panel.title)}
          >
            <Icon name={panel.icon} />
          </button>
        ))}
      </div>
    </header>
  );
}

function More() {
  const id = openId.value ?? "";
  const items: [string, () => unknown][] = [
    [t("takeBack"), takeBack],
    [t("startOver"), startOver],
    [t("export"), save],
    [t("deleteConversation"), () => forget(id)],
  ];
  if (turns.value.length === 0) items.unshift([t("letGreet", { name: shownOf(open.value?.npc_id ?? "").name }), () => letGreet()]);
  return (
    <details class="more" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && event.currentTarget.removeAttribute("open")}>
      <summary class="round" aria-label={t("more")}>
        <span aria-hidden="true">···</span>
      </summary>
      <div class="menu">
        {items.map(([label, act]) => (
          <button
            key={label}
            onClick={(event) => {
              event.currentTarget.closest("details")?.removeAttribute("open");
              void act();
            }}
          >
            {label}
          </button>
        ))}
      </div>
    </details>
  );
}

function Side() {
  const panel = panelsFor(role.value, "side").find((one) => one.id === sideTab.value);
  if (!panel) return null;
  return (
    <aside class="side" aria-label={t(panel.title)}>
      <header class="side-head">
        <h2>{t(panel.title)}</h2>
        <button class="round" onClick={() => (sideTab.value = undefined)} aria-label={t("close")}>
          <Icon name="close" />
        </button>
      </header>
      <panel.show />
    </aside>
  );
}

export function TalkView() {
  const id = openId.value;
  const known = conversations.value.some((one) => one.conversation_id === id);
  // Read while rendering: an effect may run after the list has come, and would still think that the
  // conversation is not in it.
  const hasList = listed.value;
  useEffect(() => {
    if (id && known) void openThread(id);
    if (id && hasList && !known) go("talk");
    if (!id) leaveThread();
  }, [id, known, hasList]);
  const name = known ? shownOf(open.value?.npc_id ?? "").name : "";
  useEffect(() => {
    document.title = name ? `${name} · Dramatis` : "Dramatis";
  }, [name]);
  useEffect(() => {
    const timer = setInterval(() => void lookAgain(), kLookAgain);
    return () => clearInterval(timer);
  }, []);
  if (id && !hasList) return <p class="gate quiet">{t("loading")}</p>;
  if (!known) return <CastView />;
  return (
    <div class={`talk ${sideTab.value ? "has-side" : ""}`}>
      <ConversationList />
      <section class="stage">
        <Head />
        <div class="banners">
          <Silence />
          {away.value && (
            <p class="silence" role="status">
              {t("awayNow")}
            </p>
          )}
        </div>
        <ThreadView />
        <Composer />
      </section>
      <Side />
    </div>
  );
}
