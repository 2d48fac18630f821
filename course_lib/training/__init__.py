"""Training: recipes, data by step number, the loop, checkpoints that hold everything, the folder that a run leaves behind."""
