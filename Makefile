# Everything a developer types. `.venv` is made, and kept up to date, by every target that needs it.

PYTHON ?= python3
BIN := .venv/bin

# Strict editable installs link files one by one: besides the declarations, a new file asks for a new install.
INSTALLED := .venv/installed-$(shell { cat pyproject.toml constraints.txt; \
	find named_types mypy_plugin runtime -name '*.py' -o -name py.typed | LC_ALL=C sort; } | cksum | cut -d ' ' -f 1)

.PHONY: install demo test test-all mutants lint types bench corpus docs clean

install: $(INSTALLED)

$(INSTALLED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --upgrade pip
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --constraint constraints.txt \
		--build-constraint constraints.txt --editable '.[mypy]' --group dev
	@rm -f .venv/installed-*
	@touch $@

demo: $(INSTALLED)
	@echo '== The checker: named-types check examples'
	@$(BIN)/named-types check examples
	@echo '== mypy with the plugin: mypy examples'
	@$(BIN)/mypy examples
	@echo '== The runtime, on eight CPU devices: python examples/tutorial.py'
	@JAX_PLATFORMS=cpu XLA_FLAGS=--xla_force_host_platform_device_count=8 $(BIN)/python examples/tutorial.py

test: $(INSTALLED)
	@$(BIN)/pytest --numprocesses 2 -m 'not slow'

test-all: $(INSTALLED)
	@$(BIN)/pytest --numprocesses 2

mutants: $(INSTALLED)
	@PYTHONPATH=tests $(BIN)/python -m mutations

lint: $(INSTALLED) types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/named-types check named_types mypy_plugin runtime examples benchmarks tests tools

# The folders make one package only where it is installed: that is where mypy checks it.
types: $(INSTALLED)
	MYPYPATH=$$(echo build/__editable__.*) $(BIN)/mypy --package named_types
	$(BIN)/mypy tests examples benchmarks tools

bench: $(INSTALLED)
	@$(BIN)/python -m benchmarks

# Checks half a million lines of well-known packages, which it fetches, and compares what mypy says of others, of the
# standard library's stubs, of its own test cases, and of packages that use JAX with the plugin and without.
corpus: $(INSTALLED)
	@$(BIN)/python tools/check_corpus.py
	@$(BIN)/python tools/compare_mypy.py
	@$(BIN)/python tools/mypy_arrays.py

docs: $(INSTALLED)
	$(BIN)/sphinx-build --quiet --fail-on-warning --jobs auto docs docs/_build/html
	@echo 'docs/_build/html/index.html'

clean:
	rm -rf .venv build dist named_types.egg-info docs/_build .hypothesis .mypy_cache .named_types_cache .pytest_cache .ruff_cache
	find named_types mypy_plugin runtime tests -name __pycache__ -type d -prune -exec rm -rf {} +
