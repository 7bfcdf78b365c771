"""The settings table in, its page of documentation out: `python -m core.settings_docs > docs/settings.md`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from core.settings import CHECKOUT, Settings

_HEAD = """\
# 設定

<!-- `make docs` が core/settings.py から作ります。ここを直さずに、元の説明を直してください。 -->

設定は、次の順に強く効きます。

1. コマンドの指定(`madoguchi serve --port 8081` など)
2. 環境変数(下の表の名前)
3. 設定ファイル(TOML)。場所は環境変数 `MADOGUCHI_CONFIG`、指定がなければデータのフォルダの `madoguchi.toml`
4. 初期値

設定ファイルでは、環境変数の名前から `MADOGUCHI_` を取り、小文字で書きます。

```toml
city = "曽於市"
port = 8080
holidays = ["12-29", "12-30", "12-31", "01-01", "01-02", "01-03"]
```

知らない名前が設定ファイルにあるか、値の種類が合わないときは、起動せずに、どの設定かを示して終わります。
環境変数(`MADOGUCHI_` で始まるもの)の知らない名前は、起動のときに示します。
一覧(`holidays` など)を環境変数に書くときは、JSON の形で書きます。

| 環境変数 | 初期値 | 意味 |
|---|---|---|
"""


def page() -> str:
    """The whole page, ending in a newline."""
    return _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    meaning = (field.description or "").replace("|", "\\|")
    return f"| `{_environment_name(name)}` | {_default(field)} | {meaning} |\n"


def _environment_name(name: str) -> str:
    return f"{Settings.model_config.get('env_prefix', '')}{name}".upper()


def _default(field: FieldInfo) -> str:
    """The default as one would write it in the environment; a path without the place of this checkout."""
    value = field.default
    if value is None or value in ("", PydanticUndefined):
        return "(なし)"
    if isinstance(value, Path):
        return f"`{value.relative_to(CHECKOUT)}`(プログラムのフォルダの中)"
    if isinstance(value, bool | list):
        return f"`{json.dumps(value, ensure_ascii=False)}`"
    return f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(page())
