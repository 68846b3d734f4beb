-- Things in whose timelines a window may show a change, a page of them.
-- parameters: limit, and those of the arms; rows: (root)
SELECT root FROM ({arms}) AS touched ORDER BY root {order} LIMIT %(limit)s
