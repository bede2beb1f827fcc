// Opens a WACZ package with wabac, the engine of ReplayWeb.page, as its service worker does: by ranges, over HTTP.
//
//   node open.mjs PACKAGE [TIMESTAMP/URL ...]
//
// Prints one JSON object: the list of pages that it offers, and for each URL the status, time and body of its replay.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";

import "fake-indexeddb/auto";

globalThis.self = globalThis;
self.location = new URL("http://replay.example/");
self.registration = { scope: "http://replay.example/" };
self.addEventListener ??= () => {}; // messages from a page: there is none
console.log = console.error; // standard output is for the answer alone

const { ArchiveRequest, SWCollections } = await import("@webrecorder/wabac/swlib");

const [path, ...wanted] = process.argv.slice(2);
const size = statSync(path).size;
let ranges = 0;

const server = createServer((request, response) => {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  const headers = { "Accept-Ranges": "bytes", "Content-Length": end - start + 1, "Content-Type": "application/wacz" };
  if (range) {
    ranges += 1;
    headers["Content-Range"] = `bytes ${start}-${end}/${size}`;
  }
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === "HEAD") {
    response.end();
  } else {
    createReadStream(path, { start, end }).pipe(response);
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const prefix = "http://replay.example/w/";
const collections = new SWCollections({ main: prefix, root: prefix, static: prefix, proxy: prefix });
const sourceUrl = `http://127.0.0.1:${server.address().port}/package.wacz`;
const problems = [];
const added = await collections.addCollection({ name: "c", file: { sourceUrl } }, (percent, error) => {
  if (error) {
    problems.push(error);
  }
});
const collection = added && (await collections.getColl("c"));

// As the service worker replays an address under `id_`: decoded, and not rewritten. It is led to the exact time first.
async function replay(timestampAndUrl) {
  let path = timestampAndUrl.replace("/", "id_/");
  for (;;) {
    const event = { waitUntil() {} };
    const response = await collection.handleRequest(new ArchiveRequest(path, new Request(collection.prefix + path)), event);
    if (response.status !== 302 || !response.headers.get("Location").startsWith(collection.prefix)) {
      const body = Buffer.from(await response.arrayBuffer()).toString("base64");
      return { status: response.status, at: /(\d*)id_/.exec(path)[1], body };
    }
    path = response.headers.get("Location").slice(collection.prefix.length);
  }
}

const answer = { problems, pages: [], replayed: [] };
if (collection) {
  answer.title = collection.config.metadata.title;
  answer.pages = await collection.store.getAllPages();
  for (const one of wanted) {
    answer.replayed.push(await replay(one));
  }
}
answer.ranges = ranges;
process.stdout.write(JSON.stringify(answer), () => process.exit(0)); // its database and the server would keep it alive
