"""The book: its pages, and in generate/ what fills them; nothing imports it."""
