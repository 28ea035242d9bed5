/** How Chromium is started. */

export interface ChromiumSituation {
  /** Of the guard proxy, on 127.0.0.1. */
  proxyPort: number;
  /** Chromium refuses its own sandbox as root, and a container's seccomp profile keeps it from making one. */
  isRoot: boolean;
  isInContainer: boolean;
}

/** Chromium's flags beside those of puppeteer, which switch off most of what calls home. */
export function chromiumArguments({ proxyPort, isRoot, isInContainer }: ChromiumSituation): string[] {
  return [
    // Loopback too: by default Chromium goes past its proxy there.
    `--proxy-server=http://127.0.0.1:${proxyPort}`,
    "--proxy-bypass-list=<-loopback>",
    // Whatever might still want to connect by itself finds no address, and WebRTC no UDP.
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
    ...(isRoot || isInContainer ? ["--no-sandbox"] : []),
  ];
}
