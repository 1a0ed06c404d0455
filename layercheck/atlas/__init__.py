"""Where frameworks differ: rows that were executed, and the pages that tell them."""
