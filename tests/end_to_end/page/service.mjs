// A service for the tests of the page: the real program on a free port, with files of its own.
import { spawn } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const source = fileURLToPath(new URL("../../..", import.meta.url));
const require = createRequire(join(source, "web/package.json"));
export const { chromium } = require("playwright-core");
export const axeSource = require.resolve("axe-core/axe.min.js");

const program = process.env.DRAMATIS_PROGRAM ?? join(source, "build/release/bin/dramatis");
const browserPath = process.env.DRAMATIS_CHROMIUM ?? "/usr/bin/chromium";

// Resolves with the first match of `pattern` in what `child` prints.
function printed(child, pattern) {
  return new Promise((found, failed) => {
    let said = "";
    const hear = (bytes) => {
      said += bytes;
      const match = pattern.exec(said);
      if (match) found(match);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", (code) => failed(new Error(`${child.spawnfile} ended with ${code}: ${said}`)));
  });
}

// A model that answers by rules; see ../scripted_server.py.
export async function openScripted() {
  const home = mkdtempSync(join(tmpdir(), "dramatis-scripted-"));
  const file = join(home, "port");
  const child = spawn("python3", [join(source, "tests/end_to_end/scripted_server.py"), file], { stdio: "ignore" });
  while (!existsSync(file)) await new Promise((wake) => setTimeout(wake, 50));
  const port = readFileSync(file, "utf8");
  const close = () => {
    child.kill();
    rmSync(home, { recursive: true, force: true });
  };
  return { address: `http://127.0.0.1:${port}/v1`, close };
}

// The program far away from the models that come with it.
function lonelyProgram(home) {
  const folder = join(home, "alone/a/b/bin");
  mkdirSync(folder, { recursive: true });
  copyFileSync(program, join(folder, "dramatis"));
  return join(folder, "dramatis");
}

// What still runs: a test that fails leaves its service open, and no program would end beside it.
const open = new Set();
export const closeServices = () => Promise.all([...open].map((service) => service.close()));

// model: an address; "none" for a service without any; nothing for hearth. key: an owner's.
export async function openService({ model, key, flags: more = [] } = {}) {
  const home = mkdtempSync(join(tmpdir(), "dramatis-page-"));
  cpSync(join(source, "cast"), join(home, "cast"), { recursive: true });
  const isAlone = model === "none";
  const file = isAlone ? lonelyProgram(home) : program;
  const flags = ["serve", "--cast", join(home, "cast"), "--database", join(home, "talk.sqlite"), ...more];
  if (model && !isAlone) flags.push("--model", model, "--model-name", "scripted");
  if (key) {
    writeFileSync(join(home, "key"), `${key}\n`, { mode: 0o600 });
    flags.push("--serve-key-file", join(home, "key"));
  }
  const begin = (port) =>
    spawn(file, [...flags, "--port", String(port)], { cwd: home, env: { ...process.env, XDG_DATA_HOME: home, XDG_CACHE_HOME: home } });
  let child = begin(0);
  const [, address] = await printed(child, /listens on (http:\/\/\S+) /);
  const listened = performance.now();
  const ask = async (method, path, body) => {
    const headers = key ? { Authorization: `Bearer ${key}` } : {};
    const init = { method, headers };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    const answer = await fetch(address + path, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  const end = (signal) =>
    new Promise((ended) => {
      child.on("exit", ended);
      child.kill(signal);
    });
  // Without a goodbye, as when the power fails.
  const kill = () => end("SIGKILL");
  // The same service at the same address.
  const restart = async () => {
    child = begin(new URL(address).port);
    await printed(child, /listens on (http:\/\/\S+) /);
  };
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) await end("SIGTERM");
    open.delete(service);
    rmSync(home, { recursive: true, force: true });
  };
  const service = { address, home, ask, close, kill, restart, listened };
  open.add(service);
  return service;
}

export function openBrowser() {
  return chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
}

// A page that remembers what must not happen: requests elsewhere, dialogs, errors, refusals of the
// policy.
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000); // others may use this machine
  const wrong = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    const ours = url.origin === address || url.protocol === "blob:";
    if (!ours) wrong.push(`asked ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    wrong.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => wrong.push(`error ${error.message}`));
  page.on("console", (line) => {
    if (/Content Security Policy/i.test(line.text())) wrong.push(line.text());
  });
  return { page, context, wrong };
}

export const input = (page) => page.locator(".composer textarea");

export async function say(page, words) {
  await input(page).fill(words);
  await page.keyboard.press("Enter");
}

// Waits until the newest reply is stored; `send`: what sending is called.
export async function heardIn(page, send, turns) {
  await page.locator(".turn time").nth(turns - 1).waitFor();
  await page.locator(`.composer button[aria-label='${send}']`).waitFor();
}

export const heard = (page, turns) => heardIn(page, "Send", turns);
