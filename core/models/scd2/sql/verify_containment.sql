-- Live versions that hold where their container does not: the last lifetime of the container that
-- begins no later has to last as long. Everything is sorted once, so a container with many lifetimes
-- takes no longer than many containers.
-- rows: (key as json, id)
WITH version AS (
    SELECT
        container.{container_root} AS root,
        container.valid_from AS start,
        coalesce(container.valid_to, 'infinity') AS until,
        max(coalesce(container.valid_to, 'infinity')) OVER (
            PARTITION BY container.{container_root} ORDER BY container.valid_from
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS until_so_far
    FROM {container} AS container
    WHERE container.system_to IS NULL
), numbered AS (
    SELECT
        version.root, version.start, version.until,
        count(*) FILTER (WHERE (version.start <= version.until_so_far) IS NOT TRUE) OVER (
            PARTITION BY version.root ORDER BY version.start ROWS UNBOUNDED PRECEDING
        ) AS lifetime
    FROM version
), line AS (
    SELECT numbered.root, min(numbered.start) AS start, max(numbered.until) AS until, NULL::bigint AS id
    FROM numbered
    GROUP BY numbered.root, numbered.lifetime
    UNION ALL
    SELECT content.{root}, content.valid_from, coalesce(content.valid_to, 'infinity'), content.id
    FROM {table} AS content
    WHERE content.system_to IS NULL
), held AS (
    SELECT
        line.id, line.until,
        max(line.until) FILTER (WHERE line.id IS NULL) OVER (
            PARTITION BY line.root ORDER BY line.start, line.id NULLS FIRST
            ROWS UNBOUNDED PRECEDING
        ) AS life_until
    FROM line
)
SELECT {json_key}, one.id
FROM held
JOIN {table} AS one ON one.id = held.id
WHERE (held.life_until >= held.until) IS NOT TRUE
