-- The session as it was before the load.
RESET work_mem;
RESET default_statistics_target
