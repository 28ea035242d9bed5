import { ipaddr, requestFilteringAgent, ssrfReqFilter } from "./addresses.ts";
import { cookies } from "./cookies.ts";
import { crawlee } from "./crawlee.ts";
import { cron } from "./cron.ts";
import { csvSpectrum } from "./csv.ts";
import { curlCommands } from "./curl.ts";
import { decoders, encoders, encodingSniffer, html5lib } from "./encoding.ts";
import { commonsRobots } from "./robots-commons.ts";
import { googleRobots } from "./robots-google.ts";
import { robotsParser } from "./robots-parser.ts";
import { protego, reppy } from "./robots-python.ts";
import { commonsSitemaps } from "./sitemap-commons.ts";
import { sitemapJs } from "./sitemap-js.ts";
import { sitemapTrees } from "./sitemap-tree.ts";
import type { Suite } from "./suite.ts";
import { encodingLabels, searchParams } from "./wpt.ts";

export const SUITES: Suite[] = [
  ...[searchParams, encodingLabels, html5lib, encodingSniffer, decoders, encoders],
  ...[commonsSitemaps, crawlee, sitemapTrees, sitemapJs],
  curlCommands,
  ...[googleRobots, commonsRobots, protego, reppy, robotsParser],
  ...[cookies, csvSpectrum, ssrfReqFilter, requestFilteringAgent, ipaddr, cron],
];
