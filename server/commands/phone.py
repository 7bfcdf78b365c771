"""`madoguchi phone`: answers the telephone exchange, and records what it sends, until it is told to end."""

from __future__ import annotations

import asyncio
import resource
import signal
from dataclasses import asdict
from ipaddress import ip_address, ip_network
from typing import Annotated

import typer

from core.clock import now
from core.errors import SettingsError
from core.logging import logger, set_up_logging
from core.settings import Settings, load_settings
from telephony.media.options import MediaOptions
from telephony.media.recorder import MediaRecorder
from telephony.networks import PRIVATE, Network
from telephony.ongoing import OngoingCall
from telephony.sip.server import SipServer
from telephony.sip.settings import Certificate, SipSettings

_TOLD_EVERY_S = 60.0
_MOST_FILES = 65_536
_log = logger("phone")


def phone(
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="SIP を待ち受けるポート番号")] = None,
) -> None:
    """電話(SIP、SIPREC)を受けて録音します。文字にして記録に残すのは、serve か worker です。SIGTERM か Ctrl-C で終わります。"""
    given = {"sip_host": host, "sip_port": port}
    settings = load_settings(**{k: v for k, v in given.items() if v is not None})
    set_up_logging(settings.log_level)
    _allow_files()
    asyncio.run(_answer(settings))


async def _answer(settings: Settings) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    media = MediaRecorder(media_options(settings))
    server = SipServer(sip_settings(settings), media, settings.home / "calls", _note, now)
    await server.start()
    host = f"[{settings.sip_host}]" if ":" in settings.sip_host else settings.sip_host
    typer.echo(f"電話を待っています: sip:{host}:{server.port}", err=True)
    telling = asyncio.create_task(_tell(server))
    await ended.wait()
    telling.cancel()
    await server.stop()
    media.close()


async def _tell(server: SipServer) -> None:
    """Log what was answered and refused whenever it is more than before, so that a call that isn't recorded leaves a trace."""
    told = server.counts
    while True:
        await asyncio.sleep(_TOLD_EVERY_S)
        if (counts := server.counts) != told:
            _log.info("calls_counted", extra=asdict(counts))
            told = counts


def _allow_files() -> None:
    """A call has as many as thirteen files and ports open, in Opus, and the limit of a shell is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, _MOST_FILES)), hard))


def media_options(settings: Settings) -> MediaOptions:
    """Raises SettingsError."""
    try:
        ip_address(settings.sip_host)
    except ValueError:
        raise SettingsError("sip_host は「192.168.10.5」のようなアドレスで指定してください。") from None
    return MediaOptions(
        host=settings.sip_host,
        first_port=settings.rtp_first_port,
        last_port=settings.rtp_last_port,
        longest_call_s=settings.max_call_s,
        networks=_from(settings),
    )


def sip_settings(settings: Settings) -> SipSettings:
    """Raises SettingsError."""
    return SipSettings(
        host=settings.sip_host,
        port=settings.sip_port,
        tls_port=settings.sip_tls_port,
        certificate=_certificate(settings),
        told_host=settings.sip_told_host,
        networks=_from(settings),
        our_numbers=tuple(settings.phone_lines),
        unrecorded_numbers=tuple(settings.unrecorded_numbers),
        passwords={name: password.get_secret_value() for name, password in settings.sip_passwords.items()},
        digests=tuple(settings.sip_digests),
        trusted=_networks(settings.sip_trusted),
        keys_in_clear=settings.sip_keys_in_clear,
        most_calls=settings.max_calls,
        silence_s=settings.call_silence_s,
        longest_s=settings.max_call_s,
    )


def _certificate(settings: Settings) -> Certificate | None:
    if settings.sip_certificate is None and settings.sip_key is None:
        return None
    if settings.sip_certificate is None or settings.sip_key is None:
        raise SettingsError("sip_certificate と sip_key は、両方を設定してください。")
    return Certificate(chain=settings.sip_certificate, key=settings.sip_key, authorities=settings.sip_authorities)


def _from(settings: Settings) -> tuple[Network, ...]:
    return _networks(settings.sip_networks) or PRIVATE


def _networks(written: list[str]) -> tuple[Network, ...]:
    try:
        return tuple(map(ip_network, written))
    except ValueError:
        raise SettingsError("sip_networks と sip_trusted は「192.168.10.0/24」の形で指定してください。") from None


def _note(call: OngoingCall) -> None:
    """The server or the worker finds it by itself."""
    _log.info("call_recorded", extra={"call": call.folder.name})
