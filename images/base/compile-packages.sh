# Makes `node` a command, and compiles the npm packages of /app as the user that roles run as: part of a cache's name is the user's id.
set -eu
ln -s /app/node_modules/node-linux-*/bin/node /usr/local/bin/node
install -d -o 10001 -g 10001 /app/compiled
cd /app
NODE_COMPILE_CACHE=/app/compiled setpriv --reuid=10001 --regid=10001 --clear-groups node --input-type=module --eval '
import { readFileSync } from "node:fs";
await Promise.all(Object.keys(JSON.parse(readFileSync("package.json", "utf8")).dependencies).map((name) => import(name)));'
