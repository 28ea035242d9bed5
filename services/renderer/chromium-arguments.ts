/** The command line of Chromium. */

export interface ChromiumSituation {
  /** Port of the guard proxy, on 127.0.0.1. */
  proxyPort: number;
  /** Whether pages run in Chromium's own sandbox: user, process and network namespaces, and a seccomp filter. */
  hasSandbox: boolean;
}

/** Chromium's flags in addition to puppeteer's, which disable most of its background requests. */
export function chromiumArguments({ proxyPort, hasSandbox }: ChromiumSituation): string[] {
  return [
    // Loopback too: by default Chromium bypasses its proxy there.
    `--proxy-server=http://127.0.0.1:${proxyPort}`,
    "--proxy-bypass-list=<-loopback>",
    // Connections that bypass the proxy resolve no address, and WebRTC has no UDP.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-domain-reliability",
    "--no-pings",
    // Containers have 64 MB of /dev/shm; a page that needs more would crash.
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--mute-audio",
    // With it Chromium makes a new frame for each document of a tab; without it a tab that is used again renders a quarter more pages.
    "--disable-features=RenderDocument",
    ...(hasSandbox ? [] : ["--no-sandbox"]),
  ];
}
