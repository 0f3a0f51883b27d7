// node embed.mjs DIST OUT: the built page -> a C++ table of its files, each also compressed.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { constants, gzipSync } from "node:zlib";

const kTypes = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};
// What a first visit may load; the page's other parts are fetched when they are opened.
const kMostScript = 150 * 1024;

const [dist, out] = process.argv.slice(2);

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((one) => (one.isDirectory() ? filesIn(join(folder, one.name)) : [join(folder, one.name)]));
}

function array(name, bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 40) lines.push([...bytes.subarray(at, at + 40)].join(","));
  return `constexpr unsigned char ${name}[] = {\n${lines.join(",\n")}};\n`;
}

const view = (name) => `std::string_view(reinterpret_cast<const char*>(${name}), sizeof ${name})`;

let arrays = "";
let rows = "";
let script = 0;
for (const [n, file] of filesIn(dist).entries()) {
  const type = kTypes[extname(file)];
  if (!type) throw new Error(`${file}: no content type is known for this ending; name it in kTypes`);
  const bytes = readFileSync(file);
  // The same bytes on every machine: no time and no system in the head.
  const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  packed[9] = 255;
  if (extname(file) === ".js") script += packed.length;
  const path = `/${relative(dist, file).split(sep).join("/")}`.replace(/^\/index\.html$/, "/");
  const tag = createHash("sha256").update(bytes).digest("hex").slice(0, 24);
  arrays += array(`kBytes${n}`, bytes) + array(`kGzip${n}`, packed);
  rows += `      {.path = "${path}", .content_type = "${type}", .bytes = ${view(`kBytes${n}`)},\n`;
  rows += `       .gzip = ${view(`kGzip${n}`)}, .tag = "\\"${tag}\\""},\n`;
}
if (script > kMostScript)
  throw new Error(`the page's script has ${script} bytes compressed; at most ${kMostScript} are loaded`);

writeFileSync(
  out,
  `// Made from web/ by web/tools/embed.mjs: ${script} bytes of script, compressed.
#include "server/page_files.h"

namespace dramatis::server {
namespace {
${arrays}}  // namespace

std::span<const PageFile> page_files() {
  static const PageFile files[] = {
${rows}  };
  return files;
}

}  // namespace dramatis::server
`,
);
console.log(`the page: ${script} bytes of script, compressed`);
