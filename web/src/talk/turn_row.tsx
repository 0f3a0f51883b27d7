// One turn: what the player said, what the NPC answered, and what can be done with both.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Turn } from "../api/types";
import { Icon, type IconName } from "../frame/icon";
import { user, writes, type Shown } from "../frame/session";
import { colourOf } from "../text/chance";
import { clock, t } from "../text/messages";
import { Said } from "../text/said";
import { lookInside } from "../frame/side";
import { branchAt, busy, choose, edit, regenerate } from "./thread";
import { Face } from "./emblem";

// Which words are being changed, by turn and speaker.
const editing = signal<{ turn: string; who: "message" | "reply" } | undefined>(undefined);

function Tool({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button class="tool" onClick={onClick} aria-label={label} title={label} disabled={busy.value}>
      <Icon name={icon} />
    </button>
  );
}

function Editor({ text, onSave }: { text: string; onSave: (words: string) => Promise<void> }) {
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => input.current?.focus(), []);
  const save = async () => {
    const words = input.current?.value.trim() ?? "";
    if (words !== "" && words !== text) await onSave(words);
    editing.value = undefined;
  };
  return (
    <form
      class="editor"
      onSubmit={(event) => (event.preventDefault(), void save())}
      onKeyDown={(event) => {
        if (event.key === "Escape") editing.value = undefined;
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
      }}
    >
      <textarea ref={input} class="grows" aria-label={t("edit")} defaultValue={text} rows={3} />
      <div class="row end">
        <button type="button" onClick={() => (editing.value = undefined)}>
          {t("cancel")}
        </button>
        <button class="primary">{t("save")}</button>
      </div>
    </form>
  );
}

export function Message({ text, tools }: { text: string; tools?: preact.ComponentChildren }) {
  return (
    <div class="said said-player">
      <span class="speaker">{user.value?.username}</span>
      <div class="words">
        <Said text={text} />
      </div>
      {tools}
    </div>
  );
}

// Left and right turn the pages of one message's replies; the last page makes a new one.
function Alternatives({ turn, isLast }: { turn: Turn; isLast: boolean }) {
  if (turn.alternatives < 2) return null;
  const at = turn.chosen;
  return (
    <span class="alternatives" role="group" aria-label={t("alternatives")}>
      <button class="tool" disabled={busy.value || at === 0} onClick={() => choose(turn, at - 1)} aria-label={t("replyBefore")}>
        <Icon name="left" />
      </button>
      <span class="count">
        {at + 1} / {turn.alternatives}
      </span>
      <button
        class="tool"
        disabled={busy.value || (at + 1 === turn.alternatives && !isLast)}
        onClick={() => (at + 1 === turn.alternatives ? regenerate() : choose(turn, at + 1))}
        aria-label={t("replyNext")}
      >
        <Icon name="right" />
      </button>
    </span>
  );
}

interface RowProperties {
  turn: Turn;
  shown: Shown;
  isLast: boolean;
}

function Reply({ turn, shown, isLast }: RowProperties) {
  const changes = editing.value?.turn === turn.turn_id && editing.value.who === "reply";
  return (
    <div class={`said said-npc speaker-${colourOf(shown.name)}`}>
      <Face name={shown.name} portrait={shown.portrait} />
      <div class="said-body">
        <span class="speaker">
          {shown.name} <time dateTime={turn.at}>{clock(turn.at)}</time>
        </span>
        {changes ? (
          <Editor text={turn.reply} onSave={(reply) => edit(turn, { reply })} />
        ) : (
          <div class="words">
            <Said text={turn.reply} />
          </div>
        )}
        <span class="tools">
          <Alternatives turn={turn} isLast={isLast} />
          {isLast && <Tool icon="again" label={t("regenerate")} onClick={() => void regenerate()} />}
          {writes.value && <Tool icon="edit" label={t("editReply")} onClick={() => (editing.value = { turn: turn.turn_id, who: "reply" })} />}
          <Tool icon="branch" label={t("branchHere")} onClick={() => void branchAt(turn)} />
          {writes.value && <Tool icon="look" label={t("lookInside")} onClick={() => lookInside(turn.turn_id)} />}
        </span>
      </div>
    </div>
  );
}

export function TurnRow({ turn, shown, isLast }: RowProperties) {
  const changes = editing.value?.turn === turn.turn_id && editing.value.who === "message";
  return (
    <>
      {turn.message !== null &&
        (changes ? (
          <Editor text={turn.message} onSave={(message) => edit(turn, { message })} />
        ) : (
          <Message
            text={turn.message}
            tools={
              <span class="tools">
                <Tool icon="edit" label={t("editMessage")} onClick={() => (editing.value = { turn: turn.turn_id, who: "message" })} />
              </span>
            }
          />
        ))}
      <Reply turn={turn} shown={shown} isLast={isLast} />
    </>
  );
}
