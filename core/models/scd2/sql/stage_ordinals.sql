-- What was staged for some things.
-- parameters: roots; rows: (ordinal)
SELECT DISTINCT staged.ordinal FROM {staged} AS staged WHERE staged.{root} = ANY(%(roots)s::{type}[])
