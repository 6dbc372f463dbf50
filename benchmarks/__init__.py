"""Speed and accuracy beside others: imports harlib; the book's pages import its reports alone."""
