// Token counts by section, as one bar and a list.
import type { Section } from "../api/types";
import { number, t, told } from "../text/messages";

const kKnown = ["world", "character", "scene", "note", "history", "memories", "lore", "examples", "message"];

function toneOf(name: string): number {
  const at = kKnown.indexOf(name);
  return at < 0 ? kKnown.length : at;
}

export function Sections({ sections }: { sections: Section[] }) {
  const tokens = (one: Section) => one.tokens ?? 0;
  const sum = sections.reduce((all, one) => all + tokens(one), 0);
  return (
    <div class="sections">
      <div class="bar" aria-hidden="true">
        {sections.map((one) => (
          <span key={one.name} class={`tone-${toneOf(one.name)}`} style={{ flexGrow: String(tokens(one)) }} />
        ))}
      </div>
      <table>
        <caption class="only-read">{t("tokensBySection")}</caption>
        <tbody>
          {sections.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                <i class={`dot tone-${toneOf(one.name)}`} aria-hidden="true" />
                {told("section", one.name)}
              </th>
              <td>{number(tokens(one))}</td>
              <td class="quiet">{one.cut ? t("cut", { count: one.cut }) : ""}</td>
            </tr>
          ))}
          <tr class="sum">
            <th scope="row">{t("tokensInAll")}</th>
            <td>{number(sum)}</td>
            <td />
          </tr>
        </tbody>
      </table>
    </div>
  );
}
