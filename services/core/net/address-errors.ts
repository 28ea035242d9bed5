import { CrawlerError } from "../protocol/errors.ts";

/** A host is a non-public address, or resolves only to such addresses. */
export class PrivateAddressError extends CrawlerError {
  readonly code = "E_PRIVATE_ADDRESS";
  readonly retryable = false;

  constructor(host: string, addresses: string[]) {
    const what = addresses.length === 1 && addresses[0] === host ? `${host} is` : `${host} resolves to ${addresses.join(", ")}, which is`;
    super(`${what} not a public address, so nothing was sent. The operator can allow a range with --allow-address or ORB_ALLOW_ADDRESSES.`);
  }
}
