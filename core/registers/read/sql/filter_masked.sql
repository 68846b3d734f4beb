-- Things whose column of personal data is hidden from the reader.
-- parameters: hidden_names
AND {by} = ANY(%(hidden_names)s::text[])
