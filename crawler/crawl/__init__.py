"""The Scrapy side: fetches, records, settles. Knows no site."""
