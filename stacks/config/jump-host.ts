/** The parts of a jump host, `user@host:port`. The user is empty if the config has none: ssh uses the operator's own. */
export function jumpOf(proxy: string): { user: string; address: string; port: string } {
  const [, user = "", address = "", port = "22"] = /^(?:(.+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(proxy) ?? [];
  return { user, address: address.replace(/^\[|\]$/g, ""), port };
}
