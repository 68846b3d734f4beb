-- What type a detail is of, for diff_attribute.
LEFT JOIN ({data_types}) AS kind ON kind.code = version.detail_code
