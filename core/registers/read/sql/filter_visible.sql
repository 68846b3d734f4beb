-- Things whose column of personal data the reader sees; named by their types, which an index knows.
-- parameters: visible_names
AND {by} = ANY(%(visible_names)s::text[])
