/**
 * The README's script on real pages: Debian's documentation of Python and of Java, some 10,000 pages, through nginx. Takes a minute or more: only with
 * `./orb test --long`, and with the network, from which apt gets the packages.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { execa } from "execa";
import { startOrb } from "../fixtures/orb.ts";
import { findFreePort, startServerProcess } from "../fixtures/server-process.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";

const programs = ["nginx", "wget", "apt-get", "dpkg"].filter((name) => spawnSync(name, ["--version"]).error);
const missing = programs.length > 0 ? `needs ${programs.join(", ")}` : false;
const skip = process.env.TEST_LONG === "1" ? missing : "10,000 real pages take long: ./orb test --long";

/** By package, the folder of its pages; a release of Debian has some of them. */
const DOCUMENTATIONS = {
  Python: { packages: ["python3.13-doc", "python3.11-doc"], folder: /^python3\.\d+\/html$/ },
  Java: { packages: ["openjdk-21-doc", "openjdk-17-doc"], folder: /^openjdk-\d+-jre-headless\/api$/ },
};

/** Unpacks the first package that apt has. @returns its `usr/share/doc`; undefined if apt has none. */
async function unpack(packages: string[], directory: string): Promise<string | undefined> {
  for (const name of packages) {
    await execa("apt-get", ["download", name], { cwd: directory, reject: false });
    const file = readdirSync(directory).find((found) => found.startsWith(`${name}_`));
    if (file === undefined) continue;
    await execa("dpkg", ["-x", file, "tree"], { cwd: directory });
    return join(directory, "tree/usr/share/doc");
  }
  return undefined;
}

async function serve(root: string, directory: string) {
  const port = await findFreePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${directory}/${name};`).join(" ");
  const user = process.getuid?.() === 0 ? "user root;" : "";
  writeFileSync(
    join(directory, "nginx.conf"),
    `daemon off; pid ${directory}/nginx.pid; ${user} events {}
     http { include /etc/nginx/mime.types; access_log off; ${temporary} server { listen 127.0.0.1:${port}; root ${root}; } }`,
  );
  const origin = `http://127.0.0.1:${port}`;
  const server = await startServerProcess({
    command: "nginx",
    args: ["-c", join(directory, "nginx.conf"), "-e", "stderr"],
    options: {},
    answers: async () => (await fetch(origin)).status > 0,
  });
  return { origin, [Symbol.asyncDispose]: () => server.stop("SIGTERM") };
}

const scriptOf = (home: string) => `import { Crawler, type Response } from "orbweaver";
export default class First extends Crawler {
  onStart() { this.crawl("${home}/index.html", { callback: this.page }); }
  page(response: Response) {
    this.crawl(response.doc("a[href^='${home}/']"), { callback: this.page });
    return { url: response.url, title: response.doc("title").text() };
  }
}
`;

/** The HTML pages that wget finds below `home`, by path, with their titles. */
async function mirror(home: string, directory: string): Promise<Map<string, string>> {
  mkdirSync(directory);
  const flags = [
    "--recursive",
    "--level=inf",
    "--no-parent",
    "--no-verbose",
    "--accept=html",
    "--no-host-directories",
    "--execute=robots=off",
  ];
  // Status 8: some links are dead.
  await execa("wget", [...flags, `${home}/index.html`], { cwd: directory, reject: false, stdio: "ignore" });
  const pages = new Map<string, string>();
  for (const file of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".html")) continue;
    const [, title = ""] = /<title>([^<]*)<\/title>/i.exec(readFileSync(join(directory, file), "utf8")) ?? [];
    pages.set(`/${file}`, decodeEntities(title));
  }
  return pages;
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const decodeEntities = (text: string) =>
  text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (/^#x/i.test(name)) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    return ENTITIES[name] ?? (name.startsWith("#") ? String.fromCodePoint(Number(name.slice(1))) : whole);
  });

for (const [name, { packages, folder }] of Object.entries(DOCUMENTATIONS)) {
  test(`the README's script finds the pages of ${name}'s documentation that wget finds, with their titles`, {
    skip,
    timeout: 3_600_000,
  }, async (context: TestContext) => {
    using directory = temporaryDirectory();
    const root = await unpack(packages, directory.path);
    if (root === undefined) return context.skip(`apt has none of ${packages.join(", ")}`);
    const base = readdirSync(root, { recursive: true, encoding: "utf8" }).find(
      (path) => folder.test(path) && existsSync(join(root, path, "index.html")),
    );
    await using site = await serve(root, directory.path);
    const home = `${site.origin}/${base}`;
    writeFileSync(join(directory.path, "first.ts"), scriptOf(home));

    await using program = startOrb(["run", "first.ts", "--allow-address", "127.0.0.0/8", "--out", "results.jsonl"], {
      cwd: directory.path,
    });
    const { stderr } = await program.ended;

    const rows = readFileSync(join(directory.path, "results.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).result);
    const ours = rows.map(({ url, title }) => [new URL(url).pathname, title] as const).filter(([path]) => path.endsWith(".html"));
    const theirs = await mirror(home, join(directory.path, "mirror"));
    assert.deepEqual(ours.map(([path]) => path).sort(), [...theirs.keys()].sort());
    assert.deepEqual(
      ours.filter(([path, title]) => theirs.get(path) !== title),
      [],
    );
    assert.doesNotMatch(stderr, /\bE_(?!PAGE_STATUS)\w+|links skipped/);
  });
}
