# One word runs everything, here and in CI. `make help` lists the words.
#
#   make PYTHON=python3.12    another interpreter (3.11 or newer)
#   make test ARGS="-k plan"  more arguments for pytest or the benchmark
#   make test TORCH=          without torch

PYTHON ?= python3
VENV   ?= .venv
TORCH  ?= torch==2.13.0
DEMO   ?= outputs/tcc
LINES  ?= outputs/korean_lines_small
FILLED ?= outputs/uming-fill
ARGS   ?=

BIN   := $(VENV)/bin
PY    := $(BIN)/python
DEMOS := $(VENV)/.installed-demo
DEV   := $(VENV)/.installed-dev
PIP   := $(PY) -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-slow lint format bench clean
.DELETE_ON_ERROR:
.NOTPARALLEL: # two installs into one environment would meet

help: ## list the words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

venv: $(DEV) ## the environment of developers, .venv: torch, all tools, this package in place

demo: $(DEMOS) ## install, fetch font packs, draw glyphs and lines, fill holes of a font, say where they lie
	$(BIN)/ocrfactory render --font tcc --out $(DEMO)
	$(BIN)/ocrfactory build korean_lines_small --out $(LINES)
	$(BIN)/ocrfactory fill --font uming --charset tcc17380 --limit 500 --out $(FILLED)
	@for folder in $(DEMO) $(LINES) $(FILLED); do \
		test -s $$folder/preview.png || { echo "there is no $$folder/preview.png" >&2; exit 1; }; \
		printf '\ndata:    %s (%s files)\npreview: %s\n' "$$folder/data/*.parquet" \
			"$$(find $$folder/data -name '*.parquet' | wc -l | tr -d ' ')" "$$folder/preview.png"; \
	done

test: $(DEV) ## the fast tests: offline, fonts made by the tests
	$(PY) -m pytest $(ARGS)

test-slow: $(DEV) ## the slow tests: real font packs (they are fetched), long runs
	$(PY) -m pytest tests/slow $(ARGS)

lint: $(DEV) ## ruff, mypy strict on the package, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV) ## let ruff sort imports, mend what it can and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV) ## measure: rows per second, memory, microseconds per stage, beside trdg
	$(PY) -m tests.bench $(ARGS)

clean: ## remove caches and builds; neither the environment nor outputs/
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find factory tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A failed `venv` leaves half an environment behind; without its interpreter the next make starts again.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV) || { rm -f $(PY); echo 'cure: install the venv module of this Python (package python3-venv)' >&2; exit 1; }

# The generator of the demo runs without torch.
$(DEMOS): pyproject.toml | $(PY)
	$(PIP) install --quiet --upgrade pip
	$(PIP) install --quiet -e '.[fill]'
	@touch $@

# torch goes first and alone, so that a CPU build on disk is taken where pip is told of one.
$(DEV): pyproject.toml | $(PY)
	$(PIP) install --quiet --upgrade pip
	$(if $(strip $(TORCH)),$(PIP) install --quiet $(TORCH))
	$(PIP) install --quiet -e '.[dev]'
	$(PIP) install --quiet --no-deps trdg==1.8.0
	@touch $(DEMOS) $@
