-- A condition: the container does not simply hold from before the start without end, or it
-- ceases to exist somewhere in this load.
EXISTS (SELECT FROM {shrunk} AS shrunk WHERE shrunk.root = staged.{root})
OR NOT EXISTS (
    SELECT FROM {container} AS container
    WHERE container.{container_root} = staged.{root}
        AND container.is_current
        AND container.valid_from <= coalesce(staged.valid_from, %(instant)s)
)
