// Ctrl+K: everything that can be done here, found by a few letters.
import { signal } from "@preact/signals";
import { useMemo, useState } from "preact/hooks";
import { t } from "../text/messages";
import { Dialog } from "./dialog";
import { panelsFor } from "./panels";
import { go } from "./place";
import { everybody, role, shownOf, writes } from "./session";
import { toggleSide } from "./side";
import { cycleTheme } from "./theme";
import { blankOpen, conversations, meet, open } from "../talk/conversations";
import { busy, letGreet, regenerate, save, startOver, stop, takeBack, turns } from "../talk/thread";

export const paletteOpen = signal(false);

interface Command {
  label: string;
  run: () => unknown;
}

function commands(): Command[] {
  const all: Command[] = [];
  if (open.value) {
    if (busy.value) all.push({ label: t("stop"), run: stop });
    if (turns.value.length === 0) all.push({ label: t("letGreet", { name: shownOf(open.value.npc_id).name }), run: () => letGreet() });
    all.push({ label: t("regenerate"), run: regenerate });
    all.push({ label: t("takeBack"), run: takeBack });
    all.push({ label: t("startOver"), run: startOver });
    all.push({ label: t("export"), run: save });
    for (const panel of panelsFor(role.value, "side"))
      all.push({ label: t(panel.title), run: () => toggleSide(panel.id) });
  }
  for (const panel of panelsFor(role.value, "main"))
    all.push({ label: t("goTo", { name: t(panel.title) }), run: () => go(panel.id) });
  if (writes.value) all.push({ label: t("blankTitle"), run: () => (go("talk"), (blankOpen.value = true)) });
  all.push({ label: t("theme"), run: cycleTheme });
  for (const shown of everybody.value)
    all.push({ label: t("talkTo", { name: shown.name }), run: () => meet(shown) });
  for (const one of conversations.value.slice(0, 60))
    all.push({
      label: `${t("conversation")}: ${one.title || shownOf(one.npc_id).name}`,
      run: () => go("talk", one.conversation_id),
    });
  return all;
}

export function Palette() {
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const all = useMemo(commands, []);
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((one) => wanted.every((word) => one.label.toLowerCase().includes(word))).slice(0, 12);
  const close = () => (paletteOpen.value = false);
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    void command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") run(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t("palette")} onClose={close} kind="palette">
      <input
        autoFocus
        class="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] ? `palette-${at}` : undefined}
        aria-label={t("palette")}
        placeholder={t("palettePlaceholder")}
        value={words}
        onInput={(event) => (setWords(event.currentTarget.value), setAt(0))}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-list" role="listbox" aria-label={t("palette")}>
        {found.map((one, n) => (
          <li key={n} id={`palette-${n}`} role="option" aria-selected={n === at} onClick={() => run(one)}>
            {one.label}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="quiet">{t("paletteNothing")}</p>}
    </Dialog>
  );
}
