-- A condition: the container (see container_of_fast_paths) does not simply hold from before the
-- start without end, or it ceases to exist somewhere in this load. A retraction is never outside it.
staged.kind <> 'r' AND (
    EXISTS (SELECT FROM {shrunk} AS shrunk WHERE shrunk.root = staged.{root})
    OR container.id IS NULL
    OR container.valid_from > coalesce(staged.valid_from, %(instant)s)
)
