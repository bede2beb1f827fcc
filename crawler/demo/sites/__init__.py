"""Articles -> everything a site answers with: listings, feeds, sitemaps, redirects, pictures."""
