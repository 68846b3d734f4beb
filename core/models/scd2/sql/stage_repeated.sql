-- Keys that have more than one Change, and how many more: they always take the general plan. An
-- ordinal has one Change of a key, so only things with several ordinals are looked at by key.
INSERT INTO {repeated} ({key}, more)
SELECT {key}, count(*) - 1
FROM {staged} AS staged
WHERE staged.{root} IN (
    SELECT several.{root} FROM {staged} AS several
    GROUP BY several.{root}
    HAVING min(several.ordinal) <> max(several.ordinal)
)
GROUP BY {key}
HAVING count(*) > 1
