"""What is held against what: the article against itself, a run against the article."""
