/**
 * The images of the lab. Those of backing services have the programs, users and paths of the official images of the same name, so that a
 * stack runs unchanged.
 */
import { readFileSync } from "node:fs";
import { HOST_RECIPES } from "../hosts/recipes.ts";
import { PACKAGE_SETS } from "./packages.ts";
import type { Recipe } from "./recipe.ts";

/** Also run by the images' Dockerfiles. */
const script = (path: string) => readFileSync(new URL(`../../images/${path}`, import.meta.url), "utf8");

const set = (name: string) => PACKAGE_SETS.bookworm[name] ?? [];

const REGISTRY_CONFIG = `version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
  delete:
    enabled: true
http:
  addr: :5000`;

/** Each recipe comes after the one it builds on. */
export const RECIPES: Record<string, Recipe> = {
  ...HOST_RECIPES,
  base: {
    packages: set("base"),
    files: "node-modules",
    setup: `cat >/usr/local/bin/trim-image <<'END_OF_SCRIPT'
${script("base/trim-image.sh")}END_OF_SCRIPT
chmod 755 /usr/local/bin/trim-image
dpkg-query --show --showformat '\${Package}\\n' >/usr/local/share/base-packages
cp -a /files/. /app/
${script("base/compile-packages.sh")}`,
    changes: ["WORKDIR /app"],
  },
  chromium: {
    from: "base",
    packages: set("chromium"),
    setup: `${script("chromium/trim-chromium.sh")}\n${script("chromium/trim-resources.sh")}`,
    changes: ["WORKDIR /app"],
  },
  postgres: { packages: set("postgres"), setup: "rm -rf /var/lib/postgresql/*", changes: ['CMD ["postgres"]'], stopSignal: "SIGINT" },
  redis: { packages: set("redis"), changes: ['CMD ["redis-server"]'] },
  registry: {
    packages: set("registry"),
    setup: `ln -sf /usr/bin/docker-registry /usr/local/bin/registry
mkdir -p /etc/docker/registry /var/lib/registry
cat >/etc/docker/registry/config.yml <<'END_OF_CONFIG'
${REGISTRY_CONFIG}
END_OF_CONFIG`,
    changes: ['CMD ["registry", "serve", "/etc/docker/registry/config.yml"]'],
  },
  haproxy: { packages: set("haproxy"), changes: ['CMD ["haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"]'], stopSignal: "SIGUSR1" },
  nginx: {
    packages: set("nginx"),
    setup: `useradd --system --no-create-home --shell /usr/sbin/nologin nginx
rm -f /etc/nginx/sites-enabled/default /etc/nginx/modules-enabled/*
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log`,
    changes: ['CMD ["nginx", "-g", "daemon off;"]'],
    stopSignal: "SIGQUIT",
  },
};
