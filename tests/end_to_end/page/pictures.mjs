// node pictures.mjs [FOLDER]: looks at each view, light, dark and on a phone -> docs/images.
// With pngquant (Debian: pngquant) each picture is made small; without it they are as the browser makes them.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBrowser, openPage, openService, source } from "./service.mjs";
import { writeRun } from "./trainings.mjs";

const out = process.argv[2] ?? join(source, "docs/images");
mkdirSync(out, { recursive: true });

const kLooks = [
  { name: "light", options: { colorScheme: "light", viewport: { width: 1360, height: 850 } } },
  { name: "dark", options: { colorScheme: "dark", viewport: { width: 1360, height: 850 } } },
  { name: "phone", options: { colorScheme: "light", viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true } },
];

function makeSmall(file) {
  spawnSync("pngquant", ["--force", "--skip-if-larger", "--strip", "--speed", "1", "--output", file, "128", file]);
}

async function shoot(page, view, look) {
  const file = join(out, `${view}-${look}.png`);
  await page.mouse.move(700, 2);
  await page.screenshot({ path: file, animations: "disabled" });
  makeSmall(file);
}

// A house with some life in it: talks from before, and players who talk while the charts are drawn.
const runs = mkdtempSync(join(tmpdir(), "dramatis-runs-"));
writeRun(runs, "ida-lora", { updates: 240, done: 160 });
writeRun(runs, "ida-full", { updates: 240, from: 3.2, to: 1.9, end: true });
const service = await openService({ flags: ["--log", "info", "--runs", runs] });
const ask = service.ask;
const { user_id } = await ask("POST", "/v1/users", { username: "Ada" });
const npcs = {};
for (const character of ["orlando-marlo", "bartolo-finch", "maren-tolk", "sarah-miller"])
  npcs[character] = (await ask("POST", "/v1/npcs", { character, has_scratchpad: character === "orlando-marlo" })).npc_id;
async function talk(character, title, user, messages, more = {}) {
  const { conversation_id } = await ask("POST", "/v1/conversations", { npc_id: npcs[character], user_id: user, title, ...more });
  for (const message of messages) await ask("POST", `/v1/conversations/${conversation_id}/turns`, { message });
  return conversation_id;
}
await talk("sarah-miller", "Mushrooms after rain", user_id, ["What do you look for in the wood?"]);
await talk("maren-tolk", "The lamp went out", user_id, ["Who keeps the light at night?"]);
await talk("bartolo-finch", "", user_id, ["What does a bottled wind cost?"]);
const shown = await talk("orlando-marlo", "In the castle gardens", user_id, ["When were you knighted?", "And what do you want of the councils?"], {
  scene: { place: "The gardens of Aurelis, under the pear trees.", time: "Dusk, after rain", player_is: "an envoy of the river towns" },
  note: "He is tired, and more open than usual.",
});
const { turns } = await ask("GET", `/v1/conversations/${shown}/turns`);
await ask("POST", `/v1/turns/${turns[0].turn_id}/regenerate`).catch(() => undefined);

const busyPlayers = [];
for (const username of ["Bo", "Cleo", "Dan"]) busyPlayers.push((await ask("POST", "/v1/users", { username })).user_id);
// Talks of others for so many milliseconds, while the charts are looked at.
async function live(milliseconds) {
  const end = Date.now() + milliseconds;
  const said = ["Good day!", "What is in that bottle?", "Who taught you?", "Is it far to the harbour?"];
  await Promise.all(
    busyPlayers.map(async (user, n) => {
      const id = await talk("bartolo-finch", "", user, []);
      for (let turn = 0; Date.now() < end; turn++) {
        await ask("POST", `/v1/conversations/${id}/turns`, { message: said[(turn + n) % said.length] }).catch(() => undefined);
        await new Promise((wake) => setTimeout(wake, 1200 * (1 + ((turn + n) % 3))));
      }
    }),
  );
}

const browser = await openBrowser();
for (const { name, options } of kLooks) {
  const { page, context, wrong } = await openPage(browser, service.address, options);
  await page.addInitScript((id) => localStorage.setItem("dramatis.user", id), user_id);
  const open = async (place, ready) => {
    await page.goto(`${service.address}/#/${place}`);
    await page.locator(`${ready}:visible`).first().waitFor();
    await page.waitForTimeout(400);
  };
  await open("talk", ".card");
  await shoot(page, "cast", name);
  await open(`talk/${shown}`, ".turn time");
  await page.waitForTimeout(400);
  await shoot(page, "talk", name);
  await page.locator(".talk-tools").getByRole("button", { name: "Direct" }).click();
  await page.locator(".sections").waitFor();
  await page.waitForTimeout(400);
  await shoot(page, "direct", name);
  await page.locator(".side").getByRole("button", { name: "Close" }).click();
  await page.locator(".talk-tools").getByRole("button", { name: "Look inside" }).click();
  await page.locator(".sections").waitFor();
  await shoot(page, "inside", name);
  await open("write/luminaria/orlando-marlo", ".pane-form input");
  if (await page.locator(".try-say").isVisible()) {
    await page.locator(".try-say input").fill("What do you owe the Order?");
    await page.keyboard.press("Enter");
    await page.locator(".try-lines [class*=speaker-]").first().waitFor({ timeout: 60_000 });
    await page.locator(".try-say button:enabled").waitFor({ timeout: 60_000 });
  }
  await shoot(page, "write", name);
  await open("house", ".plate");
  await live(20_000);
  await shoot(page, "house", name);
  await open("trainings/ida-lora,ida-full", ".lines svg");
  await shoot(page, "trainings", name);
  if (wrong.length > 0) console.error(wrong);
  await context.close();
}
await service.close();
rmSync(runs, { recursive: true, force: true });

const bare = await openService({ model: "none" });
const { page } = await openPage(browser, bare.address, kLooks[0].options);
await page.goto(bare.address);
await page.locator(".silence").waitFor();
await shoot(page, "no-model", "light");
await browser.close();
await bare.close();
