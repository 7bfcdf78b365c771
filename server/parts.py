"""What the command line and the server are made of. Each part is imported and built when it is first needed: few need all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.engine import Engine

from core.blobs import BlobStore
from core.database import open_database
from core.passing import Passing
from core.settings import Settings
from models.embedder import load_embedder
from models.language_model import load_language_model
from models.reranker import load_reranker
from models.voice import Voice, load_voice
from models.whisper import Whisper, load_whisper
from retrieval.judges import Judges
from retrieval.knowledge import Knowledge
from retrieval.postgres.versions import Postgres
from retrieval.repository import Repository
from server.accounts.accounts import Accounts
from server.built_once import BuiltOnce

if TYPE_CHECKING:
    from dialogue.pipeline import Answerer
    from server.recorded import Recogniser


class Parts:
    """What the command line and the server share. Each part is built when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @BuiltOnce
    def database(self) -> Engine:
        return open_database(self.settings)

    @BuiltOnce
    def accounts(self) -> Accounts:
        return Accounts(self.database)

    @BuiltOnce
    def blobs(self) -> BlobStore:
        return BlobStore(self.settings.home / "blobs")

    @property
    def passing(self) -> Passing:
        return Passing.within(self.settings.home)

    @property
    def repository(self) -> Repository:
        return Repository(self.database)

    @BuiltOnce
    def knowledge(self) -> Knowledge:
        judges = Judges(reranker=load_reranker(self.settings), language_model=load_language_model(self.settings))
        return Knowledge(
            self.database,
            self.settings.home / "indexes",
            load_embedder(self.settings),
            judges=judges,
            threads=self.settings.cpu_threads,
            store=Postgres(self.database) if self.settings.index_store == "postgres" else None,
        )

    @BuiltOnce
    def answerer(self) -> Answerer:
        from dialogue.pipeline import Answerer

        return Answerer(self.knowledge, self.settings)

    @BuiltOnce
    def whisper(self) -> Whisper:
        return load_whisper(self.settings)

    @BuiltOnce
    def recogniser(self) -> Recogniser:
        """The recogniser with the words that the city registered."""
        from server.recorded import Recogniser
        from server.words import CityWords

        return Recogniser(whisper=lambda: self.whisper, vocabulary=CityWords(self.repository, self.settings.kb))

    @BuiltOnce
    def voice(self) -> Voice:
        return load_voice(self.settings)
