-- Things whose anchor has a value, such as those of a source.
AND {root} IN (SELECT named.{anchor_key} FROM {anchors} AS named WHERE named.{column} = {value})
