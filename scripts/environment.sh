#!/usr/bin/env bash
# Makes the virtual environment and installs the product into it. Says in one sentence what is missing.
set -euo pipefail
venv=$1
python=${PYTHON:-python3}

fail() { printf '\n%s\n' "$1" >&2; exit 1; }

command -v "$python" >/dev/null || fail "Python 3.11 以上が必要です。「apt-get install python3 python3-venv」で入れてください。"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 以上が必要です。今の版は $("$python" -V 2>&1) です。"
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Python の venv を入れています…"
    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
  else
    fail "Python の venv がありません。管理者に「apt-get install python3-venv」を頼んでください。"
  fi
fi
[ -x "$venv/bin/python" ] || { echo "環境 $venv を作っています…"; "$python" -m venv "$venv"; }
echo "パッケージを入れています(初回は数分かかります)…"
"$venv/bin/pip" install -q --upgrade "pip>=25" || fail "パッケージを取得できません。ネットワークの接続を確認して、もう一度実行してください。"
"$venv/bin/pip" install --progress-bar on -c requirements/pins.txt -e '.[dev]' | grep -vE '^(Requirement already|Looking in)' || [ "${PIPESTATUS[0]}" = 0 ] \
  || fail "パッケージを取得できません。ネットワークの接続を確認して、もう一度実行してください。"
"$venv/bin/pip" install -q --no-deps -r requirements/no-deps.txt || fail "パッケージを取得できません。ネットワークの接続を確認して、もう一度実行してください。"
