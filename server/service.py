"""The composition root: the parts of the product, built from the settings, started and stopped together."""

from __future__ import annotations

import sys
from collections.abc import Callable

from anyio import CapacityLimiter
from fastapi import Request

from asr.listener import Listener
from asr.live import Live
from asr.template import template
from core.audience import Audience
from core.clock import now
from core.errors import MadoguchiError
from core.jobs import Jobs, Role
from core.logging import logger
from core.settings import Settings, Zone
from dialogue.directory import RECEPTION, Directory
from dialogue.pipeline import Answerer
from models.whisper import load_whisper
from retrieval.nightly import Nightly
from server.built_once import BuiltOnce
from server.offers import Offers
from server.parts import Parts
from server.publishing import Others, Publisher
from server.queue import Queue
from server.reader import Reader
from server.recorded import Recorded, open_recorded
from server.tallies import Tallies
from telephony.captions import SPEAKERS, Captions
from voice_skill.endpoint import Endpoint, open_endpoint
from voice_skill.readings import readings_of
from voice_skill.satellite import Satellite, open_satellite
from voice_skill.turns import City

_LOOKS_AFTER_OTHERS = 15  #: a second each, that who wrote into indexes of ours is given to build what it wrote
_INDEXING_S = 1800  #: that judging a trained model and indexing with it may take
_SPEAK_AT_ONCE = 8  # questions that are spoken; the last one waits some ten seconds
_MANY_SPEAK = "音声での質問が混み合っています。少し待ってからもう一度お話しになるか、文字で入力してください。"
_LISTENING = 2  # threads for live speakers, each with its share of the cores
_log = logger("service")


def open_nightly(settings: Settings, jobs: Jobs) -> Nightly:
    """The nightly training of the knowledge base that answers; the job is known to the queue."""
    minutes = str(settings.adapt_minutes)
    nightly = Nightly(
        jobs=jobs,
        kb=settings.kb,
        hour=settings.adapt_hour,
        command=(sys.executable, "-m", "server.cli", "kb", "adapt", "--kb", settings.kb, "--minutes", minutes, "--nightly"),
        longest_s=settings.adapt_minutes * 60 * 2 + _INDEXING_S,
        progress=settings.home / "adapted" / settings.kb / "progress.json",
    )
    nightly.define()
    return nightly


class Service(Parts):
    """A running server's parts. `start` loads what the zone needs, so that the first question is as quick as the next."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.recognising = Queue(_SPEAK_AT_ONCE, _MANY_SPEAK)
        self.transcribing = CapacityLimiter(1)  #: one recording of a program at a time
        self.recorded: Recorded = open_recorded(settings, self.database, self.blobs, Role.SERVE, self.recogniser)
        self.nightly = open_nightly(settings, self.recorded.jobs)
        self.publisher = Publisher(
            self._build_indexes,
            lambda: self.knowledge.is_rolled_back(settings.kb),
            lambda: self.knowledge.is_untimely(settings.kb),
            others=self._others(),
        )
        self.failures: dict[str, str] = {}  #: what could not be loaded, for who starts it and who watches
        self.fault: Exception | None = None  #: what kept it from being started at all

    @BuiltOnce
    def tallies(self) -> Tallies:
        return Tallies(self.database, self.settings.kb, now)

    @BuiltOnce
    def answerer(self) -> Answerer:
        return Answerer(self.knowledge, self.settings, noted=self.tallies.note)

    @BuiltOnce
    def reader(self) -> Reader:
        return Reader(lambda: self.voice, self.readings)

    @BuiltOnce
    def listener(self) -> Listener:
        """Live speakers have a recogniser of their own: behind the batches of a recording they would wait for seconds."""
        return Listener(whisper=load_whisper(self.settings), vocabulary=self.recogniser.vocabulary)

    @BuiltOnce
    def live(self) -> Live:
        """Who streams sound to us."""
        return self._open_live(self.settings.max_streams)

    @BuiltOnce
    def captions(self) -> Captions:
        """The calls that go on. Many captions keep none of them from being heard, as each have their own places."""
        intake, most = self.recorded.intake, self.settings.max_live_calls
        return Captions(intake.folder, lambda: self._open_live(most * SPEAKERS), most=most, lines=intake.lines)

    @BuiltOnce
    def offers(self) -> Offers:
        """What the knowledge base has to what callers ask."""
        return Offers(self.answerer, self.settings)

    def _open_live(self, most: int) -> Live:
        return Live(self.listener.hear, most=most, threads=min(self.listener.whisper.lanes, _LISTENING))

    @BuiltOnce
    def alexa(self) -> Endpoint:
        return open_endpoint(self.settings, self.answerer, self._city)

    @BuiltOnce
    def satellite(self) -> Satellite:
        return open_satellite(self.settings, self.answerer, self._city)

    def readings(self) -> dict[str, str]:
        """How the city's names and words are read."""
        return readings_of(self.knowledge.repository.load_table(self.settings.kb, "readings"))

    def start(self) -> None:
        """Load the models and the index, and take up unfinished recordings. What fails is told by /readyz."""
        template().get_ready()
        self.passing.sweep()
        self.tallies.start()
        self._try("whisper", lambda: self.whisper)
        self._try("index", self._warm_up)
        if self.settings.zone is not Zone.STAFF:
            self._try("alexa", lambda: self.alexa)
        if self.settings.zone is not Zone.PUBLIC:
            self.check_template()
            self.recorded.start()
            self.captions.start()
        self._publish_what_is_left()
        self.publisher.start()
        _log.info("started", extra={"zone": self.settings.zone.value, "kb": self.settings.kb})

    def stop(self) -> None:
        if self.settings.zone is not Zone.PUBLIC:
            self.captions.stop()
            self.recorded.stop()
        self.publisher.stop()
        if "live" in self.__dict__:
            self.live.stop()
        if "alexa" in self.__dict__:
            self.alexa.close()
        if "satellite" in self.__dict__:
            self.satellite.close()
        self.tallies.stop()
        self.database.dispose()
        _log.info("stopped")

    def check_template(self) -> None:
        """See whether minutes can be written in the administrator's Word file."""
        self._try("template", self.recorded.minutes.templates.check)

    def _try(self, name: str, load: Callable[[], object]) -> None:
        """Load a part; where it fails, the others serve."""
        try:
            load()
            self.failures.pop(name, None)
        except MadoguchiError as e:
            self.failures[name] = e.message
            _log.error("part not ready", extra={"part": name, "code": e.code})

    def _others(self) -> Others:
        kb, settings = self.settings.kb, self.settings
        has_own_indexes = bool(settings.database_url) and settings.index_store != "postgres"
        return Others(
            lambda: self.repository.times_written(kb),
            lambda: self.knowledge.is_behind(kb),
            lambda: self.knowledge.is_being_built(kb),
            looks=1 if has_own_indexes else _LOOKS_AFTER_OTHERS,
        )

    def _build_indexes(self) -> None:
        self.knowledge.build(self.settings.kb, lambda *_: None)

    def _publish_what_is_left(self) -> None:
        """Build what a crash kept from being built, here or in a command, and what was built with other models than those of the
        settings. What was rolled back stays so."""
        try:
            if self.knowledge.is_behind(self.settings.kb):
                self.publisher.publish(anew=True)
        except MadoguchiError:
            return  # the model is missing or damaged, which /readyz tells

    def _warm_up(self) -> None:
        self.knowledge.search("住民票", self.settings.kb, audience=Audience.RESIDENT, top=1)
        self.answerer.get_ready(self.settings.kb)

    @property
    def main_number(self) -> str:
        """Whom to call where there are no answers; empty before it was ever read. Asks no database."""
        return self.answerer.main_number(self.settings.kb) if "answerer" in self.__dict__ else ""

    def _city(self) -> City:
        rows = self.knowledge.repository.load_table(self.settings.kb, "departments")
        reception = Directory(rows, self.settings.holidays).get(RECEPTION)
        return City(
            name=self.settings.city,
            phone=reception.phone if reception else "",
            readings=self.readings(),
        )


def the_service(request: Request) -> Service:
    """A dependency of every route."""
    service: Service = request.app.state.service
    return service
