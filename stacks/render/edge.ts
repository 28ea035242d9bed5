/** nginx on the edge hosts: the only part of the fleet that the internet sees. */
import { FLEET_TIME_LIMITS } from "../time-limits.ts";
import { mustMatch } from "./refuse.ts";

export interface EdgeSettings {
  /** `<address>:<port>` of the web UI's frontend: this host's own balancer first, the others' for when it is away. */
  balancers: readonly [string, ...string[]];
  ports: { http: number; https: number };
  /** With a domain the edge speaks TLS, and sends everybody there. */
  tls?: { domain: string; certificate: string; key: string; acmeDirectory: string };
  /** Absolute paths that may be written to. */
  cacheDirectory: string;
  runDirectory: string;
}

/** Where the edge says that it is there itself, whatever is behind it. */
export const EDGE_HEALTH_PATH = "/edge-health";
/** What a role tells its balancer and nobody else. */
const INTERNAL_PATHS = "^/(?:livez|healthz|metrics)$";
/** The web UI takes bodies of 2 MiB and answers larger ones with a message of its own; nginx only stops what is far beyond. */
const MAX_BODY_MIB = 8;
/** A person who mistypes tries a few times; the web UI itself refuses more than ten wrong tokens a minute. */
const LOGINS_PER_MINUTE = 20;
const LOGIN_BURST = 10;
/** Of the first answer, for how long it also serves everybody else who asks: long enough to hold off a crowd, too short to notice. */
const PAGE_SECONDS = 1;
/** In memory, beside the bodies of requests on their way. */
const CACHE_MIB = 16;
const seconds = (ms: number) => `${Math.ceil(ms / 1_000)}s`;
const path = (name: string, value: string) => mustMatch(name, value, /^\/[\w./-]*$/);

/** `nginx.conf` (nginx 1.22 or newer). */
export function renderEdge(settings: EdgeSettings): string {
  const { balancers, tls, cacheDirectory, runDirectory } = settings;
  const run = path("runDirectory", runDirectory);
  const servers = tls === undefined ? [plainServer(settings)] : [redirectServer(settings, tls), tlsServer(settings, tls)];
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
  limit_req_zone $binary_remote_addr zone=login:4m rate=${LOGINS_PER_MINUTE}r/m;
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
    # Shorter than the balancer's, so that no request goes out on a connection that it is just closing.
    keepalive_timeout ${seconds(FLEET_TIME_LIMITS.keepAliveMs / 2)};
  }
${servers.join("\n")}
}
`;
}

const plainServer = ({ ports }: EdgeSettings) => `  server {
    listen ${ports.http} default_server;
    listen [::]:${ports.http} default_server;
${LOCATIONS}
  }`;

/**
 * The host's own balancer first. It is asked every time: when it answers 502 for one replica that died, and the other balancers' hosts are gone, nginx
 * would else have nobody to ask for a second.
 */
const balancerServer = (address: string, index: number) =>
  `    server ${mustMatch("balancers", address, /^[\w.-]+:\d{1,5}$/)} ${index === 0 ? "max_fails=0" : "max_fails=1 fail_timeout=1s backup"};\n`;

function redirectServer({ ports }: EdgeSettings, { domain, acmeDirectory }: Required<EdgeSettings>["tls"]): string {
  return `  server {
    listen ${ports.http} default_server;
    listen [::]:${ports.http} default_server;
    location = ${EDGE_HEALTH_PATH} { return 200; }
    location /.well-known/acme-challenge/ { root ${path("acmeDirectory", acmeDirectory)}; }
    location / { return 308 https://${domainName(domain)}$request_uri; }
  }`;
}

function tlsServer({ ports }: EdgeSettings, { domain, certificate, key }: Required<EdgeSettings>["tls"]): string {
  return `  server {
    listen ${ports.https} ssl http2;
    listen [::]:${ports.https} ssl http2;
    server_name ${domainName(domain)};
    ssl_certificate ${path("certificate", certificate)};
    ssl_certificate_key ${path("key", key)};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:4m;
    ssl_session_tickets off;
    add_header Strict-Transport-Security "max-age=31536000" always;
${LOCATIONS}
  }`;
}

const domainName = (domain: string) => mustMatch("domain", domain, /^[a-z0-9.-]+$/);

/**
 * What may run twice is tried again at another balancer; a change only if it never got there. Pages are the same for everybody who is not
 * logged in; a stale one is better than an error, and better than a wait. While a new version comes up, its assets are not on every replica
 * yet, so that a 404 asks another.
 */
const LOCATIONS = `    proxy_http_version 1.1;
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
    proxy_cache_lock_timeout 5s;

    location = ${EDGE_HEALTH_PATH} { default_type text/plain; return 200 "ok\\n"; }
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
      proxy_cache_bypass $http_authorization $cookie_orb_session;
      proxy_no_cache $http_authorization $cookie_orb_session;
      proxy_pass http://balancer;
    }`;
