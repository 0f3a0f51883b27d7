// Clients of npm against a service: node node_clients.mjs ADDRESS FOLDER_OF_NODE_MODULES
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [address, folder] = process.argv.slice(2);
const require = createRequire(path.join(folder, "package.json"));
const load = async (name) => {
  try {
    return require(name);
  } catch {
    return import(pathToFileURL(require.resolve(name)));
  }
};

const hello = [{ role: "user", content: "Hello" }];
const tests = {
  async "openai: models, chat, stream, errors"() {
    const OpenAI = (await load("openai")).default;
    const client = new OpenAI({ baseURL: address + "/v1", apiKey: "none", maxRetries: 0 });
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    assert.ok(models.includes("npc/ida-fenn"));
    const made = await client.chat.completions.create({ model: models[0], messages: hello, seed: 7 });
    assert.equal(made.choices[0].message.content, "You said: Hello. (1 messages, seed 7) ");
    const stream = await client.chat.completions.create({
      model: "npc/ida-fenn", messages: hello, stream: true, stream_options: { include_usage: true },
    });
    let words = "", usage = null, finish = null;
    for await (const chunk of stream) {
      words += chunk.choices[0]?.delta?.content ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    assert.match(words, /You said: Hello/);
    assert.equal(finish, "stop");
    assert.ok(usage.completion_tokens > 0);
    await assert.rejects(client.chat.completions.create({ model: "gpt-4", messages: hello }),
      (error) => error.status === 404 && error.code === "model_not_found");
    const left = await client.chat.completions.create({
      model: models[0], messages: [{ role: "user", content: "slowly" }], stream: true,
    });
    for await (const chunk of left) if (chunk.choices[0].delta.content) break;
  },

  async "openai: the helper that gathers a stream"() {
    const OpenAI = (await load("openai")).default;
    const client = new OpenAI({ baseURL: address + "/v1", apiKey: "none", maxRetries: 0 });
    const helper = client.chat.completions.stream({ model: "npc/ida-fenn", messages: hello });
    assert.match(await helper.finalContent(), /You said: Hello/);
  },

  async "ollama: list, show, chat, stream, errors"() {
    const { Ollama } = await load("ollama");
    const client = new Ollama({ host: address });
    const listed = (await client.list()).models.map((model) => model.model);
    assert.ok(listed.includes("npc/ida-fenn"));
    assert.ok((await client.show({ model: listed[0] })).capabilities.includes("completion"));
    const made = await client.chat({ model: listed[0], messages: hello, options: { seed: 7 } });
    assert.equal(made.message.content, "You said: Hello. (1 messages, seed 7) ");
    let words = "", last = null;
    for await (const part of await client.chat({ model: "npc/ida-fenn", messages: hello, stream: true })) {
      words += part.message.content;
      last = part;
    }
    assert.match(words, /You said: Hello/);
    assert.equal(last.done_reason, "stop");
    await assert.rejects(client.chat({ model: "llama3", messages: hello }), /no model 'llama3'/);
  },

  async "eventsource-parser: the events of a chat"() {
    const { createParser } = await load("eventsource-parser");
    const response = await fetch(address + "/v1/chat/completions", {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ model: "npc/ida-fenn", messages: [{ role: "user", content: "many lines" }], stream: true }),
    });
    const events = [];
    const parser = createParser({ onEvent: (event) => events.push(event), onError: (error) => { throw error; } });
    const decoder = new TextDecoder();
    for await (const bytes of response.body) parser.feed(decoder.decode(bytes, { stream: true }));
    assert.equal(events.pop().data, "[DONE]");
    const words = events.map((event) => JSON.parse(event.data).choices[0].delta.content ?? "").join("");
    assert.equal(words, "one\ntwo\n\nthree");
  },

  async "eventsource-parser: the events of KoboldAI"() {
    const { createParser } = await load("eventsource-parser");
    const response = await fetch(address + "/api/extra/generate/stream", {
      method: "POST", body: JSON.stringify({ prompt: "Hello", model: "npc/ida-fenn" }),
    });
    const events = [];
    const parser = createParser({ onEvent: (event) => events.push(event) });
    parser.feed(await response.text());
    assert.ok(events.every((event) => event.event === "message"));
    assert.match(events.map((event) => JSON.parse(event.data).token).join(""), /You said: Hello/);
    assert.equal(JSON.parse(events.pop().data).finish_reason, "stop");
  },

  async "ws: a turn on a socket"() {
    const WebSocket = await load("ws");
    const post = async (path, body) => (await fetch(address + path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    })).json();
    if ((await fetch(address + "/v1/ws")).status === 404) return "this service has no /v1/ws";
    const user = await post("/v1/users", { username: "Anna" });
    const npc = await post("/v1/npcs", { character: "ida-fenn", has_scratchpad: false });
    const socket = new (WebSocket.WebSocket ?? WebSocket)(address.replace("http", "ws") + "/v1/ws");
    await new Promise((done, failed) => socket.once("open", done).once("error", failed));
    let words = "";
    const done = new Promise((resolve, reject) => socket.on("message", (bytes) => {
      const frame = JSON.parse(bytes.toString());
      if (frame.type === "text") words += frame.text;
      if (frame.type === "error") reject(new Error(bytes.toString()));
      if (frame.type === "done") resolve(frame);
    }));
    socket.send(JSON.stringify({ type: "say", id: "1", npc_id: npc.npc_id, user_id: user.user_id, message: "Hello" }));
    assert.equal((await done).id, "1");
    assert.match(words, /You said: Hello/);
    socket.close();
  },
};

let failed = 0;
for (const [name, run] of Object.entries(tests)) {
  try {
    const skipped = await run();
    console.log(skipped ? `skipped ${name}: ${skipped}` : `ok ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED ${name}\n${error.stack}`);
  }
}
process.exit(failed ? 1 : 0);
