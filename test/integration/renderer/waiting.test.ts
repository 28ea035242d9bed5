import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { failureOf, textOf } from "../../fixtures/fetching.ts";
import { chromiumIsMissing as skip } from "../../fixtures/rendering.ts";
import { openRenderingOfFile } from "../../fixtures/rendering-of-file.ts";

const html = (body: string) => (response: ServerResponse) => void response.writeHead(200, { "content-type": "text/html" }).end(body);
const script = (source: string) => html(`<title>page</title><div id=a>loading</div><script>${source}</script>`);
/** `body` for another path than the documents'. */
const text =
  (body: string, delayMs = 0) =>
  (response: ServerResponse) =>
    void setTimeout(() => response.writeHead(200, { "content-type": "text/plain" }).end(body), delayMs);

const ANSWERS: Record<string, (response: ServerResponse) => void> = {
  "/plain": html("<h1>plain</h1>"),
  "/late": script("setTimeout(() => { a.textContent = 'ready' }, 700)"),
  "/later": script("setTimeout(() => { a.textContent = 'ready' }, 2500)"),
  "/redirects": script("setTimeout(() => { location = '/plain' }, 600)"),
  "/refreshes": html("<meta http-equiv=refresh content='0;url=/plain'>"),
  "/polls": script("(function poll() { fetch('/answer?' + Math.random()).then(() => setTimeout(poll, 200)) })()"),
  "/hangs": script("fetch('/silent')"),
  "/hanging-script": html("<h1>content</h1><script async src=/silent></script>"),
  "/slow-items": script("fetch('/slow').then((r) => r.text()).then((t) => { a.textContent = t })"),
  "/asks-later": script("setTimeout(() => fetch('/slow').then((r) => r.text()).then((t) => { a.textContent = t }), 1500)"),
  "/silent": () => {},
  "/answer": text("answer"),
  "/slow": text("item", 1_500),
  "/pdf": (response) => void response.writeHead(200, { "content-type": "application/pdf", etag: '"1"' }).end("%PDF-1.4\n\xff"),
  "/attachment": (response) =>
    void response.writeHead(200, { "content-type": "text/plain", "content-disposition": "attachment; filename=a" }).end("bytes"),
  "/no-content": (response) => void response.writeHead(204).end(),
  "/nowhere": (response) => void response.writeHead(302, { location: "", "content-type": "text/html" }).end("<h1>stays</h1>"),
  "/large": (response) => void response.writeHead(200, { "content-type": "application/zip" }).end("x".repeat(100_000)),
  "/cut": (response) => void response.writeHead(200, { "content-type": "text/html", "content-length": "1000" }).end("<h1>half</h1>"),
  "/form":
    html(`<input id=name value=old><select id=kind><option value=1>one<option value=2>two</select><button id=go>go</button><p id=out></p>
    <script>go.onclick = () => fetch('/answer').then((r) => r.text()).then((t) => { out.textContent = [t, document.querySelector('#name').value, kind.value] })</script>`),
  "/endless":
    html(`<div id=list></div><script>let n = 0; const add = () => { for (let i = 0; i < 10; i++) list.insertAdjacentHTML("beforeend", "<p style='height:400px'>item " + n++) };
    add(); addEventListener("scroll", () => { if (n < 40) fetch("/answer").then(add) })</script>`),
  "/styled": html("<link rel=stylesheet href=/style.css><script src=/code.js></script><h1>styled</h1>"),
  "/remembers": script(
    "a.textContent = [document.cookie, localStorage.mine, sessionStorage.mine, window.name, history.length]; document.cookie = 'mine=1'; localStorage.mine = sessionStorage.mine = window.name = 'set'",
  ),
};

const requested = new Map<string, number>();
const { origin, render } = await openRenderingOfFile((request, response) => {
  const [path = ""] = (request.url ?? "").split("?");
  requested.set(path, (requested.get(path) ?? 0) + 1);
  if (path === "/cut") request.socket.once("data", () => {}).setTimeout(300, () => request.socket.destroy());
  (ANSWERS[path] ?? ((missing) => void missing.writeHead(404).end()))(response);
});

const shown = (html: string) => /<div id="?a"?>([^<]*)/.exec(html)?.[1];

test("eight pages that poll share two tabs, and none takes its whole time", { skip, timeout: 120_000 }, async () => {
  const pages = await Promise.all(Array.from({ length: 8 }, () => render("/polls", { timeoutMs: 15_000 })));

  assert.deepEqual(
    pages.map(({ statusCode, error }) => [statusCode, error?.message]),
    pages.map(() => [200, undefined]),
  );
});

test("a page is read after its short timers, and after what they load", { skip, timeout: 60_000 }, async () => {
  assert.equal(shown(textOf(await render("/late"))), "ready");
  assert.equal(shown(textOf(await render("/slow-items"))), "item");
  assert.match(textOf(await render("/redirects")), /<h1>plain/);
  assert.match(textOf(await render("/refreshes")), /<h1>plain/);
});

test("a page is read when it has what waitFor names", { skip, timeout: 90_000 }, async () => {
  const waits = [{ text: "ready" }, 3_500];
  for (const waitFor of waits) assert.equal(shown(textOf(await render("/later", { waitFor }))), "ready", JSON.stringify(waitFor));

  assert.match(textOf(await render("/hanging-script", { waitFor: "h1" })), /content/);
  assert.equal((await render("/asks-later", { waitFor: { request: "/sl*w" } })).statusCode, 200);
  assert.equal(requested.get("/slow"), 2);
  assert.equal((await render("/late", { waitFor: "networkidle" })).statusCode, 200);
});

test("a page that never has what waitFor names fails, and an invalid selector fails for all tries", { skip, timeout: 60_000 }, async () => {
  const missing = failureOf(await render("/plain", { waitFor: "#never", timeoutMs: 2_000 }));
  const invalid = failureOf(await render("/plain", { waitFor: "a[" }));

  assert.deepEqual([missing.code, missing.retryable, invalid.code, invalid.retryable], ["E_RENDER_TIMEOUT", true, "E_BAD_REQUEST", false]);
  assert.match(missing.message, /waited for an element "#never"/);
});

test("a request that stays open is named by a warning, and an open script by the time-out", { skip, timeout: 60_000 }, async () => {
  const page = await render("/hangs", { timeoutMs: 10_000 });
  const error = failureOf(await render("/hanging-script", { timeoutMs: 3_000 }));

  assert.deepEqual([page.statusCode, page.warnings], [200, [`GET ${origin}/silent was still loading`]]);
  assert.match(error.message, /its load event, with GET .*\/silent open/);
});

test("a PDF, an attachment and an empty answer are the page's bytes", { skip, timeout: 60_000 }, async () => {
  const pdf = await render("/pdf");
  const attachment = await render("/attachment");
  const empty = await render("/no-content");

  assert.deepEqual([pdf.statusCode, pdf.headers["content-type"], pdf.headers.etag], [200, "application/pdf", '"1"']);
  assert.equal(Buffer.from(pdf.content).toString("latin1").slice(0, 9), "%PDF-1.4\n");
  assert.deepEqual([textOf(attachment), attachment.url], ["bytes", `${origin}/attachment`]);
  assert.deepEqual([empty.statusCode, empty.content.length, empty.error], [204, 0, undefined]);
  assert.equal(failureOf(await render("/large", { maxBodyBytes: 10_000 })).code, "E_RENDERED_TOO_LARGE");
});

test("a redirect that leads nowhere is a page with its own status", { skip, timeout: 60_000 }, async () => {
  const page = await render("/nowhere");

  assert.deepEqual([page.statusCode, page.error], [302, undefined]);
  assert.match(textOf(page), /<h1>stays/);
});

test("a document whose body ends early fails", { skip, timeout: 60_000 }, async () => {
  assert.match(failureOf(await render("/cut")).message, /its body ended early: net::ERR_CONTENT_LENGTH_MISMATCH/);
});

test("actions type, choose, click and scroll to the end", { skip, timeout: 90_000 }, async () => {
  const form = await render("/form", {
    actions: [{ type: "#name", text: "new" }, { select: "#kind", value: "2" }, { click: "#go" }, { waitFor: { text: "answer" } }],
  });
  const list = await render("/endless", { actions: [{ scroll: "end" }], jsViewportHeight: 600 });

  assert.match(textOf(form), /<p id="out">answer,new,2<\/p>/);
  assert.match(textOf(list), /item 39/);
});

test("captureRequests keeps the answers to the page's own requests", { skip, timeout: 60_000 }, async () => {
  const page = await render("/slow-items", { captureRequests: "/slow" });

  assert.deepEqual(
    page.requests?.map(({ url, method, statusCode, text }) => [url, method, statusCode, text]),
    [[`${origin}/slow`, "GET", 200, "item"]],
  );
});

test("blocked kinds of resources are not requested", { skip, timeout: 60_000 }, async () => {
  await render("/styled", { blockResources: ["stylesheet"] });

  assert.deepEqual([requested.get("/style.css"), requested.get("/code.js")], [undefined, 1]);
});

test("pages of one project use one tab, and find nothing of each other in it", { skip, timeout: 60_000 }, async () => {
  const first = shown(textOf(await render("/remembers", { project: "one" })));
  const second = shown(textOf(await render("/remembers", { project: "one" })));

  assert.deepEqual([first, second], [first, first]);
  assert.match(first ?? "", /^,,,,\d$/);
});
