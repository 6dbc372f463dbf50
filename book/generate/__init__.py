"""What fills the pages, a module a page: knows results and records, and nothing of how they were made."""
