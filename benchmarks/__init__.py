"""Speed and accuracy measured beside others: imports harlib; nothing imports it but the book's pages of them."""
