AND (%(source)s::text IS NULL OR anchor.source = %(source)s) -- parameters: source (NULL is any)
