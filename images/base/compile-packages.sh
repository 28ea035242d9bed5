# Installs the command `node`, and compiles the npm packages of /app as the roles' user, because the cache's name contains the user's id.
set -eu
ln -s /app/node_modules/node-linux-*/bin/node /usr/local/bin/node
install -d -o 10001 -g 10001 /app/compiled
cd /app
NODE_COMPILE_CACHE=/app/compiled setpriv --reuid=10001 --regid=10001 --clear-groups node --input-type=module --eval '
import { readFileSync } from "node:fs";
await Promise.all(Object.keys(JSON.parse(readFileSync("package.json", "utf8")).dependencies).map((name) => import(name)));'
# If a program is not readable, the kernel hides its environment and memory from other processes of the same user.
chmod 711 "$(readlink -f /usr/local/bin/node)"
