"""What must be there, and be right, before the article's program starts."""
