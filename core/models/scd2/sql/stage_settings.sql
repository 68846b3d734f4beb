-- For the session, while a load waits in it: hash tables of a whole file in memory rather than on
-- disk, and samples no greater than is needed to know how much was staged.
SET work_mem = '64MB';
SET default_statistics_target = 10
