# Two commands do everything on a fresh machine with Python >= 3.11, make and a network:
#   make app    environment, demo, and the app
#   make test   environment, browser, and every test
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
export ISOST_WORKSPACE ?= workspace
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: app test lint demo requirements env env-dev system browser bench docs clean
.DEFAULT_GOAL := app

app: demo
	@echo "isoST Studio is at http://localhost:$(PORT) (stop it with Ctrl+C)"
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless true

demo: env system
	$(BIN)/python -m isost_core.workflows.demo

test: env-dev browser lint
	$(BIN)/python -m pytest

lint: env-dev
	$(BIN)/ruff check

docs: env
	$(BIN)/python docs/generate.py

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

# OpenGL libraries for the lit 3D scene; without them the app shows its quick 3D view
system:
	@sh .ci/system.sh libEGL.so.1 "libegl1 libgl1 libgl1-mesa-dri libxrender1" "the lit 3D scene"

browser:
	@sh .ci/system.sh chromium "chromium libegl1 libgl1 libgl1-mesa-dri libxrender1" "the browser tests"

clean:
	rm -rf $(VENV) screenshots .pytest_cache .ruff_cache
