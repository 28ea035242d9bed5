/** Why a page was not rendered. All but the busy renderer travel as `page.error` of a page with status 599. */
import { CrawlerError } from "../core/protocol/errors.ts";
import { describeExcess, JSON_LIMITS } from "../core/protocol/json-limits.ts";

export class NoChromiumError extends CrawlerError {
  readonly code = "E_NO_CHROMIUM";
  readonly retryable = false;

  /** `tried`: the given path, or the names that were looked for. */
  constructor(tried: readonly string[]) {
    super(
      `The page needs a browser, and no browser was found (tried ${tried.join(", ")}). Install one (Debian: apt-get install chromium) or set ORB_CHROMIUM_PATH.`,
    );
  }
}

export class ChromiumStartError extends CrawlerError {
  readonly code = "E_CHROMIUM_START";
  readonly retryable = true;

  /** `said`: Chromium's output; `cause`: why it could not be used. */
  constructor(path: string, said: string, cause: unknown) {
    const lines = said.split("\n").filter((line) => /sandbox|error|failed|cannot/i.test(line));
    const reasons = lines.length > 0 ? lines.slice(0, 3) : String(cause instanceof Error ? cause.message : cause).split("\n", 1);
    super(`${path} did not start (${reasons.join(" ").trim()}). Run it by hand with --headless=new to see why.`, { cause });
  }
}

/** Chromium exists, but the system does not let it create its own sandbox, which is required. */
export class ChromiumSandboxError extends CrawlerError {
  readonly code = "E_CHROMIUM_SANDBOX";
  readonly retryable = true;

  /** `said`: Chromium's output. */
  constructor(path: string, said: string, cause: unknown) {
    const line = said.split("\n").find((text) => /sandbox/i.test(text)) ?? "";
    super(
      `${path} cannot make its own sandbox here (${line.trim()}). Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, and the container's seccomp profile), run the renderer as another user than root, or set ORB_CHROMIUM_SANDBOX=auto.`,
      { cause },
    );
  }
}

/** Chromium crashed, or was killed because of a page's memory. Open pages fail, too, unless they were beside others when its memory ran out. */
export class ChromiumGoneError extends CrawlerError {
  readonly code = "E_CHROMIUM_GONE";
  readonly retryable = true;
  /** The number of pages that were open, if its memory ran out; 0 for other reasons. */
  readonly crowd: number;

  constructor(url: string, reason: string, crowd = 0) {
    super(`${url}: Chromium ended while it rendered the page (${reason}).`);
    this.crowd = crowd;
  }
}

export class RenderTimeoutError extends CrawlerError {
  readonly code = "E_RENDER_TIMEOUT";
  readonly retryable = true;

  constructor(url: string, timeoutMs: number, phase: string) {
    super(
      `${url} was not rendered within ${Math.round(timeoutMs / 100) / 10} s (${phase}). Raise timeout if the page is this slow, or say with waitFor what it needs.`,
    );
  }
}

/** An option of the task cannot be carried out in any page. */
export class RenderOptionError extends CrawlerError {
  readonly code = "E_BAD_REQUEST";
  readonly retryable = false;

  constructor(url: string, detail: string) {
    super(`${url}: the page cannot be rendered like this (${detail}). Correct the task's options.`);
  }
}

/** Chromium could not load the page. */
export class RenderError extends CrawlerError {
  readonly code = "E_RENDER";
  readonly retryable = true;

  constructor(url: string, detail: string, cause?: unknown) {
    super(`${url} could not be rendered (${detail}).`, { cause });
  }
}

export class RenderedTooLargeError extends CrawlerError {
  readonly code = "E_RENDERED_TOO_LARGE";
  readonly retryable = false;

  constructor(url: string, bytes: number, limitBytes: number) {
    super(
      `${url}: the rendered page has ${bytes} bytes, the limit is ${limitBytes}. Raise maxBodyBytes, up to the fetcher's ORB_MAX_BODY_MIB.`,
    );
  }
}

/** The result of `jsScript` has too many values, or is nested too deep. */
export class RenderedValuesError extends CrawlerError {
  readonly code = "E_RENDERED_TOO_LARGE";
  readonly retryable = false;

  constructor(url: string, verdict: "deep" | "many") {
    super(`${url}: what jsScript returned has ${describeExcess(verdict, JSON_LIMITS.rendered)}. Return less of the page.`);
  }
}

/** All tabs are taken, and the waiting queue is full or no tab became free within the limit. */
export class RendererBusyError extends CrawlerError {
  readonly code = "E_RENDERER_BUSY";
  readonly retryable = true;

  constructor(tabs: number, waiting: number) {
    super(`All ${tabs} tabs are in use and ${waiting} pages wait. Try again later, or run more renderers.`);
  }
}
