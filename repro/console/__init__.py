"""What is said, and how: lines, progress, tables, sentences in two languages."""
