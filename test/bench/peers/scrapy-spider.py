"""Scrapy's side of the comparison: the same crawl as script.ts. Run by scrapy.ts as `scrapy runspider`."""

import scrapy
from scrapy.linkextractors import LinkExtractor


class BenchSpider(scrapy.Spider):
    name = "bench"
    # Nothing that costs time and that ours does not do; concurrency and delay as fast as it goes.
    custom_settings = {
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 64,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "AUTOTHROTTLE_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }
    links = LinkExtractor()

    def __init__(self, seed, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.start_urls = [seed]

    def parse(self, response):
        links = [link.url for link in self.links.extract_links(response)]
        yield {"url": response.url, "title": response.css("title::text").get(), "links": links}
        for link in links:
            yield scrapy.Request(link)
