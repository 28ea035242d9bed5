/** The projects of the fault suite: the site itself, and what shows whether messages and ticks are delivered once. */
import { UNSCRIPTED_TITLE } from "../../demo/site-kinds.ts";

/** The pages of the site that tell the ledger of themselves. */
export const tellsLedger = (page: number) => page % 10 === 7;

const crawler = (name: string, body: string) =>
  `import { Crawler, every, type Response } from "orbweaver";\nexport default class ${name} extends Crawler {\n${body}\n}\n`;

/** Tried again often enough that no fault outlasts the tries, and soon enough that the crawl does not wait for them. */
const PATIENCE = `
  crawlConfig = { retries: 6 };
  retryDelay = [0, 1, 2, 3];
`;

/**
 * Crawls the whole site: a result a page, and a message to the project `ledger` from one page in ten.
 *
 * @param rendered whether a page that shows nothing without JavaScript is fetched again by a browser, under its address with `#rendered`.
 */
export const siteScript = (origin: string, rendered: boolean) =>
  crawler(
    "Site",
    `${PATIENCE}
  onStart() {
    this.crawl("${origin}/", { callback: this.page });
  }
  page(response: Response) {
    const title = response.doc("title").text();
    for (const link of response.doc("a")) this.crawl(link, { callback: this.page });
    if (${rendered} && title === "${UNSCRIPTED_TITLE}") {
      this.crawl(\`\${response.url}#rendered\`, { fetchType: "js", keepFragment: true, callback: this.page });
      return;
    }
    const number = Number(response.url.match(/\\d+$/)?.[0]);
    if (number % 10 === 7) this.sendMessage("ledger", { page: number });
    return { url: response.url, title };
  }`,
  );

/** Stores each message as a result. */
export const LEDGER_SCRIPT = crawler(
  "Ledger",
  `${PATIENCE}
  onMessage(_project: string, message: { page?: number; tick?: number }) {
    return message;
  }`,
);

/** Reports every second to the ledger; without `ticks`, only the running ones. */
export const clockScript = (ticks: boolean) =>
  crawler(
    "Clock",
    `${PATIENCE}
  ${ticks ? "@every({ seconds: 1 })" : ""}
  tick(response: Response) {
    this.sendMessage("ledger", { tick: Number(this.task.taskid.split("_").at(-1)) });
  }`,
  );

/** Fails in every way that a script can; no other project is affected. */
export const brokenScript = (origin: string) =>
  crawler(
    "Broken",
    `
  crawlConfig = { retries: 1, processTimeLimit: 1 };
  retryDelay = 0;
  onStart() {
    for (const callback of ["loops", "hoards", "throws", "floods"]) this.crawl(\`${origin}/#\${callback}\`, { callback, keepFragment: true });
  }
  loops() {
    for (;;);
  }
  hoards() {
    const all: string[] = [];
    for (;;) all.push("x".repeat(1_000_000) + all.length);
  }
  throws() {
    throw new Error("broken on purpose");
  }
  floods() {
    for (let i = 0; ; i++) this.crawl(\`${origin}/\${i}\`, { callback: this.throws });
  }`,
  );
