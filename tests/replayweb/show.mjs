// Shows a page of a WACZ package in ReplayWeb.page, in a headless browser.
//
//   node show.mjs BROWSER PACKAGE URL [SCREENSHOT]
//
// A package that is an address of another server is read there, by ranges, as far as that one lets other origins.
// Prints one JSON object: title and text of the page as its frame shows them.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const [executablePath, packagePath, url, screenshot] = process.argv.slice(2);
const SECONDS = 60;
const RELOAD = 80; // quarters of a second
const player = (name) => fileURLToPath(new URL(`node_modules/replaywebpage/${name}`, import.meta.url));
const files = {
  "/ui.js": [player("ui.js"), "text/javascript"],
  "/replay/sw.js": [player("sw.js"), "text/javascript"],
};
const source = /^https?:/.test(packagePath) ? packagePath : "/package.wacz";
if (source !== packagePath) {
  files[source] = [packagePath, "application/wacz"];
}
const html = `<!doctype html><body style="margin: 0"><script src="/ui.js"></script>
<replay-web-page style="height: 900px" source="${source.replaceAll("&", "&amp;")}" url="${encodeURI(url)}" replayBase="/replay/"></replay-web-page>`;

const server = createServer((request, response) => {
  const path = request.url.split("?")[0];
  if (path === "/") {
    response.writeHead(200, { "Content-Type": "text/html" }).end(html);
    return;
  }
  const [file, type] = files[path] ?? [];
  if (!file || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  const size = statSync(file).size;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  const headers = { "Content-Type": type, "Content-Length": end - start + 1, "Accept-Ranges": "bytes" };
  if (range) {
    headers["Content-Range"] = `bytes ${start}-${end}/${size}`;
  }
  response.writeHead(range ? 206 : 200, headers);
  request.method === "HEAD" ? response.end() : createReadStream(file, { start, end }).pipe(response);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
await page.goto(`http://127.0.0.1:${server.address().port}/`);

async function shown() {
  for (const frame of page.frames()) {
    if (/\/replay\/w\/.*\d{14}mp_\//.test(frame.url())) {
      const text = await frame.evaluate(() => document.body?.innerText ?? "").catch(() => "");
      if (text) {
        return { title: await frame.title(), text };
      }
    }
  }
  return null;
}

let answer = null;
for (let left = SECONDS * 4; !answer && left; left -= 1) {
  await new Promise((later) => setTimeout(later, 250));
  answer = await shown();
  if (!answer && left > 1 && left % RELOAD === 1) {
    await page.reload(); // on a busy machine the frame may ask before the service worker that answers it is there
  }
}
if (screenshot) {
  await page.screenshot({ path: screenshot });
}
await browser.close();
process.stdout.write(JSON.stringify(answer), () => process.exit(answer ? 0 : 1));
