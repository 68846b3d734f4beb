-- Wait for whoever writes values of a detail type, and keep others from it.
-- parameters: code; rows: (code)
SELECT code FROM entities_detailtypeanchor WHERE code = %(code)s FOR UPDATE
