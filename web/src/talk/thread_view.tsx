// The turns of a conversation; of ten thousand only those near the eye are in the page.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { cast, npcs, shownOf, type Shown } from "../frame/session";
import { colourOf } from "../text/chance";
import { t } from "../text/messages";
import { Said } from "../text/said";
import { Icon } from "../frame/icon";
import { open } from "./conversations";
import { Face } from "./emblem";
import { Rows } from "./rows";
import { hasOlder, loading, loadOlder, toEnd, trouble, turns, underway, type Underway } from "./thread";
import { KeptRow, Message } from "./turn_row";

const kGuess = 190; // of a turn's height, before it is measured
const kMargin = 900;
const kNearEnd = 120;

const kSlow = 4; // seconds after which the wait is counted aloud

// Says that words are on their way, and for how long they have been.
function Thinking({ now, name }: { now: Underway; name: string }) {
  const seconds = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => (seconds.value = Math.floor((Date.now() - now.since) / 1000)), 1000);
    return () => clearInterval(timer);
  }, [now.since]);
  const what = now.state === "again" ? "reconnecting" : seconds.value >= 2 * kSlow ? "thinkingLong" : "thinking";
  return (
    <p class="thinking">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {t(what, { name })}
      {seconds.value >= kSlow && (
        <span class="waited" aria-hidden="true">
          {t("seconds", { count: seconds.value })}
        </span>
      )}
    </p>
  );
}

function UnderwayRow({ now, shown }: { now: Underway; shown: Shown }) {
  return (
    <div class="turn" aria-busy="true">
      {now.kind === "say" && now.message !== null && <Message text={now.message} />}
      <div class={`said said-npc speaker-${colourOf(shown.name)}`}>
        <Face name={shown.name} portrait={shown.portrait} />
        <div class="said-body">
          <span class="speaker">{shown.name}</span>
          {now.words ? (
            <div class="words streaming">
              <Said text={now.words} />
            </div>
          ) : (
            <Thinking now={now} name={shown.name} />
          )}
        </div>
      </div>
    </div>
  );
}

function Trouble({ shown }: { shown: Shown }) {
  const now = trouble.value;
  if (!now) return null;
  return (
    <div class="turn trouble" role="alert">
      {now.line && (
        <p class="line">
          <Face name={shown.name} portrait={shown.portrait} /> {now.line}
        </p>
      )}
      <p>{now.text}</p>
      <p class="quiet">{t(now.isKnown ? "nothingStored" : "notKnown")}</p>
    </div>
  );
}

function useRows() {
  const rows = useRef(new Rows(kGuess));
  const first = useRef<string | undefined>(undefined);
  const list = turns.value;
  const firstNow = list[0]?.turn_id;
  let grown = 0;
  if (first.current !== firstNow) {
    const was = list.findIndex((one) => one.turn_id === first.current);
    if (was > 0) {
      grown = was;
      rows.current.prepend(was);
    } else {
      rows.current.resize(0);
    }
    first.current = firstNow;
  }
  if (rows.current.count !== list.length) rows.current.resize(list.length);
  return { rows: rows.current, grown };
}

export function ThreadView() {
  const scroller = useRef<HTMLDivElement>(null);
  const seen = useSignal({ first: 0, end: 0 });
  const follows = useRef(true);
  const isAtEnd = useSignal(true);
  const measured = useSignal(0);
  const { rows, grown } = useRows();
  const conversation = open.value;
  const npc = conversation?.npc_id ?? "";
  const shown = useMemo(() => shownOf(npc), [npc, cast.value, npcs.value]);
  const now = underway.value;
  const inFlight = now && now.conversation === conversation?.conversation_id ? now : undefined;
  // The reply that is being made again stands in the place of the old one.
  const hidden = inFlight?.kind === "regenerate" ? 1 : 0;

  // Only another set of rows is drawn anew: most frames of scrolling move what is there.
  const lookAtRows = (box: HTMLElement) => {
    const next = rows.seen(box.scrollTop, box.clientHeight, kMargin);
    if (next.first !== seen.value.first || next.end !== seen.value.end) seen.value = next;
  };
  const end = () => {
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  };
  const look = () => {
    const box = scroller.current;
    if (!box) return;
    follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < kNearEnd;
    isAtEnd.value = follows.current;
    lookAtRows(box);
    if (box.scrollTop < 600 && hasOlder.value) void loadOlder();
  };

  useEffect(() => {
    follows.current = true;
    end();
  }, [toEnd.value, conversation?.conversation_id]);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (grown > 0 && box) box.scrollTop += rows.top(grown);
  }, [turns.value]);
  // Heights become known after the rows are drawn.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    let changed = false;
    let above = 0;
    for (const row of box.querySelectorAll<HTMLElement>("[data-row]")) {
      const at = Number(row.dataset["row"]);
      const was = rows.height(at);
      if (!rows.measure(at, row.offsetHeight)) continue;
      changed = true;
      if (rows.top(at) + was < box.scrollTop) above += row.offsetHeight - was;
    }
    if (changed) measured.value++;
    if (follows.current) end();
    else if (above !== 0) box.scrollTop += above;
    lookAtRows(box);
  });
  useEffect(() => {
    const watcher = new ResizeObserver(() => {
      look();
      measured.value++;
    });
    if (scroller.current) watcher.observe(scroller.current);
    return () => watcher.disconnect();
  }, []);

  void measured.value;
  const count = turns.value.length;
  const { first, end: last } = seen.value;
  const visible = turns.value.slice(first, last);
  const empty = count === 0 && !inFlight && !loading.value;
  return (
    <div class="thread" ref={scroller} onScroll={look} tabIndex={0} role="log" aria-label={t("threadOf", { name: shown.name })} aria-live="off">
      {loading.value && <p class="quiet centre">{t("loading")}</p>}
      {empty && !trouble.value && (
        <div class="meeting">
          <Face name={shown.name} portrait={shown.portrait} />
          <h2>{shown.name}</h2>
          <p class="card-title">{shown.title}</p>
          <p>{shown.summary}</p>
          <p class="quiet">{t("sayFirst", { name: shown.name })}</p>
        </div>
      )}
      <div class="rows" style={{ height: `${rows.top(count - hidden)}px` }}>
        <div class="rows-seen" style={{ transform: `translateY(${rows.top(first)}px)` }}>
          {visible.map((turn, n) => {
            const row = first + n;
            if (row >= count - hidden) return null;
            return (
              <div class="turn" key={turn.turn_id} data-row={row}>
                <KeptRow turn={turn} shown={shown} isLast={row === count - 1} />
              </div>
            );
          })}
        </div>
      </div>
      {inFlight && (
        <UnderwayRow now={inFlight.kind === "regenerate" ? { ...inFlight, kind: "say" } : inFlight} shown={shown} />
      )}
      <Trouble shown={shown} />
      {!isAtEnd.value && count > 3 && (
        <button class="to-end" onClick={() => ((follows.current = true), end())} aria-label={t("toEnd")}>
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}
