/** Why a page was not rendered. All but the busy renderer travel as `page.error` of a page with status 599. */
import { CrawlerError } from "../core/errors.ts";

const MIB = 1024 * 1024;

export class NoChromiumError extends CrawlerError {
  readonly code = "E_NO_CHROMIUM";
  readonly retryable = false;

  /** `tried`: the given path, or the names that were looked for. */
  constructor(tried: readonly string[]) {
    super(
      `The page needs a browser, and there is none (looked for ${tried.join(", ")}). Install one (Debian: apt-get install chromium) or set ORB_CHROMIUM_PATH.`,
    );
  }
}

export class ChromiumStartError extends CrawlerError {
  readonly code = "E_CHROMIUM_START";
  readonly retryable = true;

  constructor(path: string, cause: unknown) {
    const lines = String(cause instanceof Error ? cause.message : cause).split("\n");
    const said = lines.filter((line) => /sandbox|error|failed|cannot/i.test(line)).slice(0, 3);
    super(
      `${path} did not start (${(said.length > 0 ? said : lines.slice(0, 1)).join(" ").trim()}). Run it by hand with --headless=new to see why.`,
      {
        cause,
      },
    );
  }
}

/** Chromium died, or was ended because of what a page took. Other pages of that moment share its fate. */
export class ChromiumGoneError extends CrawlerError {
  readonly code = "E_CHROMIUM_GONE";
  readonly retryable = true;

  constructor(url: string, reason: string) {
    super(`${url}: Chromium ended while it rendered the page (${reason}).`);
  }
}

export class RenderTimeoutError extends CrawlerError {
  readonly code = "E_RENDER_TIMEOUT";
  readonly retryable = true;

  constructor(url: string, timeoutMs: number, phase: string) {
    super(`${url} was not rendered within ${Math.round(timeoutMs / 100) / 10} s (${phase}). Raise timeout if the page is that slow.`);
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

/** All tabs are taken and enough others wait already. */
export class RendererBusyError extends CrawlerError {
  readonly code = "E_RENDERER_BUSY";
  readonly retryable = true;

  constructor(tabs: number, waiting: number) {
    super(`All ${tabs} tabs are taken and ${waiting} pages wait. Try again later, or run more renderers.`);
  }
}

/** `1048576 -> "1 MiB"` */
export const inMiB = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
