/** Loads a new configuration into a running balancer without a gap. */
import { shellWord } from "./host-script.ts";

/**
 * A script for `sh` in the balancer's container: checks the new configuration, saves which servers are up, and reloads. Open connections stay with
 * the old process until their requests are done. Exits with HAProxy's own message if it refuses the configuration.
 *
 * @param configuration path of the new configuration, which is also the running one's.
 * @param runDirectory where the stats socket and the state file are.
 */
export function renderBalancerReload({ configuration, runDirectory }: { configuration: string; runDirectory: string }): string {
  const state = `${runDirectory}/servers.state`;
  // Every Debian has perl's base, and few images have socat.
  const ask = `$s = IO::Socket::UNIX->new($ARGV[0]) or die "$ARGV[0]: $!\\n"; print $s "show servers state\\n"; print while <$s>`;
  return `set -eu
haproxy -c -q -f ${shellWord(configuration)}
perl -MIO::Socket::UNIX -e ${shellWord(ask)} ${shellWord(`${runDirectory}/admin.sock`)} >${shellWord(`${state}.new`)}
mv ${shellWord(`${state}.new`)} ${shellWord(state)}
kill -USR2 1
`;
}
