# Two commands do everything: `make run` and `make test`. Both set up what they need first and are quick the second time.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin
export MADOGUCHI_HOME ?= $(CURDIR)/var

.PHONY: help setup run test check fmt bench docs

help: ## このコマンドの一覧
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

setup: $(VENV)/.ready ## 環境、パッケージ、モデル、見本の市を用意する
	@$(BIN)/madoguchi models pull
	@$(BIN)/madoguchi kb ready --kb soo samples/soo

$(VENV)/.ready: pyproject.toml requirements/no-deps.txt requirements/pins.txt scripts/environment.sh
	@PYTHON="$(PYTHON)" bash scripts/environment.sh "$(VENV)"
	@touch $@

run: setup ## 起動する(PORT で変えられる)
	@exec $(BIN)/madoguchi serve --port $(PORT)

check: $(VENV)/.ready ## 書き方、型、層の向きを調べる
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup check ## CI と同じ検査とテストのすべて
	@bash scripts/test-tools.sh
	$(BIN)/pytest -n 2 --dist loadfile -m "not timed"
	$(BIN)/pytest -m timed --reruns 2

fmt: $(VENV)/.ready ## 書き方を整える
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## 速さと正しさを測る
	$(BIN)/python -m eval

docs: $(VENV)/.ready ## 設定の一覧を作り直す
	$(BIN)/python -m core.settings_docs > docs/settings.md
