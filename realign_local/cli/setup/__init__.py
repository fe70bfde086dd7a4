"""Commands on the machine, the models, the indexes and the tasks."""
