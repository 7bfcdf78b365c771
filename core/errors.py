"""The error tree. Each error carries a code, an HTTP status and a Japanese sentence that says what to do.

MadoguchiError
├── NotFound                 the thing that was asked for is not there
├── InvalidInput             what was sent can't be used as it is
│   ├── UnreadableMedia      a file that is not audio or video, is empty, or breaks off
│   ├── UnreadableTable      a CSV or Excel file whose columns or characters can't be read
│   ├── AlreadyTaken         a recording that was taken in before
│   └── Superseded           made from a version of an entry that is no longer the last
├── TooLarge                 over a limit of the settings
├── Unauthorised             no or wrong credentials
├── Refused                  understood, and not allowed (switched off)
│   ├── Held                 a recording that is to be kept was to be deleted
│   └── AlexaUnverified      a request that can't be shown to come from Alexa
├── ModelError               a model is missing, damaged or can't run here
│   ├── ModelMissing
│   └── ModelDamaged
├── NotReady                 a part of the service is still starting
├── Busy                     more work is waiting than is good for anybody
├── DiskFull                 what was to be kept could not be written
├── DatabaseError            the database can't be used
│   └── DatabaseDamaged      its file is no longer one
└── SettingsError            the settings contradict each other or lack something
"""

from __future__ import annotations


class MadoguchiError(Exception):
    """Root of the tree. `message` is shown to people, so it is Japanese and never quotes what they said."""

    code = "internal_error"
    status = 500
    default = "処理中に問題が起きました。時間をおいて、もう一度お試しください。"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.default
        super().__init__(self.message)


class NotFound(MadoguchiError):
    code = "not_found"
    status = 404
    default = "お探しのものが見つかりません。番号やアドレスを確かめてください。"


class InvalidInput(MadoguchiError):
    code = "invalid_input"
    status = 422
    default = "入力の内容を確認してください。"


class UnreadableMedia(InvalidInput):
    code = "unreadable_media"
    default = "音声として読み取れないファイルです。録音したファイルかどうかを確認してください。"
    empty = "ファイルが空です(0バイト)。録音し直すか、元のファイルをコピーし直してください。"


class UnreadableTable(InvalidInput):
    code = "unreadable_table"
    default = "表として読み取れないファイルです。CSVかExcel(xlsx)で保存し直してください。"


class Superseded(InvalidInput):
    code = "superseded"
    default = "画面を開いたあとに、新しい版が保存されました。内容を読み直してから、もう一度操作してください。"


class AlreadyTaken(InvalidInput):
    """Knows as which record."""

    code = "already_taken"
    default = "この録音は、もう取り込まれています。"

    def __init__(self, message: str | None = None, *, record_id: str = "") -> None:
        super().__init__(message)
        self.record_id = record_id


class TooLarge(MadoguchiError):
    code = "too_large"
    status = 413
    default = "大きすぎて受け付けられません。短くするか、分けて送ってください。"


class Unauthorised(MadoguchiError):
    code = "unauthorised"
    status = 401
    default = "職員用のパスワードでログインしてください。"


class Refused(MadoguchiError):
    code = "refused"
    status = 403
    default = "この操作は許可されていません。必要なときは、情報担当にご連絡ください。"


class Held(Refused):
    code = "held"
    status = 409
    default = "保全している記録のため、消せません。消すときは、先に保全を解除してください。"


class AlexaUnverified(Refused):
    code = "alexa_unverified"
    status = 400
    default = "Alexa からの要求であることを確かめられませんでした。"


class ModelError(MadoguchiError):
    code = "model_error"
    status = 503
    default = "モデルを使用できません。「madoguchi models verify」で、ファイルを確かめてください。"


class ModelMissing(ModelError):
    code = "model_missing"
    default = "モデルがありません。「madoguchi models pull」で取得してください。"


class ModelDamaged(ModelError):
    code = "model_damaged"
    default = "モデルのファイルが壊れています。「madoguchi models pull」で取得し直してください。"


class NotReady(MadoguchiError):
    code = "not_ready"
    status = 503
    default = "準備中です。少し待ってから、もう一度お試しください。"


class Busy(MadoguchiError):
    code = "busy"
    status = 503
    default = "混み合っています。少し待ってから、もう一度お試しください。"


class DiskFull(MadoguchiError):
    code = "disk_full"
    status = 507
    default = "ディスクの空きがないため、保存できませんでした。管理者は、空きを作ってから、もう一度実行してください。"


class DatabaseError(MadoguchiError):
    code = "database_error"
    status = 503
    default = (
        "データベースを使えません。時間をおいて、もう一度お試しください。"
        "管理者は、データベースが動いているかと、データのフォルダに書き込めるかを確かめてください。"
    )


class DatabaseDamaged(DatabaseError):
    code = "database_damaged"
    default = "データベースのファイルが壊れています。管理者は、サーバーを止めて、バックアップから戻してください。"


class SettingsError(MadoguchiError):
    code = "settings_error"
    default = "設定に誤りがあります。docs/settings.md を見て直してください。"
