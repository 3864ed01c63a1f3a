# make demo: the main job, end to end, on this machine. make test: the checks and all tests.
# Both set up a virtual environment of their own first; nothing else on the machine is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: demo test check lock bench clean

demo: $(VENV)/.demo
	@$(BIN)/valetkey demo

test: $(VENV)/.dev check
	@tools/debian-packages.sh
	$(BIN)/pytest -n $(JOBS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/support/floors.py

bench: $(VENV)/.dev
	$(BIN)/python bench/policy.py
	$(BIN)/python bench/sts.py
	$(BIN)/python bench/gateway.py

# The locks hold for every package, so nothing is resolved here; the stamp is renewed with them.
$(VENV)/.demo: requirements/demo.txt pyproject.toml
	@tools/make-venv.sh $(VENV) $(PYTHON)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.demo
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Needs pip-tools on the PATH. dev.txt is resolved first; the smaller sets are cut out of it.
lock:
	cd requirements && ./lock.sh

clean:
	rm -rf $(VENV) dist build
