# Two commands: `make run` and `make test`. Nothing but Python 3.11 and make is needed to run.

# The first that is new enough; tried, since a name on the path may lead nowhere.
PYTHON ?= $(shell for each in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$each && exit; \
	done; command -v python3)
PY = .venv/bin/python
# Processes that tests run in.
JOBS ?= 2
POSTGRES_15 = /usr/lib/postgresql/15/bin
PYTEST = $(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: run test check bench lock format environment environment-dev browser relay \
	check-lint check-types check-layers check-translations check-migrations check-docs \
	check-long check-postgres-15 check-pgbouncer
.NOTPARALLEL:

run: environment
	@exec $(PY) -m sprechzeit.cli run

test: environment-dev browser
	$(PYTEST) -m "not long"

check: check-lint check-types check-layers check-translations check-migrations check-docs \
	check-pgbouncer check-postgres-15 check-long

bench: environment-dev browser
	$(PY) -m bench.run

lock:
	PYTHON=$(PYTHON) setup/lock.sh

format: environment-dev
	$(PY) -m ruff format
	$(PY) -m ruff check --fix

check-lint: environment-dev
	$(PY) -m ruff check
	$(PY) -m ruff format --check

check-types: environment-dev
	$(PY) -m mypy

check-layers: environment-dev
	.venv/bin/lint-imports

check-translations: environment-dev
	$(PY) tests/tools/check_translations.py

check-migrations: environment-dev
	DJANGO_SETTINGS_MODULE=sprechzeit.config.settings $(PY) -W ignore -m django makemigrations --check --dry-run

check-docs: environment-dev
	$(PY) tests/tools/check_docs.py

# The whole suite on the oldest PostgreSQL that is supported; the tests of operations use both in any case.
check-postgres-15: environment-dev browser
	@if setup/debian.sh $(POSTGRES_15)/postgres postgresql-15; then \
		set -x; SPRECHZEIT_TEST_POSTGRES=$(POSTGRES_15) $(PYTEST) -m "not long" --ignore tests/operations; \
	else echo "Left out: the suite on PostgreSQL 15."; fi

# Everything that is stored or looked up, through a pooler that hands out connections by transaction.
check-pgbouncer: environment-dev
	@if PATH="$$PATH:/usr/sbin" setup/debian.sh pgbouncer pgbouncer; then \
		set -x; SPRECHZEIT_TEST_PGBOUNCER=1 $(PYTEST) -m "not long and not browser" --ignore tests/operations \
			--ignore tests/integrations/test_push_worker.py; \
	else echo "Left out: the suite through PgBouncer."; fi

check-long: environment-dev browser relay
	$(PYTEST) -m long

environment environment-dev: environment%:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed and was not found." >&2; exit 1; }
	@"$(PYTHON)" setup/environment.py $(if $(findstring dev,$@),dev,run)

browser:
	@setup/debian.sh chromium chromium

# For the consultation through a relay.
relay:
	@setup/debian.sh turnserver coturn
