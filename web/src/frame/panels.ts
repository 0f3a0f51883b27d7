// What the page consists of. A feature adds its panel here and nowhere else: a view of its own
// (`main`), or a tab beside the conversation (`side`).
import type { ComponentType } from "preact";
import type { MessageKey } from "../text/messages";
import type { IconName } from "./icon";

export interface Panel {
  id: string; // its part of the address
  title: MessageKey;
  icon: IconName;
  where: "main" | "side";
  who: "anybody" | "writer" | "owner";
  show: ComponentType;
  isThere?: () => boolean; // whether this service can do it; without it, any can
}

const panels: Panel[] = [];

export function addPanel(panel: Panel): void {
  if (panels.some((other) => other.id === panel.id)) throw new Error(`two panels '${panel.id}'`);
  panels.push(panel);
}

const ranks = { anybody: 0, writer: 1, owner: 2 };
const rankOf = { player: 0, writer: 1, owner: 2 };

export function panelsFor(role: keyof typeof rankOf, where: Panel["where"]): Panel[] {
  return panels.filter((panel) => panel.where === where && ranks[panel.who] <= rankOf[role] && (panel.isThere?.() ?? true));
}
