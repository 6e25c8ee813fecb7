# `make` lists what there is. Everything is installed into .venv, and nowhere else.
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
PORT   ?= 8000
AWS_PORT ?= 4566
# The first of these that is new enough; `make install PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)

.DEFAULT_GOAL := help
.PHONY: help install run demo browser test test-image test-long bench bench-workers bench-provision bench-front bench-restart \
	lint format lock clean

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(READY)  ## Make .venv with all that the site and its tests need

run: $(READY)  ## Serve the site on SQLite at http://127.0.0.1:8000 (PORT=8000)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_starter_content
	@$(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

demo: $(READY)  ## Play the talk's demo on a local AWS; STAY=1 only makes the site, and leaves it to you
	@$(BIN)/python manage.py demo --port $(AWS_PORT) $(if $(STAY),--stay)

browser: $(READY)  ## Find a Chromium for the tests that take a browser, or install Debian's by apt-get
	@$(BIN)/python -m sleeping.tests.browser

test: lint  ## Check the code and run the tests, all but test-image and test-long
	@$(BIN)/python manage.py makemigrations --check --dry-run --settings scale0site.settings.test
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

test-image: $(READY)  ## Build the Dockerfile by docker, podman, finch or buildah (BUILDER=), push, release, serve it
	@$(BIN)/python -m pytest --override-ini testpaths= provisioning/tests/with_engine $(ARGS)

test-long: $(READY)  ## The real site's life by every command, data kept and taken up again: three minutes more
	@$(BIN)/python -m pytest --override-ini testpaths= provisioning/tests/long $(ARGS)

bench: $(READY)  ## Measure the site beside a stock one, in 15 min; ROUNDS=5, QUICK=1 for one round; needs hey
	@$(BIN)/python -m scale0site.bench --rounds $(if $(QUICK),1,$(or $(ROUNDS),3)) $(ARGS)

bench-workers: $(READY)  ## Compare classes and counts of workers under 150 and 201 visitors at once; needs hey
	@$(BIN)/python -m scale0site.bench --workers --rounds $(if $(QUICK),1,$(or $(ROUNDS),3)) $(ARGS)

bench-provision: $(READY)  ## Measure a run against its longest chain, and count a plan's API calls
	@$(BIN)/python manage.py bench_provision

bench-front: $(READY)  ## Measure a local database's endpoint against PostgreSQL itself
	@$(BIN)/python manage.py bench_front

bench-restart: $(READY)  ## Measure how soon a local AWS with a site on it is back, and what it weighs
	@$(BIN)/python manage.py bench_restart

lint: $(READY)  ## Check style, formatting and types, change nothing
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy --no-error-summary

format: $(READY)  ## Put the code into shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

lock:  ## Pin the requirements again from the .in files (needs uv: pip install uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
		requirements.in --output-file requirements.txt
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
		--constraints requirements.txt requirements-dev.in --output-file requirements-dev.txt

clean:  ## Remove what was installed, collected and tried here, the laptop's database included
	rm -rf $(VENV) .localcloud .pytest_cache .ruff_cache .mypy_cache .hypothesis static media db.sqlite3
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.txt requirements-dev.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "make install: Python is missing or too old. Here is: $$(python3 --version 2>&1)."; \
		echo "Install Python 3.11 or later, or name one: make install PYTHON=/path/to/python3"; exit 1; fi
	@echo "Installing into $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
