"""What fills the pages, a module a page: it knows results and records, not how they were made."""
