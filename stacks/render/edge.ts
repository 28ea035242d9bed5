/** nginx on the edge hosts: the only public part of the fleet. */
import { CHALLENGE_PATH, INTERNAL_ROOT } from "../../services/core/protocol/certificate-paths.ts";
import { FLEET_TIME_LIMITS } from "../time-limits.ts";
import { CERTIFICATE_FILES } from "./certificate-script.ts";
import { balancerAddress, domainName, mustMatch } from "./refuse.ts";

export interface EdgeSettings {
  /** `<address>:<port>` of the web UI's frontend: this host's own balancer first, the others as a fallback. */
  balancers: readonly [string, ...string[]];
  ports: { http: number; https: number };
  /** With a domain the edge serves TLS, and plain HTTP only redirects there. `folder`: where the certificate script keeps its files. */
  tls?: { domain: string; folder: string };
  /** Absolute paths that may be written to. */
  cacheDirectory: string;
  runDirectory: string;
}

type Tls = NonNullable<EdgeSettings["tls"]>;

/** The path at which the edge reports that it runs, whatever the state behind it. */
export const EDGE_HEALTH_PATH = "/edge-health";
/** Paths that roles serve only to balancers. */
const INTERNAL_PATHS = `^(?:/(?:livez|healthz|metrics)$|${INTERNAL_ROOT})`;
/** The web UI accepts bodies of 2 MiB and answers larger ones with its own message; nginx stops only much larger ones. */
const MAX_BODY_MIB = 8;
/** A user who mistypes tries a few times; the web UI itself refuses more than ten wrong tokens a minute. */
const LOGINS_PER_MINUTE = 20;
const LOGIN_BURST = 10;
/** Per address: certificate authorities send a few requests from each of several. */
const CHALLENGES_PER_MINUTE = 60;
const CHALLENGE_BURST = 20;
/** Two years, as Mozilla's intermediate configuration has it. */
const HSTS_SECONDS = 63_072_000;
/** Mozilla's intermediate configuration (version 5.7), without the suites that need Diffie-Hellman parameters. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");
/** How long the first answer is also served to all other clients: long enough against load peaks, too short to notice. */
const PAGE_SECONDS = 1;
/** In memory, in addition to the bodies of running requests. */
const CACHE_MIB = 16;
const seconds = (ms: number) => `${Math.ceil(ms / 1_000)}s`;
const path = (name: string, value: string) => mustMatch(name, value, /^\/[\w./-]*$/);

/** How long a worker that ends leaves idle connections open: a request may be in flight. */
const KEPT_MS = 10_000;
/** nginx 1.27.4 and newer know them, and older ones refuse them (nginx.org, ngx_http_core_module). */
const NEWER_SETTINGS = `keepalive_min_timeout ${seconds(KEPT_MS)};`;
const newerFile = (runDirectory: string) => `${path("runDirectory", runDirectory)}/newer.conf`;

/** `nginx.conf` (nginx 1.22 or newer). */
export function renderEdge(settings: EdgeSettings): string {
  const { balancers, tls, cacheDirectory, runDirectory } = settings;
  const run = path("runDirectory", runDirectory);
  const servers = tls === undefined ? [plainServer(settings)] : tlsServers(settings, tls);
  return `worker_processes auto;
worker_shutdown_timeout ${seconds(FLEET_TIME_LIMITS.edgeAnswerMs)};
pid ${run}/nginx.pid;
error_log stderr warn;
events {
  worker_connections 4096;
}
http {
  access_log off;
  server_tokens off;
  types { }
  default_type application/octet-stream;
  client_body_temp_path ${run}/body;
  proxy_temp_path ${run}/proxy;
  fastcgi_temp_path ${run}/fastcgi;
  uwsgi_temp_path ${run}/uwsgi;
  scgi_temp_path ${run}/scgi;
  proxy_cache_path ${path("cacheDirectory", cacheDirectory)} levels=1:2 keys_zone=pages:8m max_size=${CACHE_MIB}m inactive=7d use_temp_path=off;
  # With a pattern, the file may be missing.
  include ${newerFile(runDirectory)}*;
  # The session cookie's name has a hyphen over TLS, which no variable of nginx can have.
  map $http_cookie $session {
    default "";
    ~orb_session= 1;
  }
  limit_req_zone $binary_remote_addr zone=login:4m rate=${LOGINS_PER_MINUTE}r/m;
  limit_req_zone $binary_remote_addr zone=challenge:1m rate=${CHALLENGES_PER_MINUTE}r/m;
  limit_req_status 429;

  client_header_timeout ${seconds(FLEET_TIME_LIMITS.requestHeadMs)};
  client_body_timeout ${seconds(FLEET_TIME_LIMITS.requestHeadMs)};
  send_timeout ${seconds(FLEET_TIME_LIMITS.keepAliveMs)};
  keepalive_timeout ${seconds(FLEET_TIME_LIMITS.keepAliveMs)};
  client_max_body_size ${MAX_BODY_MIB}m;
  gzip on;
  gzip_proxied any;
  gzip_min_length 1k;
  gzip_types text/css text/csv text/plain text/javascript application/javascript application/json image/svg+xml;

  upstream balancer {
    zone balancer 64k;
${balancers.map(balancerServer).join("")}    keepalive 64;
    # Shorter than the balancer's, so that no request is sent on a connection that the balancer is closing.
    keepalive_timeout ${seconds(FLEET_TIME_LIMITS.keepAliveMs / 2)};
  }
${servers.join("\n")}
}
`;
}

/** Starts nginx with the settings `file` of `renderEdge`, and with what only newer versions know if this one accepts it. */
export function edgeCommand(file: string, runDirectory: string): string[] {
  const newer = newerFile(runDirectory);
  const nginx = `nginx -e stderr -c ${path("file", file)}`;
  return ["sh", "-c", `echo '${NEWER_SETTINGS}' >${newer}; ${nginx} -t -q 2>/dev/null || rm ${newer}; exec ${nginx} -g 'daemon off;'`];
}

/** The web UI over plain HTTP. */
const webuiServer = (ipv4: string, ipv6: string) => `  server {
    listen ${ipv4} default_server;
    listen ${ipv6} default_server;
${PROXYING}
${LOCATIONS}
  }`;

const plainServer = ({ ports: { http } }: EdgeSettings) => webuiServer(`${http}`, `[::]:${http}`);

const tlsServers = (settings: EdgeSettings, tls: Tls) => [
  loopbackServer(settings),
  redirectServer(settings, tls),
  tlsServer(settings, tls),
];

/** Only reached from the host itself: tunnels of `./orb open`, which SSH encrypts, work before the first certificate and with an expired one. */
const loopbackServer = ({ ports: { http } }: EdgeSettings) => webuiServer(`127.0.0.1:${http}`, `[::1]:${http}`);

/**
 * The host's own balancer first, for every request. If it answers 502 because one replica crashed, and the other balancers' hosts are gone, nginx
 * would otherwise have no server for a second.
 */
const balancerServer = (address: string, index: number) =>
  `    server ${balancerAddress(address)} ${index === 0 ? "max_fails=0" : "max_fails=1 fail_timeout=1s backup"};\n`;

/** Plain HTTP: it forwards only challenges, so that no token or cookie is accepted here. */
function redirectServer({ ports }: EdgeSettings, { domain, folder }: Tls): string {
  const name = domainName(domain);
  return `  server {
    listen ${ports.http} default_server;
    listen [::]:${ports.http} default_server;
${PROXYING}
${HEALTH}
    location ^~ ${CHALLENGE_PATH} {
      limit_except GET { deny all; }
      limit_req zone=challenge burst=${CHALLENGE_BURST} nodelay;
      proxy_pass http://balancer;
    }
    location / {
      default_type text/plain;
      if (-f ${issuedFile(folder)}) { return 308 https://${name}$request_uri; }
      ${noCertificate(name)}
    }
  }`;
}

function tlsServer({ ports }: EdgeSettings, { domain, folder }: Tls): string {
  const name = domainName(domain);
  const file = (relative: string) => `${path("folder", folder)}/${relative}`;
  return `  server {
    listen ${ports.https} ssl http2 default_server;
    listen [::]:${ports.https} ssl http2 default_server;
    server_name ${name};
    ssl_certificate ${file(CERTIFICATE_FILES.chain)};
    ssl_certificate_key ${file(CERTIFICATE_FILES.key)};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ${CIPHERS};
    ssl_prefer_server_ciphers off;
    ssl_ecdh_curve X25519:prime256v1:secp384r1;
    ssl_session_cache shared:tls:4m;
    ssl_session_timeout 1d;
    ssl_session_tickets off;
    add_header Strict-Transport-Security "max-age=${HSTS_SECONDS}" always;
    default_type text/plain;
    if (!-f ${issuedFile(folder)}) { ${noCertificate(name)} }
${PROXYING}
${LOCATIONS}
  }`;
}

const issuedFile = (folder: string) => `${path("folder", folder)}/${CERTIFICATE_FILES.issued}`;

const noCertificate = (name: string) =>
  `return 503 "This edge has no certificate for ${name} yet. It is being ordered; ./orb status says how far it is.\\n";`;

/**
 * Idempotent requests are retried at another balancer; a change only if it was not sent. Pages are the same for all clients without a login, and a
 * stale one is better than an error or a wait. While a new version starts, some replicas lack its assets, so a 404 is retried at another
 * replica.
 */
const PROXYING = `    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_connect_timeout ${seconds(FLEET_TIME_LIMITS.connectMs)};
    proxy_read_timeout ${seconds(FLEET_TIME_LIMITS.edgeAnswerMs)};
    proxy_send_timeout ${seconds(FLEET_TIME_LIMITS.keepAliveMs)};
    proxy_next_upstream error timeout http_502 http_503;
    proxy_next_upstream_tries 3;
    proxy_cache_key $scheme$http_host$request_uri;
    proxy_cache_lock on;
    proxy_cache_lock_timeout 5s;`;

const HEALTH = `    location = ${EDGE_HEALTH_PATH} { default_type text/plain; return 200 "ok\\n"; }`;

const LOCATIONS = `${HEALTH}
    location ~ ${INTERNAL_PATHS} { return 404; }
    location /api/ {
      # Results stream as long as they like; no copy of them on disk.
      proxy_max_temp_file_size 0;
      proxy_pass http://balancer;
    }
    location = /api/v1/login {
      limit_req zone=login burst=${LOGIN_BURST} nodelay;
      proxy_pass http://balancer;
    }
    location /assets/ {
      proxy_cache pages;
      proxy_cache_valid 200 365d;
      proxy_next_upstream error timeout http_502 http_503 http_404;
      proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
      proxy_pass http://balancer;
    }
    location / {
      proxy_cache pages;
      proxy_ignore_headers Cache-Control Expires;
      proxy_cache_valid 200 ${PAGE_SECONDS}s;
      proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
      proxy_cache_background_update on;
      proxy_cache_bypass $http_authorization $session;
      proxy_no_cache $http_authorization $session;
      proxy_pass http://balancer;
    }`;
