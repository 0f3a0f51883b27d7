// Where the player writes: grows with the words, sends on Enter, keeps drafts.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../frame/icon";
import { shownOf } from "../frame/session";
import { t } from "../text/messages";
import { open, openId } from "./conversations";
import { draft, keepDraft } from "./sending";
import { busy, choose, draftText, editing, regenerate, say, stop, turns } from "./thread";

const kMostBytes = 8 * 1024; // as the service takes
const encoder = new TextEncoder();

export function Composer() {
  const input = useRef<HTMLTextAreaElement>(null);
  const id = openId.value;
  const name = shownOf(open.value?.npc_id ?? "").name;
  const text = draftText.value;
  const tooLong = text.length > kMostBytes / 4 && encoder.encode(text).length > kMostBytes;

  useEffect(() => {
    draftText.value = id ? draft(id) : "";
    if (matchMedia("(hover: hover)").matches) input.current?.focus();
  }, [id]);
  useLayoutEffect(() => {
    const area = input.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.4)}px`;
  }, [text]);

  const change = (words: string) => {
    draftText.value = words;
    if (id) keepDraft(id, words);
  };
  const send = () => {
    if (busy.value || tooLong || text.trim() === "") return;
    change("");
    void say(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    if (text === "") arrows(event);
  };
  return (
    <form class="composer" onSubmit={(event) => (event.preventDefault(), send())}>
      <div class="composer-box">
        <textarea
          ref={input}
          rows={1}
          value={text}
          aria-label={t("sayTo", { name })}
          placeholder={t("sayTo", { name })}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {busy.value ? (
          <button type="button" class="send" onClick={stop} aria-label={t("stop")} title={t("stop")}>
            <Icon name="stop" />
          </button>
        ) : (
          <button class="send" disabled={text.trim() === "" || tooLong} aria-label={t("send")} title={t("send")}>
            <Icon name="send" />
          </button>
        )}
      </div>
      <p class={tooLong ? "bad hint" : "quiet hint"}>{tooLong ? t("tooLong") : t("keysHint")}</p>
    </form>
  );
}

// In the empty input: left and right leaf through the last reply's alternatives, up changes the last
// message.
function arrows(event: KeyboardEvent): void {
  const last = turns.value.at(-1);
  if (!last || busy.value) return;
  if (event.key === "ArrowLeft") void choose(last, last.chosen - 1);
  if (event.key === "ArrowRight")
    void (last.chosen + 1 < last.alternatives ? choose(last, last.chosen + 1) : event.altKey && regenerate());
  if (event.key === "ArrowUp" && last.message !== null) {
    event.preventDefault();
    editing.value = { turn: last.turn_id, who: "message" };
  }
}
