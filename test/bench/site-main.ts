/**
 * The bench's site as a process: `node test/bench/site-main.ts PAGES`, started by `site.ts`. Nothing but GET is understood, and answers are ready
 * buffers: it must take as little as possible of the cores that it shares with the crawler.
 *
 * Prints `{ port }` when it listens; answers "report" with a SiteReport.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { NOT_FOUND, type SiteReport, siteAnswers } from "./site-pages.ts";

const answers = siteAnswers(Number(process.argv[2]));
const asked = new Set<string>();
let pageAnswers = 0;
let firstAt = 0;
let lastAt = 0;

function answerTo(head: string): Buffer {
  const path = head.slice(4, head.indexOf(" ", 4));
  const page = answers.get(path);
  if (!page) return NOT_FOUND;
  lastAt = performance.now();
  firstAt ||= lastAt;
  pageAnswers++;
  asked.add(path);
  return page;
}

function serve(socket: Socket): void {
  let rest = "";
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    const heads = (rest + chunk.toString("latin1")).split("\r\n\r\n");
    rest = heads.pop() ?? "";
    for (const head of heads) socket.write(answerTo(head));
  });
}

const server = createServer(serve).listen(0, "127.0.0.1");
await once(server, "listening");
process.on("message", () => {
  process.send?.({ answers: pageAnswers, pages: asked.size, seconds: (lastAt - firstAt) / 1_000 } satisfies SiteReport);
});
process.on("disconnect", () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
