import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { startSite } from "../../demo/site.ts";
import { expectedPages } from "../../demo/site-kinds.ts";
import { MAIN, type RunningProgram, startFixture, startNode, startOrb } from "../fixtures/orb.ts";
import { siteScript } from "../fixtures/site-script.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { until } from "../fixtures/until.ts";

const PAGES = 1_000;

/** Starts `./orb run` on a script's text; temporary files go to the directory that it returns. */
function startRun(directory: string, script: string, ...flags: string[]): RunningProgram {
  writeFileSync(join(directory, "crawl.ts"), script);
  return startOrb(["run", "crawl.ts", "--allow-address", "127.0.0.0/8", ...flags], { cwd: directory, env: { TMPDIR: directory } });
}

/** The same on a script that is there already, with what a shell makes of `rest` behind the command. */
const startInShell = (directory: string, rest: string): RunningProgram =>
  startNode([MAIN, "run", "crawl.ts"], {
    cwd: directory,
    env: { TMPDIR: directory },
    program: ["bash", "-c", `"$0" "$@" ${rest}`, process.execPath],
  });

async function run(directory: string, script: string, ...flags: string[]) {
  await using program = startRun(directory, script, ...flags);
  return await program.ended;
}

/** A site whose home page links to `paths`; `/dead/403/x` has status 403, others 200. It answers no request after `dieAfter` pages. */
async function startStatusSite(paths: string[], { dieAfter = Infinity } = {}) {
  let answered = 0;
  const server = createServer((request, response) => {
    if (answered++ > dieAfter) return void request.socket.destroy();
    const [, status = "200"] = /^\/dead\/(\d+)\//.exec(request.url ?? "") ?? [];
    const text = request.url === "/" ? paths.map((path) => `<a href="${path}">x</a>`).join("") : "<title>page</title>";
    response.writeHead(request.url === "/robots.txt" ? 404 : Number(status), { "content-type": "text/html" }).end(text);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const crawler = (body: string) => `import { Crawler } from "orbweaver";\nexport default class Test extends Crawler {\n${body}\n}\n`;

test("a crawl of 1,000 pages ends by itself with every result in the file, a summary, and no temporary files", {
  timeout: 120_000,
}, async () => {
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: PAGES });

  const { code, stdout, stderr } = await run(directory.path, siteScript(site.origin), "--out", "results.jsonl", "--json");

  assert.equal(code, 0, stderr);
  const rows = readFileSync(join(directory.path, "results.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const expected = expectedPages(PAGES);
  const crawled = rows.map(({ result }) => `${result.url} ${result.title}`).filter((line) => !line.startsWith(`${site.origin}/ `));
  assert.deepEqual(crawled.sort(), expected.map(({ finalPath, plainTitle }) => `${site.origin}${finalPath} ${plainTitle}`).sort());
  assert.deepEqual(Object.keys(rows[0]), ["taskid", "url", "index", "result"]);
  const { seconds, ...counts } = JSON.parse(stdout);
  assert.deepEqual(counts, { pages: PAGES + 1, results: rows.length, failed: PAGES - expected.length, early: 0, skipped: {} });
  assert.match(stderr, new RegExp(`^done in \\S+ s: 1001 pages, ${rows.length} results, 12 failed`, "m"));
  assert.ok(seconds > 0);
  assert.deepEqual(readdirSync(directory.path).sort(), ["crawl.ts", "results.jsonl"]);
});

test("--out writes CSV and workbooks by the file's name, with chosen columns, and JSON by --format", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  const script = crawler(`onStart() { return { price: "=1", title: "ä" }; }`);
  const bytes = (name: string) => readFileSync(join(directory.path, name));

  const csv = await run(directory.path, script, "--out", "a.csv", "--fields", "title,price", "--csv-bom");
  await run(directory.path, script, "--out", "b.csv", "--format", "json", "--fields", "price");
  await run(directory.path, script, "--out", "a.xlsx");
  const refused = await run(directory.path, script, "--format", "csv");

  assert.equal(csv.code, 0, csv.stderr);
  assert.equal(String(bytes("a.csv")), "\ufefftitle,price\r\nä,'=1\r\n");
  assert.deepEqual(JSON.parse(String(bytes("b.csv"))), [{ price: "=1" }]);
  assert.equal(bytes("a.xlsx").toString("latin1", 0, 2), "PK");
  assert.equal(refused.code, 64);
  assert.match(refused.stderr, /--out FILE/);
});

test("control characters of results, errors and logs are not written to stdout and stderr", {
  timeout: 60_000,
}, async () => {
  using directory = temporaryDirectory();
  const evil = "\u001b]0;x\u0007\u009b2J\u202e\u2028";
  const script = crawler(`
    onStart() { this.crawl("data:,a", { callback: "page" }); this.crawl("data:,b", { callback: "fail", retries: 0 }); }
    page() { console.log(${JSON.stringify(evil)}); return { text: ${JSON.stringify(evil)} }; }
    fail() { throw new Error(${JSON.stringify(`${evil}\ndone in 0 s`)}); }`);

  const shown = await run(directory.path, script);

  assert.doesNotMatch(`${shown.stdout}${shown.stderr}`.replaceAll("\n", ""), /[\p{Cc}\p{Zl}\p{Bidi_Control}]/u);
  assert.doesNotMatch(shown.stderr, /^done in 0 s/m);
  assert.equal(JSON.parse(shown.stdout).result.text, evil);
});

test("without --out stdout contains only the results; --limit counts fetched pages", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: PAGES });

  const { code, stdout } = await run(directory.path, siteScript(site.origin), "--limit", "15");

  const paths = [...site.requests].flatMap(([path, count]) => Array<string>(count).fill(path));
  assert.equal(code, 0);
  assert.equal(paths.filter((path) => !path.startsWith("/moved/") && path !== "/robots.txt").length, 15);
  assert.equal(site.requests.get("/robots.txt"), 1);
  assert.equal(stdout.trim().split("\n").length, 15);
});

test("a run waits for tasks whose exetime is near, and counts those that it leaves", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startStatusSite([]);
  const ask = (path: string, seconds: number) =>
    `this.crawl("${site.origin}${path}", { callback: this.page, exetime: Date.now() / 1000 + ${seconds} });`;
  const script = crawler(`  onStart() { ${ask("/soon", 2)} ${ask("/late", 600)} }\n  page(response: any) { return response.url; }`);

  const { code, stdout, stderr } = await run(directory.path, script, "--json");

  assert.equal(code, 0);
  assert.partialDeepStrictEqual(JSON.parse(stdout), { pages: 1, results: 1, early: 1 });
  assert.match(stderr, /1 tasks wait for their exetime and were not crawled/);
});

test("with --data a second run continues with the data of the first run", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: 30 });
  const flags = ["--data", "kept", "--json", "--project", "site"];
  await run(directory.path, siteScript(site.origin), ...flags, "--limit", "10");
  const before = site.requests.get("/");

  const { stdout } = await run(directory.path, siteScript(site.origin), ...flags);

  assert.equal(JSON.parse(stdout).results, 31);
  assert.deepEqual([before, site.requests.get("/")], [1, 1]);
});

test("Ctrl-C exits with 130, writes the crawled results, and removes temporary files", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: PAGES });
  await using program = startRun(directory.path, siteScript(site.origin), "--out", "results.jsonl");
  await until("pages are fetched", () => site.requests.size > 30);

  program.process.kill("SIGINT");
  const { code, stderr } = await program.ended;

  assert.equal(code, 130, stderr);
  assert.ok(readFileSync(join(directory.path, "results.jsonl"), "utf8").split("\n").length > 10);
  assert.deepEqual(readdirSync(directory.path).sort(), ["crawl.ts", "results.jsonl"]);
});

for (const [title, script, exit, message] of [
  ["a script that does not compile", crawler("  onStart() { this.crawl(; }"), 65, /crawl\.ts:3:\d+: Unexpected ";"/],
  ["a script without a class", "export const a = 1;\n", 65, /crawl\.ts:1:1: write `export default class/],
  ["a script that throws when it is loaded", `${crawler("  onStart() {}")}null.a;\n`, 1, /when it is loaded: .*null.*crawl\.ts:5/],
  [
    "an onStart that throws",
    crawler('  retryDelay = [0];\n  onStart() {\n    throw new Error("no seeds");\n  }'),
    1,
    /onStart: Error: no seeds \(crawl\.ts:5:\d+\) \(E_SCRIPT\)/,
  ],
] as const) {
  test(`${title} exits ${exit} and reports file, line and message`, { timeout: 60_000 }, async () => {
    using directory = temporaryDirectory();

    const { code, stdout, stderr } = await run(directory.path, script);

    assert.equal(code, exit, stderr);
    assert.match(stderr, message);
    assert.equal(stdout, "");
  });
}

test("a wrong crawlConfig ends the run at once, with the reason", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  const script = crawler("  crawlConfig = { byStatus: { 403: { retry: 0 } } };\n  onStart() {}");
  const began = Date.now();

  const { code, stderr } = await run(directory.path, script);

  assert.equal(code, 1);
  const [, seconds] = /done in (\S+) s/.exec(stderr) ?? [];
  assert.ok(Number(seconds) < 5, `${stderr}, after ${Date.now() - began} ms`);
  assert.match(stderr, /when it is loaded: .*crawlConfig takes as byStatus an object such as/);
});

test("dead pages in clumps delay no other page", { timeout: 120_000 }, async () => {
  using directory = temporaryDirectory();
  const statuses = [404, 410, 403, 500];
  const paths = Array.from({ length: 240 }, (_, index) => (index % 80 < 60 ? `/dead/${statuses[index % 4]}/${index}` : `/live/${index}`));
  await using site = await startStatusSite(paths);
  const script = crawler(`
  crawlConfig = { byStatus: { "4xx": { retries: 0 }, 500: { retries: 1, retryDelay: 0 } } };
  onStart() { this.crawl("${site.origin}/", { callback: this.list }); }
  list(response) { this.crawl(response.links(), { callback: this.page }); }
  page({ url }) { return { url }; }`);

  const { code, stderr } = await run(directory.path, script, "--out", "results.jsonl", "--json");

  assert.equal(code, 0, stderr);
  assert.match(stderr, /241 pages, 60 results, 180 failed/);
  assert.doesNotMatch(stderr, /paused/);
});

test("a run whose server dies is paused as a project is, and says so", { timeout: 120_000 }, async () => {
  using directory = temporaryDirectory();
  await using site = await startStatusSite(
    Array.from({ length: 400 }, (_, index) => `/live/${index}`),
    { dieAfter: 20 },
  );
  const script = crawler(`
  crawlConfig = { robotsTxt: false };
  onStart() { this.crawl("${site.origin}/", { callback: this.list }); }
  list(response) { this.crawl(response.links(), { callback: this.page }); }
  page({ url }) { return { url }; }`);
  await using program = startRun(directory.path, script, "--out", "results.jsonl");

  await until("the pause is said", () =>
    /paused for (?:300|29\d) s, because too many tasks in a row failed, the last one with: .*E_CONNECTION/.test(program.stderr()),
  );
  program.process.kill("SIGINT");
  const { code } = await program.ended;

  assert.equal(code, 130);
});

test("an unreachable site exits 1 with the reason", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  const script = crawler('  retryDelay = [0];\n  onStart() { this.crawl("http://127.0.0.1:1/", { callback: this.page }); }\n  page() {}');

  const { code, stderr } = await run(directory.path, script);

  assert.equal(code, 1);
  assert.match(stderr, /http:\/\/127\.0\.0\.1:1\/.*\(E_CONNECTION\)/);
});

test("a page that needs a browser uses the one in ORB_CHROMIUM_PATH", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  const script = crawler(
    '  onStart() { this.crawl("http://127.0.0.1:1/", { callback: this.page, fetchType: "js", robotsTxt: false, retries: 0 }); }\n  page() {}',
  );
  writeFileSync(join(directory.path, "crawl.ts"), script);
  const env = { TMPDIR: directory.path, ORB_CHROMIUM_PATH: "/nowhere/chromium" };
  await using program = startOrb(["run", "crawl.ts", "--allow-address", "127.0.0.0/8"], { cwd: directory.path, env });

  const { code, stderr } = await program.ended;

  assert.equal(code, 1);
  assert.match(stderr, /tried \/nowhere\/chromium.*\(E_NO_CHROMIUM\)/);
});

test("a data directory that another process uses is refused with exit code 75", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using holder = startFixture("data-lock-main.ts", [join(directory.path, "kept")]);
  await until("the lock is held", () => holder.stdout().includes("held"));

  const { code, stderr } = await run(directory.path, crawler("  onStart() {}"), "--data", "kept");

  assert.equal(code, 75);
  assert.match(stderr, new RegExp(`process ${holder.process.pid} `));
});

test("a slow reader receives all results, and a reader that closes the pipe early causes no error", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, "crawl.ts"), crawler('  *onStart() { for (let i = 0; i < 3; i++) yield "x".repeat(1_000_000); }'));
  const through = (reader: string) => startInShell(directory.path, `| ${reader}; exit \${PIPESTATUS[0]}`);
  await using slow = through("(sleep 1; cat)");
  const whole = await slow.ended;
  await using impatient = through("head -c 10");
  const part = await impatient.ended;

  assert.deepEqual([whole.code, whole.stdout.trim().split("\n").length, whole.stdout.length > 3_000_000], [0, 3, true], whole.stderr);
  assert.deepEqual([part.code, part.stdout.length], [0, 10], part.stderr);
  assert.deepEqual(readdirSync(directory.path), ["crawl.ts"]);
});

test("an existing file stays until the new file has all results", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "results.jsonl");
  writeFileSync(path, "yesterday");
  await using holder = startFixture("data-lock-main.ts", [join(directory.path, "kept")]);
  await until("the lock is held", () => holder.stdout().includes("held"));

  const refused = await run(directory.path, crawler("  onStart() {}"), "--data", "kept", "--out", "results.jsonl");
  const afterRefusal = readFileSync(path, "utf8");
  const crawled = await run(directory.path, crawler("  onStart() { return 1; }"), "--out", "results.jsonl");

  assert.deepEqual([refused.code, afterRefusal, crawled.code], [75, "yesterday", 0]);
  assert.match(readFileSync(path, "utf8"), /^\{"taskid":"on_start".*"result":1\}\n$/);
  assert.deepEqual(readdirSync(directory.path).sort(), ["crawl.ts", "kept", "results.jsonl"]);
});

test("an exception in a callback fails the run, however many pages failed before it", { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  const script = crawler(`
  crawlConfig = { retries: 0, robotsTxt: false };
  onStart() {
    for (let n = 0; n < 6; n++) this.crawl("http://127.0.0.1:1/" + n, { callback: this.page });
    this.crawl("data:,x", { callback: this.broken });
    return "a result";
  }
  page() {}
  broken() { throw new Error("on purpose"); }`);

  const { code, stderr } = await run(directory.path, script);

  assert.equal(code, 1, stderr);
});

test("results that cannot be written are reported as a failure", {
  timeout: 60_000,
  skip: !existsSync("/dev/full") && "needs /dev/full",
}, async () => {
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, "crawl.ts"), crawler("  onStart() { return 1; }"));
  await using stdout = startInShell(directory.path, "> /dev/full");
  const full = await stdout.ended;
  await using file = startInShell(directory.path, "--out /dev/full");
  const out = await file.ended;

  assert.deepEqual([full.code, out.code], [1, 1]);
  for (const { stderr } of [full, out]) assert.match(stderr, /cannot be written to \S+ \(ENOSPC\).*\(E_RESULT_FILE\)/);
});
