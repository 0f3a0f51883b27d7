// node pictures.mjs [FOLDER]: looks at each view, light, dark and on a phone -> docs/images.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { heard, openBrowser, openPage, openService, say, source } from "./service.mjs";

const out = process.argv[2] ?? join(source, "docs/images");
mkdirSync(out, { recursive: true });

const kLooks = [
  { name: "light", options: { colorScheme: "light", viewport: { width: 1360, height: 850 } } },
  { name: "dark", options: { colorScheme: "dark", viewport: { width: 1360, height: 850 } } },
  { name: "phone", options: { colorScheme: "light", viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true } },
];

const service = await openService();
const browser = await openBrowser();
for (const { name, options } of kLooks) {
  const { page, context, wrong } = await openPage(browser, service.address, options);
  const shoot = (view) => page.screenshot({ path: join(out, `${view}-${name}.png`) });
  await page.goto(service.address);
  await page.locator(".card").first().waitFor();
  await shoot("talk-cast");
  await page.getByRole("button", { name: "Talk to Orlando Marlo" }).click();
  if (name !== "dark") await heard(page, 1);
  const before = await page.locator(".turn time").count();
  await say(page, "When were you knighted?");
  await heard(page, before + 1);
  await say(page, "And what do you want of the councils?");
  await heard(page, before + 2);
  await page.waitForTimeout(300);
  await shoot("talk");
  await page.locator(".talk-tools").getByRole("button", { name: "Direct" }).click();
  await page.locator(".sections").waitFor();
  await shoot("direct");
  await page.locator(".side").getByRole("button", { name: "Close" }).click();
  await page.locator(".talk-tools").getByRole("button", { name: "Look inside" }).click();
  await page.locator(".sections").waitFor();
  await shoot("inside");
  await page.goto(`${service.address}/#/write/luminaria/orlando-marlo`);
  await page.locator(".pane-form input").first().waitFor();
  await shoot("write");
  await page.goto(`${service.address}/#/house`);
  await page.locator(".plate").first().waitFor();
  await page.waitForTimeout(6500);
  await shoot("house");
  if (wrong.length > 0) console.error(wrong);
  await context.close();
}
await browser.close();
await service.close();
