"""The clauses a request from Alexa must meet, each with the sentence that names it when it fails."""

from __future__ import annotations

from enum import StrEnum


class Clause(StrEnum):
    """What failed, for the operator who reads the reply in the developer console."""

    HEADERS = "Alexa の署名のヘッダーがないか、形式が正しくありません。"
    CHAIN_URL = "Alexa の証明書の URL が正しくありません。"
    FETCH = "Alexa の証明書を取得できませんでした。外部への https 通信を確認してください。"
    CHAIN = "Alexa の証明書が正しくないか、期限が切れています。"
    SIGNATURE = "Alexa の署名と要求の内容が一致しません。"
    TIMESTAMP = "Alexa の要求の時刻がずれています。サーバーの時計を確認してください。"
    SKILL = "設定と異なる Alexa スキルからの要求です。alexa_skill_id を確認してください。"
