"""Train the classifier that ships with the program, from the labelled queries in the repository.

Run by a developer after changing queries, criteria or features.
"""

from __future__ import annotations

from realign_local.base.config import Settings
from realign_local.classifier.model import SHIPPED, write_model
from realign_local.cli.terminal.live import watcher
from realign_local.commands.train import train_shipped
from realign_local.run.tools import ClassifierTools

if __name__ == "__main__":
    with watcher() as progress:
        write_model(SHIPPED, train_shipped(ClassifierTools(Settings.model_validate({})), progress))
    print(SHIPPED)
