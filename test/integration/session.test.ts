/** Projects with a login, by `./orb run` on a site whose sessions end. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { startOrb } from "../fixtures/orb.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";

const FORM =
  '<form action="/login" method="post"><input type="hidden" name="csrf" value="t"><input name="user"><input name="password"></form>';

/** `count` pages, of which each links to ten others; a session is good for `life` pages, and afterwards any page is the login form with status 200. */
async function startMemberSite({ count, life }: { count: number; life: number }) {
  const sessions = new Map<string, number>();
  const stats = { logins: 0, elsewhere: [] as string[] };
  const server = createServer(async (request, response) => {
    const { url = "/", headers } = request;
    const send = (text: string, more = {}) => response.writeHead(200, { "content-type": "text/html", ...more }).end(text);
    if (url === "/robots.txt") return void response.writeHead(404).end();
    if (url === "/login" && request.method === "POST") {
      const id = randomUUID();
      sessions.set(id, life);
      stats.logins++;
      request.resume();
      return void response.writeHead(302, { location: "/welcome", "set-cookie": `sid=${id}; Path=/; HttpOnly` }).end();
    }
    const id = /sid=([\w-]+)/.exec(headers.cookie ?? "")?.[1] ?? "";
    const left = sessions.get(id) ?? 0;
    if (headers.host?.startsWith("localhost")) stats.elsewhere.push(id);
    if (url === "/login" || left <= 0) return void send(FORM);
    if (url !== "/welcome") sessions.set(id, left - 1);
    const number = Number(url.slice(1));
    const links = Array.from({ length: 10 }, (_, index) => number * 10 + index + 1).filter((link) => link < count);
    send(`<h1>Page ${number}</h1>${links.map((link) => `<a href="/${link}">x</a>`).join("")}`);
  });
  await once(server.listen(0, "localhost"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    stats,
    origin: `http://127.0.0.1:${port}`,
    other: `http://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const script = ({ origin, other }: { origin: string; other: string }) => `import { Crawler, type Response } from "orbweaver";
export default class Members extends Crawler {
  crawlConfig = { hostConcurrency: 4 };
  onStart() { this.crawl("${origin}/0", { callback: this.page }); }
  onLogin() { this.crawl("${origin}/login", { callback: this.form }); }
  form(response: Response) {
    const { url, ...options } = response.form("form", { user: "ada", password: "secret" });
    this.crawl(url, { ...options, callback: this.welcome });
  }
  welcome({ cookies }: Response) { this.startSession(cookies); }
  page(response: Response) {
    if (response.doc("input[name=csrf]").length > 0) this.endSession();
    this.crawl(response.doc("a"), { callback: this.page, cookies: response.cookies });
    if (response.url.endsWith("/0")) this.crawl("${other}/99999", { callback: this.elsewhere });
    return { url: response.url, title: response.doc("h1").text() };
  }
  elsewhere() {}
}
`;

async function run(site: { origin: string; other: string }, directory: string) {
  writeFileSync(join(directory, "members.ts"), script(site));
  const flags = ["--allow-address", "127.0.0.0/8", "--allow-address", "::1/128", "--out", "results.jsonl", "--json"];
  await using program = startOrb(["run", "members.ts", ...flags], { cwd: directory });
  return await program.ended;
}

test("a project whose sessions end logs in again, and each page is read once, in a session", { timeout: 120_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startMemberSite({ count: 60, life: 15 });

  const { code, stdout, stderr } = await run(site, directory.path);

  assert.equal(code, 0, stderr);
  const rows = readFileSync(join(directory.path, "results.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).result);
  assert.deepEqual(rows.map(({ title }) => title).sort(), Array.from({ length: 60 }, (_, number) => `Page ${number}`).sort());
  assert.equal(JSON.parse(stdout).failed, 0);
  assert.ok(site.stats.logins >= 4 && site.stats.logins <= 8, `${site.stats.logins} logins`);
  assert.deepEqual(site.stats.elsewhere, [""], "another host gets no cookie of the session");
});

test("a login that opens no page is given up after three tries, with the reason", { timeout: 120_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startMemberSite({ count: 60, life: 0 });

  const { code, stderr } = await run(site, directory.path);

  assert.equal(code, 1);
  assert.match(stderr, /three logins failed: no page could be read in the session/);
  assert.equal(site.stats.logins, 3);
});
