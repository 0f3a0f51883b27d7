// The page in a real browser against the real program. node --test page_test.mjs
//   DRAMATIS_PROGRAM   the program; build/release/bin/dramatis without it
//   DRAMATIS_CHROMIUM  the browser; /usr/bin/chromium without it
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { axeSource, heard, input, openBrowser, openPage, openScripted, openService, say } from "./service.mjs";
import { payloads } from "./payloads.mjs";

let browser, scripted, hearth, plain;

before(async () => {
  scripted = await openScripted();
  [browser, hearth, plain] = await Promise.all([openBrowser(), openService(), openService({ model: scripted.address })]);
});

after(async () => {
  await browser?.close();
  await Promise.all([hearth?.close(), plain?.close()]);
  scripted?.close();
});

// The card of somebody who does not speak first, in a talk that is ready.
async function meet(service, options) {
  const opened = await openPage(browser, service.address, options);
  const { characters } = await service.ask("GET", "/v1/cast");
  const quiet = characters.find((one) => !one.speaks_first) ?? characters[0];
  await opened.page.goto(service.address);
  await opened.page.getByRole("button", { name: `Talk to ${quiet.name}` }).click();
  await input(opened.page).waitFor();
  return { ...opened, character: quiet };
}

async function meetNobody(service, turns = 0) {
  const { user_id } = await service.ask("POST", "/v1/users", { username: "Ada" });
  const { npc_id } = await service.ask("POST", "/v1/npcs", { character_description: "You are Iva, a smith." });
  const messages = Array.from({ length: turns }, (_, n) => [
    { role: "player", content: `Question ${n}` },
    { role: "npc", content: `Answer ${n}. ${"word ".repeat(n % 10)}` },
  ]).flat();
  const { conversation_id } = await service.ask("POST", "/v1/conversations", { npc_id, user_id, ...(turns ? { messages } : {}) });
  return { user_id, npc_id, conversation_id };
}

// A page that plays as `user_id` in one conversation.
async function openTalk(service, { user_id, conversation_id }, options) {
  const opened = await openPage(browser, service.address, options);
  await opened.page.addInitScript((id) => localStorage.setItem("dramatis.user", id), user_id);
  await opened.page.goto(`${service.address}/#/talk/${conversation_id}`);
  await input(opened.page).waitFor();
  return opened;
}

// Waits until the input holds `words`.
async function holds(page, words) {
  await page.waitForFunction((wanted) => document.querySelector(".composer textarea")?.value === wanted, words);
}

async function judge(page) {
  await page.addScriptTag({ content: readFileSync(axeSource, "utf8") });
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
  return violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

test("a newcomer talks within two clicks of loading the page", async () => {
  const { page, context, wrong } = await openPage(browser, hearth.address);
  await page.goto(hearth.address);
  await page.getByRole("button", { name: "Talk to Orlando Marlo" }).click();
  await heard(page, 1); // he speaks first
  await input(page).fill("When were you knighted?");
  await page.getByRole("button", { name: "Send" }).click();
  await heard(page, 2);
  assert.match(await page.locator(".turn").last().innerText(), /When were you knighted\?/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("words are seen before the reply ends, and stop stores nothing", async () => {
  const { page, context } = await meet(plain);
  await say(page, "Speak slowly");
  await page.locator(".streaming").waitFor();
  assert.equal(await page.locator(".turn time").count(), 0, "not stored yet");
  await page.getByRole("button", { name: "Stop" }).click();
  await page.locator(".streaming").waitFor({ state: "detached" });
  await holds(page, "Speak slowly");
  await page.reload();
  await input(page).waitFor();
  assert.equal(await page.locator(".turn").count(), 0);
  await holds(page, "Speak slowly"); // the draft is kept
  await context.close();
});

test("another reply, its alternatives by arrow keys, an edit, a branch, a fresh start", async () => {
  const { page, context } = await meet(plain);
  await say(page, "One");
  await heard(page, 1);
  await page.getByRole("button", { name: "Another reply" }).click();
  await page.getByText("2 / 2").waitFor();
  await input(page).focus();
  await page.keyboard.press("ArrowLeft");
  await page.getByText("1 / 2").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByText("2 / 2").waitFor();

  await page.getByRole("button", { name: "Change the message" }).click();
  await page.locator(".editor textarea").fill("One, but better");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".said-player").getByText("One, but better").waitFor();

  await say(page, "Two");
  await heard(page, 2);
  await page.locator(".turn").first().hover();
  await page.getByRole("button", { name: "Branch from here" }).first().click();
  await page.getByText("branch ·").waitFor();
  await page.locator(".turn time").first().waitFor();
  assert.equal(await page.locator(".turn").count(), 1, "only what was said up to there");

  await page.locator(".more summary").click();
  await page.getByRole("button", { name: "Start over" }).click();
  await page.locator(".meeting").waitFor();
  await page.goBack();
  await page.locator(".turn time").nth(1).waitFor();
  await context.close();
});

test("a reload in mid-stream shows the truth, and the message is answered once", async () => {
  const talk = await meetNobody(plain);
  const { page, context } = await openTalk(plain, talk);
  let broken = 0;
  await page.route("**/turns", async (route) => {
    if (route.request().method() === "POST" && broken++ === 0) return route.abort("connectionreset");
    return route.continue();
  });
  await say(page, "Hello once more");
  await heard(page, 1);
  assert.equal(broken, 2, "asked again by itself");
  await page.unroute("**/turns");

  await say(page, "Speak slowly");
  await page.locator(".streaming").waitFor();
  await page.reload();
  await page.locator(".said-player").getByText("Speak slowly").waitFor();
  await page.locator(".streaming").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.locator(".streaming").waitFor({ state: "detached" });
  const { turns } = await plain.ask("GET", `/v1/conversations/${talk.conversation_id}/turns`);
  assert.equal(turns.length, 1);
  await context.close();
});

test("two browsers see one conversation", async () => {
  const talk = await meetNobody(plain);
  const one = await openTalk(plain, talk);
  const other = await openTalk(plain, talk);
  await say(one.page, "Said in the first window");
  await heard(one.page, 1);
  await other.page.locator(".said-player").getByText("Said in the first window").waitFor();
  await Promise.all([one.context.close(), other.context.close()]);
});

test("ten thousand messages: only those near the eye are in the page", async () => {
  const talk = await meetNobody(plain, 5000);
  const { page, context } = await openTalk(plain, talk);
  await page.getByText("Answer 4999.").waitFor();
  for (let n = 0; n < 6; n++) {
    await page.locator(".thread").evaluate((box) => (box.scrollTop = 0));
    await page.waitForFunction((least) => document.querySelector(".rows").offsetHeight > least, (n + 1) * 9000);
  }
  assert.ok((await page.locator(".turn").count()) < 60, "rows in the page");
  // The time that a frame's worth of scrolling keeps the main thread busy.
  const worst = await page.locator(".thread").evaluate(async (box) => {
    const spans = [];
    for (let n = 0; n < 60; n++) {
      const begun = performance.now();
      box.scrollTop += 240;
      box.dispatchEvent(new Event("scroll"));
      await new Promise((drawn) => requestAnimationFrame(() => drawn()));
      spans.push(performance.now() - begun);
    }
    return spans.sort((a, b) => a - b)[30];
  });
  console.log(`a frame of scrolling: ${worst.toFixed(1)} ms (median of 60)`);
  await context.close();
});

test("directing: scene and note reach the prompt, and a turn can be looked into", async () => {
  const talk = await meetNobody(plain);
  const { page, context } = await openTalk(plain, talk);
  await page.locator(".talk-tools").getByRole("button", { name: "Direct" }).click();
  await page.getByLabel("Director's note").fill("Speak of the flood.");
  await page.getByLabel("Place", { exact: true }).fill("A forge by the river.");
  await page.keyboard.press("Tab");
  await page.locator(".told pre").first().getByText("Speak of the flood.").waitFor();
  await page.locator(".told pre").first().getByText("A forge by the river.").waitFor();
  await page.locator(".sections").getByText("note").waitFor();
  await say(page, "Hello");
  await heard(page, 1);
  await page.locator(".talk-tools").getByRole("button", { name: "Look inside" }).click();
  await page.getByText("Tokens of the prompt").waitFor();
  await page.getByRole("button", { name: "Replay this reply" }).click();
  await page.locator(".replayed").waitFor();
  await context.close();
});

test("somebody writes a new character, and talks to it", async () => {
  const { page, context, wrong } = await openPage(browser, plain.address);
  await page.goto(`${plain.address}/#/write/strangers/bartolo-finch`);
  const area = page.locator("textarea.yaml");
  await area.waitFor();
  const sheet = (await area.inputValue()).replaceAll("bartolo-finch", "iva-mill").replaceAll(/^name: .*$/gm, "name: Iva Mill");
  await page.getByRole("button", { name: "New sheet" }).first().click();
  await page.locator("dialog input[name=name]").fill("Iva Mill");
  await page.locator("dialog select[name=world]").selectOption("strangers");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByText("not saved yet").waitFor();
  await page.locator(".finding.error").first().waitFor();
  assert.ok(await page.getByRole("button", { name: "Save to the cast" }).isDisabled(), "lint comes first");
  await area.fill(sheet);
  await page.getByText("errors: 0").waitFor();
  await page.getByLabel("Title", { exact: true }).fill("smith of the mill");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.querySelector("textarea.yaml").value.includes("smith of the mill"));
  await page.getByText("errors: 0").waitFor();
  await page.getByRole("button", { name: "Save to the cast" }).click();
  await page.locator(".try-say input").fill("Hello, Iva");
  await page.keyboard.press("Enter");
  await page.locator(".try-lines").getByText("You said: Hello, Iva").waitFor();
  await page.goto(`${plain.address}/#/talk`);
  await page.getByRole("button", { name: "Talk to Iva Mill" }).click();
  await say(page, "Who are you?");
  await heard(page, 1);
  await page.goto(`${plain.address}/#/write/strangers/iva-mill`);
  await area.waitFor();
  await area.fill((await area.inputValue()).replace("smith of the mill", "smith by the mill"));
  await page.getByText("errors: 0").waitFor();
  await page.getByRole("button", { name: "Save to the cast" }).click();
  await page.getByLabel("Earlier versions").waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test("whoever has no key is asked for one", async () => {
  const locked = await openService({ model: scripted.address, key: "s3cret-of-the-house" });
  const { page, context } = await openPage(browser, locked.address);
  await page.goto(locked.address);
  await page.getByLabel("Key", { exact: true }).fill("s3cret-of-the-house");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.locator(".card").first().waitFor();
  await context.close();
  await locked.close();
});

test("nothing that is said, written or called runs, live or after a reload", async () => {
  assert.equal(payloads.length, 300);
  const { user_id } = await plain.ask("POST", "/v1/users", { username: payloads[0].slice(0, 60) });
  const named = payloads.filter((one) => one.length < 60).slice(0, 12);
  await Promise.all(named.map((one) => plain.ask("POST", "/v1/npcs", { character_description: `You are ${one}, a smith.`, world_description: one })));
  const { npc_id } = await plain.ask("POST", "/v1/npcs", { character_description: payloads[1] });
  const messages = payloads.flatMap((one) => [
    { role: "player", content: one },
    { role: "npc", content: one },
  ]);
  const { conversation_id } = await plain.ask("POST", "/v1/conversations", {
    npc_id, user_id, messages, title: payloads[2].slice(0, 190), note: payloads[3], scene: { place: payloads[4] },
  });
  const { page, context, wrong } = await openTalk(plain, { user_id, conversation_id });
  await page.locator(".turn time").first().waitFor();
  for (let n = 0; n < 4; n++) {
    await page.locator(".thread").evaluate((box) => (box.scrollTop = 0));
    await page.waitForTimeout(150);
  }
  const height = await page.locator(".thread").evaluate((box) => box.scrollHeight);
  for (let at = 0; at < height; at += 2200) await page.locator(".thread").evaluate((box, to) => (box.scrollTop = to), at);
  // Live: the scripted model says it back.
  for (const one of payloads.filter((_, n) => n % 40 === 0)) {
    await say(page, one);
    await page.locator(".composer button[aria-label='Send']").waitFor();
  }
  await page.locator(".talk-tools").getByRole("button", { name: "Direct" }).click();
  await page.locator(".told").first().waitFor();
  await page.reload();
  await page.locator(".turn time").first().waitFor();
  // In sheets.
  const { yaml } = await plain.ask("GET", "/v1/sheets/strangers/maren-tolk");
  const hostile = yaml.replace(/^title: .*$/m, `title: ${JSON.stringify(payloads[0])}`).replace(/^short_name: .*$/m, `short_name: ${JSON.stringify(payloads[5])}`);
  await plain.ask("PUT", "/v1/sheets/strangers/maren-tolk", { yaml: hostile });
  await page.goto(`${plain.address}/#/write/strangers/maren-tolk`);
  await page.locator("textarea.yaml").waitFor();
  await page.goto(`${plain.address}/#/talk`);
  await page.locator(".card").first().waitFor();
  const found = await page.evaluate(() => ({
    pwned: "pwned" in globalThis,
    scripts: [...document.scripts].map((one) => one.src).filter((src) => !src.startsWith(`${location.origin}/assets/`)),
    strange: document.querySelectorAll("iframe, object, embed, base, video, math, meta[http-equiv=refresh], [onerror], [onload], [ontoggle]").length,
  }));
  assert.deepEqual(found, { pwned: false, scripts: [], strange: 0 });
  assert.deepEqual(wrong, []);
  await context.close();
});

test("axe finds nothing serious in any view, light or dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    // axe is put into the page by the test, which the page's own policy would refuse.
    const { page, context } = await meet(plain, { colorScheme, bypassCSP: true });
    await say(page, '*waves* She said "hello".');
    await heard(page, 1);
    assert.deepEqual(await judge(page), [], `talk, ${colorScheme}`);
    for (const tab of ["Direct", "Look inside"]) {
      await page.locator(".talk-tools").getByRole("button", { name: tab }).click();
      await page.locator(".sections").first().waitFor();
      assert.deepEqual(await judge(page), [], `${tab}, ${colorScheme}`);
    }
    await page.keyboard.press("Control+k");
    await page.locator("#palette-list li").first().waitFor();
    assert.deepEqual(await judge(page), [], `palette, ${colorScheme}`);
    await page.keyboard.press("Escape");
    for (const view of ["talk", "house", "write/strangers/bartolo-finch"]) {
      await page.goto(`${plain.address}/#/${view}`);
      await page.locator(".card, .plate, textarea.yaml").first().waitFor();
      assert.deepEqual(await judge(page), [], `${view}, ${colorScheme}`);
    }
    await context.close();
  }
});
