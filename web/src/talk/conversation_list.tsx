// The conversations beside the thread, newest first.
import { signal } from "@preact/signals";
import { Icon } from "../frame/icon";
import { go } from "../frame/place";
import { shownOf } from "../frame/session";
import { clock, t } from "../text/messages";
import { conversations, openId } from "./conversations";
import { Face } from "./emblem";

export const listOpen = signal(false); // on narrow screens

export function ConversationList() {
  return (
    <aside class={`list ${listOpen.value ? "is-open" : ""}`} aria-label={t("conversations")}>
      <div class="list-head">
        <h2>{t("conversations")}</h2>
        <button class="round" onClick={() => go("talk")} aria-label={t("newConversation")} title={t("newConversation")}>
          <Icon name="plus" />
        </button>
      </div>
      <ul>
        {conversations.value.map((one) => {
          const shown = shownOf(one.npc_id);
          const here = one.conversation_id === openId.value;
          return (
            <li key={one.conversation_id}>
              <a
                class="list-row"
                href={`#/talk/${one.conversation_id}`}
                aria-current={here ? "page" : undefined}
                onClick={() => (listOpen.value = false)}
              >
                <Face name={shown.name} portrait={shown.portrait} />
                <span class="list-words">
                  <span class="list-name">{one.title || shown.name}</span>
                  <span class="quiet">
                    {one.branched_after ? `${t("branchMark")} · ` : ""}
                    {one.title && one.title !== shown.name ? `${shown.name} · ` : ""}
                    {clock(one.started)}
                  </span>
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </aside>
  );
}
