    IF EXISTS (
        SELECT FROM opened WHERE opened.{{column}} IS NOT NULL AND NOT EXISTS (
            SELECT FROM {{anchor}} AS anchor WHERE anchor.{{anchor_column}} = opened.{{column}}
        )
    ) THEN
        RAISE EXCEPTION 'INSERT on % is refused: % names nothing that exists.',
            TG_TABLE_NAME, '{{column_text}}'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{{name}}',
                  COLUMN = '{{column_text}}', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
