import { execFile } from "node:child_process";
import { promisify } from "node:util";
import puppeteer, { type Browser } from "puppeteer-core";
import type { Log } from "../core/runtime/log.ts";
import { chromiumArguments } from "./chromium-arguments.ts";
import { ChromiumSandboxError, ChromiumStartError } from "./errors.ts";
import { findChromium } from "./find-chromium.ts";
import type { RendererSettings, SandboxMode } from "./settings.ts";

const START_MS = 30_000;
const LAST_WORDS_MS = 5_000;

/** Starts Chromium. Whether it runs in its own sandbox is decided once, logged, and shown as the metric `orb_chromium_sandbox`. */
export class ChromiumStarter {
  readonly #settings: RendererSettings;
  readonly #log: Log;
  #attempts: readonly boolean[];
  #isReported = false;

  constructor(settings: RendererSettings, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.#attempts = sandboxAttempts(settings.sandbox, process.getuid?.() === 0);
  }

  /**
   * @param proxyPort of the guard proxy, on 127.0.0.1.
   * @throws NoChromiumError, ChromiumStartError, or ChromiumSandboxError if the sandbox is required
   */
  async start(proxyPort: number): Promise<Browser> {
    const [hasSandbox = true, ...next] = this.#attempts;
    const executablePath = findChromium(this.#settings.chromiumPath, process.env.PATH ?? "");
    const args = chromiumArguments({ proxyPort, hasSandbox });
    try {
      const browser = await launch(executablePath, args);
      // After one start with the sandbox, Chromium is never started without it.
      this.#attempts = [hasSandbox];
      await this.#report(hasSandbox);
      return browser;
    } catch (error) {
      const said = await lastWords(executablePath, args);
      if (!SANDBOX_REFUSAL.test(said)) throw new ChromiumStartError(executablePath, said, error);
      if (next.length === 0) throw new ChromiumSandboxError(executablePath, said, error);
      this.#attempts = next;
      return this.start(proxyPort);
    }
  }

  async #report(hasSandbox: boolean): Promise<void> {
    if (this.#isReported) return;
    this.#isReported = true;
    if (hasSandbox) this.#log.info("Chromium runs in its own sandbox");
    else this.#log.warn("Chromium runs without its own sandbox: this system, or the user root, does not allow one");
    // Loaded only if Chromium runs.
    const [{ metrics }, { Gauge }] = await Promise.all([import("../core/runtime/metrics.ts"), import("prom-client")]);
    const name = "orb_chromium_sandbox";
    const gauge = metrics.getSingleMetric(name) ?? new Gauge({ name, help: "1 if Chromium runs in its own sandbox", registers: [metrics] });
    (gauge as InstanceType<typeof Gauge>).set(hasSandbox ? 1 : 0);
  }
}

/** Whether to start Chromium with its sandbox, by attempt. As root Chromium refuses its sandbox. */
export function sandboxAttempts(mode: SandboxMode, isRoot: boolean): readonly boolean[] {
  if (mode === "required") return [true];
  return isRoot ? [false] : [true, false];
}

/** The messages of Chromium 120 to 150: without user namespaces, and as root. */
const SANDBOX_REFUSAL = /No usable sandbox|without --no-sandbox/;

/** The output of a Chromium that does not start; Puppeteer, which uses a pipe, does not read it. Empty without output. */
async function lastWords(executablePath: string, args: string[]): Promise<string> {
  const run = promisify(execFile)(executablePath, [...args, "--headless", "--dump-dom", "about:blank"], { timeout: LAST_WORDS_MS });
  const { stderr } = await run.catch((error: { stderr?: string }) => ({ stderr: error.stderr ?? "" }));
  return stderr;
}

const launch = (executablePath: string, args: string[]): Promise<Browser> =>
  puppeteer.launch({
    executablePath,
    headless: true,
    // No debugging port, which others on this machine could use. Chromium ends with this process, however that ends.
    pipe: true,
    args,
    timeout: START_MS,
    protocolTimeout: START_MS,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
