-- Take some staged Changes out again.
-- parameters: ordinals
DELETE FROM {staged} WHERE ordinal = ANY(%(ordinals)s::bigint[])
