AND {column} = {value}
