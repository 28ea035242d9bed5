# Removes dependencies that headless Chromium never loads: graphics drivers with their compiler, desktop tools, and resources of the windowed browser.
set -eu
before=/usr/local/share/base-packages
folder=/usr/lib/chromium
rm -rf "$folder"/libVk*_* "$folder"/*.TOC "$folder/locales" "$folder/resources.pak" "$folder"/chrome_*_percent.pak "$folder/chrome_crashpad_handler"
# NSS opens its modules by name.
binaries="$folder/chromium-headless-shell $(echo "$folder"/*.so /usr/lib/*/libsoftokn3.so /usr/lib/*/libfreeblpriv3.so /usr/lib/*/libnssckbi.so)"
# shellcheck disable=SC2086
libraries() { ldd $binaries | sed -n 's/.* => \(.*\) (0x.*/\1/p' | sort -u; }
# Libraries are found by name, because Debian moves them from /lib to /usr/lib, and dpkg lists only the path in the package.
needed=$(libraries | while read -r path; do dpkg-query --search "*/$(basename "$(readlink -f "$path")")" | sed 's/:.*//'; done | sort -u)
for package in $(dpkg-query --show --showformat '${Package}\n'); do
  case $package in chromium-* | font*) continue ;; esac
  printf '%s\n' "$needed" | cat - "$before" | grep -qxF "$package" || echo "$package"
done | xargs dpkg --purge --force-depends >/dev/null 2>&1
# A missing library must fail the build, not the first page.
# shellcheck disable=SC2086
if ldd $binaries | grep 'not found'; then echo "Chromium needs libraries that are not in the image" >&2; exit 1; fi
