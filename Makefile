# Two commands do everything on a fresh machine with Python >= 3.11, make and a network:
#   make app    environment, demo, and the app: about 5 minutes the first time, then seconds
#   make test   environment, browser, and every test
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
export ISOST_WORKSPACE ?= workspace
export OMP_WAIT_POLICY ?= PASSIVE

# The explorer's JavaScript, with the node of the environment: only who changes or tests it needs it
JS := ui/explorer/browser
NPM := PATH="$(abspath $(BIN)):$$PATH" $(abspath $(BIN))/npm --prefix $(JS) --silent

.PHONY: app test coverage lint demo requirements env env-dev system browser bench docs js lint-js test-js clean
.DEFAULT_GOAL := app

app: demo
	@echo "isoST Studio is at http://localhost:$(PORT) (stop it with Ctrl+C)"
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless true

demo: env system
	$(BIN)/python -m isost_core.workflows.demo

test: env-dev browser lint test-js
	$(BIN)/python -m pytest -n 2 --ignore tests/e2e
	$(BIN)/python -m pytest tests/e2e

# Which lines no test reaches; slower than the tests alone
coverage: env-dev
	$(BIN)/python -m pytest -n 2 --ignore tests/e2e --cov

lint: env-dev lint-js
	$(BIN)/ruff check
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/basedpyright --pythonpath $(BIN)/python

docs: env
	$(BIN)/python docs/generate.py

# Makes the one file that the app sends to the browser; commit it with its sources
js: $(JS)/node_modules/.dev
	$(NPM) run bundle

lint-js: $(JS)/node_modules/.dev
	$(NPM) run lint

test-js: $(JS)/node_modules/.dev
	$(NPM) test

bench: env
	$(BIN)/python benchmarks/compare.py

# requirements.txt and requirements-dev.txt are made from the pins in pyproject.toml
requirements: $(VENV)/bin/python
	$(BIN)/python .ci/requirements.py

env: $(VENV)/.app
env-dev: $(VENV)/.dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $(PYTHON) is `$(PYTHON) --version`. Try: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# torch first and alone, so that its build is chosen once and kept
$(VENV)/.app: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check `grep '^torch==' requirements.txt`
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(JS)/node_modules/.dev: $(JS)/package-lock.json $(VENV)/.dev
	$(NPM) ci --ignore-scripts
	touch $@

# OpenGL libraries for the lit 3D scene; without them the app shows its quick 3D view
system:
	@sh .ci/system.sh libEGL.so.1 "libegl1 libgl1 libgl1-mesa-dri libxrender1" "the lit 3D scene"

browser:
	@sh .ci/system.sh chromium "chromium libegl1 libgl1 libgl1-mesa-dri libxrender1" "the browser tests"

clean:
	rm -rf $(VENV) $(JS)/node_modules screenshots .pytest_cache .ruff_cache .coverage
