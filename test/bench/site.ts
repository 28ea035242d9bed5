import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SiteReport } from "./site-pages.ts";

export interface BenchSite extends AsyncDisposable {
  /** The one page that a crawl begins at: `http://127.0.0.1:PORT/`. */
  seed: string;
  report(): Promise<SiteReport>;
}

/** A site of `pages` pages of 5 KB with 20 links each, in a separate process, so that its CPU does not count for the crawler. Use with `await using`. */
export async function startBenchSite(pages: number): Promise<BenchSite> {
  const child = fork(fileURLToPath(new URL("./site-main.ts", import.meta.url)), [String(pages)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return {
    seed: `http://127.0.0.1:${port}/`,
    async report() {
      child.send("report");
      const [report] = await once(child, "message");
      return report as SiteReport;
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
