#!/usr/bin/env bash
# Tests use a real browser with a Japanese font and real telephones. Installs them as root, else says what to ask for.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
fc-list :lang=ja 2>/dev/null | grep -q . || missing+=(fonts-noto-cjk)
command -v baresip >/dev/null || missing+=(baresip-core)
command -v sipp >/dev/null || missing+=(sip-tester)
[ ${#missing[@]} = 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "テストに必要なものを入れています: ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" fontconfig >/dev/null
else
  echo "テストには ${missing[*]} が必要です。管理者に「apt-get install ${missing[*]}」を頼んでください。" >&2
  exit 1
fi
