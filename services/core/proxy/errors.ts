import { CrawlerError } from "../errors.ts";

/** What a task gives as its proxy is none. Says nothing of the text itself, which may hold a password. */
export class BadProxyError extends CrawlerError {
  readonly code = "E_BAD_PROXY";
  readonly retryable = false;

  constructor() {
    super(
      "The task's proxy is none that can be used. Write http://, https:// or socks5://, then [user:password@]host[:port]; or false for none. User and password of socks5:// have 255 bytes each at most.",
    );
  }
}

/** The proxy does not answer, or does not lead to where it should. */
export class ProxyError extends CrawlerError {
  readonly code = "E_PROXY";
  readonly retryable = true;

  /** `proxy`: without credentials; and no cause, which may hold them. */
  constructor(proxy: string, detail: string) {
    super(`The proxy ${proxy} did not lead to the page (${detail}). Check that it runs, and what it asks for as user and password.`);
  }
}
