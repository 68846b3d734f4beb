-- What a load asserts of some codes.
-- parameters: codes
SELECT staged.ordinal, staged.{uuid} AS uuid, staged.{code} AS code, {value} AS value,
    coalesce(staged.valid_from, %(instant)s::timestamptz) AS valid_from, staged.valid_to
FROM {staged} AS staged
WHERE staged.kind <> 'r' AND staged.{code} = ANY(%(codes)s::text[])
