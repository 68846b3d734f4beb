-- A join: the container's open version, one at most.
LEFT JOIN {container} AS container
    ON container.{container_root} = staged.{root} AND container.is_current
