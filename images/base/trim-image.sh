#!/bin/sh
# Removes files that no program in an image reads: documentation, translations, caches and logs. It runs in the step that installs packages,
# because files that a later step removes remain in the layer.
set -eu
rm -rf /usr/share/doc/* /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian \
  /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/cache/debconf/* /var/lib/dpkg/*-old /var/log/*.log /var/log/apt
