"""What the API costs over HTTP, beside bare views that answer the same from hand-written SQL."""
