"""Every exercise against its solution and its wrong answers."""
