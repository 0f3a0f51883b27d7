// The turns of a conversation; of ten thousand only those near the eye are in the page.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { shownOf, type Shown } from "../frame/session";
import { colourOf } from "../text/chance";
import { t } from "../text/messages";
import { Said } from "../text/said";
import { Icon } from "../frame/icon";
import { open } from "./conversations";
import { Face } from "./emblem";
import { Rows } from "./rows";
import { hasOlder, loading, loadOlder, toEnd, trouble, turns, underway, type Underway } from "./thread";
import { Message, TurnRow } from "./turn_row";

const kGuess = 190; // of a turn's height, before it is measured
const kMargin = 900;
const kNearEnd = 120;

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
            <p class="thinking">
              <span class="dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              {t(now.state === "again" ? "reconnecting" : "thinking", { name: shown.name })}
            </p>
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
      <p class="quiet">{t("nothingStored")}</p>
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
  const window_ = useSignal({ from: 0, height: 800 });
  const measured = useSignal(0);
  const follows = useRef(true);
  const { rows, grown } = useRows();
  const conversation = open.value;
  const shown = shownOf(conversation?.npc_id ?? "");
  const now = underway.value;
  const inFlight = now && now.conversation === conversation?.conversation_id ? now : undefined;
  // The reply that is being made again stands in the place of the old one.
  const hidden = inFlight?.kind === "regenerate" ? 1 : 0;

  const end = () => {
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  };
  const look = () => {
    const box = scroller.current;
    if (!box) return;
    follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < kNearEnd;
    window_.value = { from: box.scrollTop, height: box.clientHeight };
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
  const seen = rows.seen(window_.value.from, window_.value.height, kMargin);
  const visible = turns.value.slice(seen.first, seen.end);
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
        <div class="rows-seen" style={{ transform: `translateY(${rows.top(seen.first)}px)` }}>
          {visible.map((turn, n) => {
            const row = seen.first + n;
            if (row >= count - hidden) return null;
            return (
              <div class="turn" key={turn.turn_id} data-row={row}>
                <TurnRow turn={turn} shown={shown} isLast={row === count - 1} />
              </div>
            );
          })}
        </div>
      </div>
      {inFlight && (
        <UnderwayRow now={inFlight.kind === "regenerate" ? { ...inFlight, kind: "say" } : inFlight} shown={shown} />
      )}
      <Trouble shown={shown} />
      {!follows.current && count > 3 && (
        <button class="to-end" onClick={() => ((follows.current = true), end())} aria-label={t("toEnd")}>
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}
