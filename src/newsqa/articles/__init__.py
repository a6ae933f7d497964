"""Files and links to articles. The libraries that read the formats are imported where they are needed only."""

from newsqa.articles.limits import Limits
from newsqa.articles.loading import load_articles, load_bytes, load_link
from newsqa.articles.plain import headline

__all__ = ["Limits", "headline", "load_articles", "load_bytes", "load_link"]
