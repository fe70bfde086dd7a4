# Two commands on a fresh machine: `make demo` and `make test`. Both set up .venv by themselves.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# Unit tests that take long: most of them start processes or wait for the disk (benchmarks/LOG.md).
SLOW := budget bundle chat_templates classifier_routing cli_errors cli_output cli_shell crew data_limits \
  data_unread docs docs_commands effect estimating evidence_assets journal merging run_files run_folder \
  same_input untrusted verifying
DUMP := .demo/enwiki-206-pages.xml.bz2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test quick format clean

help:
	@echo 'make demo     set up, build an evidence index from a small Wikipedia dump, rewrite 32 rows'
	@echo 'make test     set up, then ruff, mypy --strict and every test'
	@echo 'make quick    within a minute: ruff, mypy --strict and the fast unit tests'
	@echo 'make install  set up .venv only: the command is then $(BIN)/realign'
	@echo 'make format   let ruff format and mend what it can, write docs/commands.md anew'
	@echo 'make clean    remove .venv and everything that was made here'
	@echo
	@echo 'PYTHON=python3.12  another Python (3.11 or newer)'
	@echo 'REALIGN_CPU=1      no build of llama.cpp for the graphics card that is there'
	@echo 'TORCH_INDEX=URL    package index with a CPU build of PyTorch; saves several GB on Linux'

install: $(INSTALLED)

demo: $(DUMP)
	$(BIN)/realign index build $(DUMP) -o .demo/index
	$(BIN)/realign run examples/demo.jsonl -o .demo/run --index .demo/index

test: $(DUMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

# Fast enough to run at every change: unit tests but for the files that take long.
quick: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/unit $(SLOW:%=--ignore=tests/unit/test_%.py)

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/command_reference.py

clean:
	rm -rf .venv .demo .test build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp, so that nothing is installed twice until what decides the installation changes.
$(INSTALLED): pyproject.toml constraints.txt scripts/bootstrap.py
	$(PYTHON) scripts/bootstrap.py --if-needed

# Where there are the tools of a graphics card, bootstrap looks whether llama.cpp is built for it.
ifneq ($(wildcard $(foreach tool,nvidia-smi rocminfo glslc,$(addsuffix /$(tool),$(subst :, ,$(PATH))))),)
.PHONY: look
$(INSTALLED): look
endif

$(DUMP): scripts/demo_dump.py | $(INSTALLED)
	$(BIN)/python scripts/demo_dump.py $@
