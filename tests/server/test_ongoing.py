"""Promises of /api/staff/calls/live: staff alone read along, whoever comes late gets all of it, and it ends with the login."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from core.clock import now
from server.session import COOKIE
from telephony.ongoing import Before, Ended, Event, Happened, OngoingCall
from telephony.said import Said
from tests.conftest import API_KEY, LiveServer, Speech
from tests.telephony.phone_kit import OTHER, OURS, legs_of, play, ringing

PATH = "/api/staff/calls/live"
ASKED = "粗大ごみを捨てたいのですが、どうすればいいですか。"
SECRET = "かなりあ鳥の秘密"

pytestmark = pytest.mark.process

Message = dict[str, Any]
Reads = Callable[..., ClientConnection]
Begins = Callable[..., OngoingCall]


@pytest.fixture(scope="module")
def cookie(live_server: LiveServer) -> dict[str, str]:
    cookies = httpx.post(f"{live_server.url}/staff/login", data={"password": live_server.password}).cookies
    return {"Cookie": f"{COOKIE}={cookies[COOKIE]}"}


@pytest.fixture
def read(live_server: LiveServer, cookie: dict[str, str]) -> Iterator[Reads]:
    """read(call) -> the connection of a clerk who reads it along."""
    url = live_server.url.replace("http", "ws") + PATH
    with ExitStack() as stack:

        def open_one(call: OngoingCall | None = None, headers: dict[str, str] | None = None) -> ClientConnection:
            given = cookie if headers is None else headers
            reader = stack.enter_context(connect(url, additional_headers=given, open_timeout=30))
            if call is not None:
                reader.send(json.dumps({"call": call.folder.name}))
            return reader

        yield open_one


@pytest.fixture
def phone(live_server: LiveServer, tmp_path: Path) -> Iterator[Begins]:
    with ringing(live_server.home, tmp_path) as ring:
        yield ring


def awaited(reader: ClientConnection, kind: str, true: Callable[[Message], object] = bool) -> Message:
    """The next message of a type of which something is true."""
    while True:
        message: Message = json.loads(reader.recv(timeout=60))
        if message["type"] == kind and true(message):
            return message


def test_a_clerk_reads_a_call_along(read: Reads, phone: Begins, speech: Speech) -> None:
    call = phone(other_name="鈴木", other_number="0986760000")
    legs = legs_of(speech, [(OTHER, ASKED)])
    reader = read(call)
    assert datetime.fromisoformat(awaited(reader, "now")["at"]).utcoffset()
    (listed,) = awaited(reader, "calls", lambda m: m["calls"])["calls"]
    assert (listed["id"], listed["other_name"], listed["other_number"]) == (call.folder.name, "鈴木", "0986760000")
    assert awaited(reader, "lines")["lines"] == []
    play(call, legs)
    said = awaited(reader, "lines")
    assert [(line["kind"], line["side"]) for line in said["lines"]] == [("said", "other")]
    assert "ごみを捨てたい" in said["lines"][0]["text"] and not said["whole"]
    offer = awaited(reader, "offer")
    assert offer["answer"]["band"] == "answer" and "粗大ごみ" in offer["answer"]["citations"][0]["question"]
    assert offer["asked"] == said["lines"][0]["text"]


def test_who_reads_a_call_along_stands_in_the_log_once(
    live_server: LiveServer, cookie: dict[str, str], read: Reads, phone: Begins
) -> None:
    call = phone([Said(leg=OTHER, start_s=1, end_s=2, text="転入届を出したいのですが")])
    for _ in range(2):
        awaited(read(call), "lines")
    awaited(read(), "calls", lambda m: m["calls"])  # the list alone is not reading
    found = httpx.get(f"{live_server.url}/api/staff/record-log", params={"record": call.folder.name}, headers=cookie).json()
    assert [(line["who"], line["deed"]) for line in found["lines"]] == [("職員", "read")]


def test_a_partial_text_is_sent_and_taken_back(read: Reads, phone: Begins, speech: Speech) -> None:
    call = phone()
    reader = read(call)
    line, silence = (legs_of(speech, said, pause_s=pause_s) for said, pause_s in (([(OTHER, ASKED)], 0), ([], 2)))
    seen = threading.Event()

    def speak() -> None:
        """Without a pause, until a partial text was made, however slow the machine is."""
        while not seen.is_set():
            play(call, line, speed=1)
        play(call, silence)

    with ThreadPoolExecutor(1) as speaking:
        spoken = speaking.submit(speak)
        try:
            (saying,) = awaited(reader, "call", lambda m: m["saying"])["saying"]
        finally:
            seen.set()
        spoken.result()
    assert saying["side"] == "other" and saying["text"]
    assert awaited(reader, "call", lambda m: not m["saying"])["call"]["hearing"] == "heard"


def test_who_comes_late_gets_all_of_it_at_once(read: Reads, phone: Begins) -> None:
    said = [Said(leg=n % 2, start_s=n, end_s=n + 0.9, text=f"{n}番目です") for n in range(200)]
    losses = [Event(kind=Happened.LOST, at_s=at_s, leg=OTHER, lasts_s=lasts_s) for at_s, lasts_s in ((50.2, 1.26), (90.0, 0.02))]
    call = phone(said, losses, our_leg=OTHER)
    for _ in range(2):
        lines = awaited(read(call), "lines")
        assert lines["whole"]
        assert [line["text"] for line in lines["lines"][:200]] == [f"{n}番目です" for n in range(200)]
        assert [line["side"] for line in lines["lines"][:2]] == ["other", "ours"]
        (lost,) = lines["lines"][200:]  # but not what is too short to take a sound away
        assert (lost["kind"], lost["side"], lost["lasts"], lost["start"]) == ("lost", "ours", 1.3, 50.2)


def test_who_reads_a_call_along_stands_in_the_log_of_records(read: Reads, phone: Begins, live_server: LiveServer) -> None:
    call, other = phone(), phone()
    awaited(read(call), "lines")
    with httpx.Client(base_url=live_server.url) as clerk:
        clerk.post("/staff/login", data={"password": live_server.password})
        (line,) = clerk.get("/api/staff/record-log", params={"record": call.folder.name}).json()["lines"]
        assert (line["deed"], line["kind"], line["who"]) == ("read", "call", "職員")
        assert clerk.get("/api/staff/record-log", params={"record": other.folder.name}).json()["lines"] == []


def test_another_call_can_be_chosen(read: Reads, phone: Begins) -> None:
    first, second = (phone([Said(leg=OURS, start_s=1, end_s=2, text=text)]) for text in ("一つめ", "二つめ"))
    reader = read(first)
    assert [line["text"] for line in awaited(reader, "lines")["lines"]] == ["一つめ"]
    reader.send(json.dumps({"call": second.folder.name}))
    lines = awaited(reader, "lines", lambda m: m["id"] == second.folder.name)
    assert [line["text"] for line in lines["lines"]] == ["二つめ"] and lines["whole"]


def test_the_sides_of_a_lone_leg_are_not_guessed(read: Reads, phone: Begins) -> None:
    call = phone([Said(leg=0, start_s=1, end_s=2, text="はい")], lone_leg=True)
    assert [line["side"] for line in awaited(read(call), "lines")["lines"]] == [None]


def test_when_the_exchange_says_later_whose_leg_is_whose_the_page_follows(read: Reads, phone: Begins) -> None:
    said = [Said(leg=OTHER, start_s=1, end_s=2, text=ASKED), Said(leg=OURS, start_s=3, end_s=4, text="はい。")]
    call = phone(said, [Event(kind=Happened.KEY, at_s=5.0, leg=OTHER)])
    reader = read(call)
    assert [line["side"] for line in awaited(reader, "lines")["lines"]] == ["other", "ours", "other"]
    assert awaited(reader, "offer")["asked"] == ASKED
    call.describe(replace(call.call, our_leg=OTHER, other_name="田中"))
    assert awaited(reader, "call", lambda m: m["call"]["other_name"] == "田中")
    told = [json.loads(reader.recv(timeout=60)) for _ in range(2)]
    assert [m["type"] for m in told] == ["offer", "lines"] and told[0]["answer"] is None, "the clerk asked nothing"
    assert [line["side"] for line in told[1]["lines"]] == ["ours", "other", "ours"] and told[1]["whole"]


def test_after_a_transfer_each_stands_by_what_they_said(read: Reads, phone: Begins) -> None:
    spoke = ((OTHER, 1.0, 2.0), (OURS, 3.0, 4.5), (OURS, 4.1, 5.5), (OURS, 9.0, 10.0))  # the third before the exchange told of it
    said = [Said(leg=leg, start_s=start_s, end_s=end_s, text="はい。") for leg, start_s, end_s in spoke]
    call = phone(said)
    reader = read(call)
    assert [line["speaker"] for line in awaited(reader, "lines")["lines"]] == ["鈴木", "市民課", "市民課", "市民課"]
    call.describe(replace(call.call, our_name="税務課", before=(Before(leg=OURS, until_s=5.0, name="市民課"),)))
    told = awaited(reader, "lines")
    assert [line["speaker"] for line in told["lines"]] == ["鈴木", "市民課", "税務課", "税務課"] and told["whole"]


def test_the_end_is_told_and_then_where_the_record_is(
    read: Reads, phone: Begins, speech: Speech, live_server: LiveServer
) -> None:
    call = phone()
    reader = read(call)
    play(call, legs_of(speech, [(OTHER, ASKED)]))
    awaited(reader, "lines", lambda m: m["lines"])
    call.end(Ended(at=now(), why="bye"))
    assert awaited(reader, "missing", lambda m: m["recorded"])["id"] == call.folder.name
    with httpx.Client(base_url=live_server.url) as clerk:
        clerk.post("/staff/login", data={"password": live_server.password})
        assert clerk.get(PATH).json()["calls"] == []
        assert clerk.get(f"/api/staff/calls/{call.folder.name}").json()["other_name"] == "鈴木"
        clerk.delete(f"/api/staff/calls/{call.folder.name}")


def test_until_the_record_is_there_the_end_alone_is_told(read: Reads, phone: Begins) -> None:
    call = phone()
    reader = read(call)
    awaited(reader, "call")
    OngoingCall(call.folder).end(Ended(at=now(), why="bye"))  # whoever takes it in must wait still
    told = awaited(reader, "call", lambda m: m["ended_at"])
    assert not told["recorded"] and told["call"]["hearing"] in ("heard", "over")


def test_a_call_that_nobody_knows_is_missing(read: Reads) -> None:
    reader = read()
    reader.send(json.dumps({"call": "nobody"}))
    assert awaited(reader, "missing", lambda _: True) == {"type": "missing", "recorded": False, "id": "nobody"}


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        "[]",
        '{"call": 1}',
        '{"call": "' + "a" * 2000 + '"}',
        '{"call": "a", "b": 1}',
        '{"call": "../etc"}',
        '{"call": "a\\u0000"}',
        "[" * 900,
    ],
)
def test_what_is_not_of_the_protocol_is_told_and_closes(read: Reads, sent: str) -> None:
    reader = read()
    reader.send(sent)
    assert awaited(reader, "error")["code"] == "invalid_input"
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            reader.recv(timeout=30)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008


def test_strangers_and_programs_are_refused(read: Reads, cookie: dict[str, str], live_server: LiveServer) -> None:
    for headers, status in (
        ({}, 401),
        ({"Authorization": f"Bearer {API_KEY}"}, 401),
        (cookie | {"Origin": "https://elsewhere.example"}, 403),
    ):
        with pytest.raises(InvalidStatus) as refused:
            read(headers=headers)
        assert refused.value.response.status_code == status
    assert httpx.get(live_server.url + PATH).status_code == 401
    assert httpx.get(live_server.url + PATH, headers=cookie).json()["calls"] == []


def test_the_logout_ends_what_is_read_in_another_tab(read: Reads, live_server: LiveServer) -> None:
    with httpx.Client(base_url=live_server.url) as browser:
        browser.post("/staff/login", data={"password": live_server.password})
        reader = read(headers={"Cookie": f"{COOKIE}={browser.cookies[COOKIE]}"})
        awaited(reader, "calls", lambda _: True)
        browser.post("/staff/logout")
    assert awaited(reader, "error")["code"] == "unauthorised"


def test_the_public_zone_has_none_of_it(public: TestClient) -> None:
    assert public.get(PATH).status_code == public.get("/staff/calls/live").status_code == 404
    with pytest.raises(WebSocketDisconnect), public.websocket_connect(PATH):
        pass


def test_the_page_leads_to_the_login_and_back(closed: TestClient) -> None:
    page = closed.get("/staff/calls/live", follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/staff/login")


def test_nothing_that_is_said_is_in_the_log(read: Reads, phone: Begins, live_server: LiveServer) -> None:
    said = Said(leg=OTHER, start_s=1, end_s=2, text=f"{SECRET}はどこで聞けますか。")
    call = phone([said], other_name=SECRET, other_number="0986999999")
    awaited(read(call), "lines", lambda m: m["lines"])
    log = live_server.log.read_text("utf-8")
    for secret in (SECRET, json.dumps(SECRET)[1:-1], "0986999999"):
        assert secret not in log
