-- database: a database of the owner's.
-- parameters: name, owner (identifiers).
-- rows: none.
CREATE DATABASE {name} OWNER {owner} ENCODING 'UTF8'
