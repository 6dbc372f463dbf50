"""The pages of the book, a module each, named like the page."""
