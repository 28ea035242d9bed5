#!/bin/sh
# Removes what no program reads in an image: documentation, translations, caches and logs. Runs in the step that installs packages,
# because what a later step removes stays in the layer.
set -eu
rm -rf /usr/share/doc/* /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian \
  /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*.log /var/log/apt
