# Removes from the npm packages in the folder node_modules of $1 what no role loads: types, source maps, documentation, tests, and of Node all but
# the program, without its debugging symbols.
set -eu
cd -- "$1/node_modules"
for node in node-linux-*; do
  strip "$node/bin/node"
  rm -rf "$node/include" "$node/share" "$node"/*.md
done
find . -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -iname '*.md' \) -delete
for folder in test tests __tests__ docs example examples benchmark benchmarks bench coverage .github; do
  rm -rf -- */"$folder" @*/*/"$folder"
done
# A build for browsers, and the protocol that types were made of.
rm -rf -- puppeteer-core/lib/es5-iife devtools-protocol/json
