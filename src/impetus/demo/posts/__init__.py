"""The demonstration's watch over posts: a simulated feed, one rule, and authors that stay behind pseudonyms."""
