"""The book: what fills its pages, how it is built, and what a reader sees."""
