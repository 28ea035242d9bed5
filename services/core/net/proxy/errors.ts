import { CrawlerError } from "../../protocol/errors.ts";

/** The proxy of a task is not valid. The message never contains its text, which may include a password. */
export class BadProxyError extends CrawlerError {
  readonly code = "E_BAD_PROXY";
  readonly retryable = false;

  constructor() {
    super(
      "The task's proxy is not valid. Write http://, https:// or socks5://, then [user:password@]host[:port]; or false for no proxy. User and password of socks5:// have 255 bytes each at most.",
    );
  }
}

/** The proxy does not answer, or does not connect to the target. */
export class ProxyError extends CrawlerError {
  readonly code = "E_PROXY";
  readonly retryable = true;

  /** `proxy`: without credentials. There is no cause, because it may contain them. */
  constructor(proxy: string, detail: string) {
    super(`The proxy ${proxy} did not connect to the page (${detail}). Check that the proxy runs, and its user and password.`);
  }
}
