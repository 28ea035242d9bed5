# Removes files that no role loads from the npm packages in node_modules of $1: types, source maps, documentation and tests. Of Node only the
# program without debugging symbols remains.
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
# Builds for browsers, and protocol definitions that only types are generated from.
rm -rf -- node-forge/dist axios/dist/axios.* axios/dist/browser axios/dist/esm \
  chromium-bidi/out/Default/gen/src/mapperTab.js chromium-bidi/out/Default/gen/src/bidiTab devtools-protocol/json devtools-protocol/pdl
