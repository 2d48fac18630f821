"""The exercises, one file a chapter: EXERCISES holds at least a warm-up, a core and a stretch one."""
