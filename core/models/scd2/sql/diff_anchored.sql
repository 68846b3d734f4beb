-- Only things whose anchor has this in a column.
-- parameters: anchored
AND {root} IN (SELECT anchor.{anchor} FROM {table} AS anchor WHERE anchor.{column} = %(anchored)s)
