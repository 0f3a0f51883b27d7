// One turn: what the player said, what the NPC answered, and what can be done with both.
import { Component } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Turn } from "../api/types";
import { Icon, type IconName } from "../frame/icon";
import { user, writes, type Shown } from "../frame/session";
import { colourOf } from "../text/chance";
import { clock, t } from "../text/messages";
import { Said } from "../text/said";
import { lookInside } from "../frame/side";
import { askAnew, branchAt, busy, choose, edit, editing, regenerate } from "./thread";
import { Face } from "./emblem";

function Tool({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button class="tool" onClick={onClick} aria-label={label} title={label} disabled={busy.value}>
      <Icon name={icon} />
    </button>
  );
}

interface EditorProperties {
  text: string;
  onSave: (words: string) => Promise<void>;
  onAskAnew?: ((words: string) => Promise<void>) | undefined; // of the last message
}

function Editor({ text, onSave, onAskAnew }: EditorProperties) {
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => input.current?.focus(), []);
  const save = async () => {
    const words = input.current?.value.trim() ?? "";
    if (words !== "" && words !== text) await onSave(words);
    editing.value = undefined;
  };
  const askIt = async () => {
    const words = input.current?.value.trim() ?? "";
    editing.value = undefined;
    if (words !== "") await onAskAnew?.(words);
  };
  return (
    <form
      class="editor"
      onSubmit={(event) => (event.preventDefault(), void save())}
      onKeyDown={(event) => {
        if (event.key === "Escape") editing.value = undefined;
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void (onAskAnew ? askIt() : save());
      }}
    >
      <textarea ref={input} class="grows" aria-label={t("edit")} defaultValue={text} rows={3} />
      <div class="row end">
        <button type="button" onClick={() => (editing.value = undefined)}>
          {t("cancel")}
        </button>
        <button class={onAskAnew ? "" : "primary"}>{t("save")}</button>
        {onAskAnew && (
          <button type="button" class="primary" onClick={() => void askIt()}>
            {t("answerAnew")}
          </button>
        )}
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

const kSwipe = 60; // pixels that are meant

// A finger drawn to the left asks for the next reply, to the right for the one before.
function useSwipe(turn: Turn, isLast: boolean) {
  const from = useRef<{ x: number; y: number } | undefined>(undefined);
  if (!isLast) return {};
  return {
    onTouchStart: (event: TouchEvent) => {
      const finger = event.touches.length === 1 ? event.touches[0] : undefined;
      from.current = finger && { x: finger.clientX, y: finger.clientY };
    },
    onTouchEnd: (event: TouchEvent) => {
      const finger = event.changedTouches[0];
      if (!from.current || !finger || busy.value) return;
      const across = finger.clientX - from.current.x;
      const down = finger.clientY - from.current.y;
      if (Math.abs(across) < kSwipe || Math.abs(across) < 2 * Math.abs(down)) return;
      if (across > 0) void choose(turn, turn.chosen - 1);
      else void (turn.chosen + 1 < turn.alternatives ? choose(turn, turn.chosen + 1) : regenerate());
    },
  };
}

interface RowProperties {
  turn: Turn;
  shown: Shown;
  isLast: boolean;
}

function Reply({ turn, shown, isLast }: RowProperties) {
  const changes = editing.value?.turn === turn.turn_id && editing.value.who === "reply";
  const swipe = useSwipe(turn, isLast && !changes);
  return (
    <div class={`said said-npc speaker-${colourOf(shown.name)} ${isLast ? "is-last" : ""}`} {...swipe}>
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
          <Editor text={turn.message} onSave={(message) => edit(turn, { message })} onAskAnew={isLast ? (message) => askAnew(turn, message) : undefined} />
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

// Drawn again when its own turn changed, not when its neighbours did.
export class KeptRow extends Component<RowProperties> {
  override shouldComponentUpdate(next: RowProperties): boolean {
    const now = this.props;
    return next.turn !== now.turn || next.shown !== now.shown || next.isLast !== now.isLast;
  }
  override render() {
    return <TurnRow {...this.props} />;
  }
}
