"""What runs leave for each other in `--cache DIR`: answers, tasks and passages, by content."""
