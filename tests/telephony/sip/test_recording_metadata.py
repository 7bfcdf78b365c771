"""What recording clients of many makers tell of a call, each in its dialect."""

from __future__ import annotations

from dataclasses import replace

import pytest
from peers import METADATA

from telephony.sip.numbers import Numbers
from telephony.sip.parties import Parties, parties_of_recording
from telephony.sip.recording_metadata import LONGEST_BYTES, MOST_ELEMENTS, Metadata, Unreadable, read_metadata

NOBODY = Numbers.read(())
OURS = Numbers.read(("0986760000",))


def heard(xml: str, *labels: str, ours: Numbers = NOBODY) -> Parties:
    return parties_of_recording(dict(enumerate(labels)), read_metadata(xml.encode()), ours)


def numbers(parties: Parties) -> tuple[str, str, int]:
    """Ours, theirs, and the leg on which we speak."""
    return parties.ours.number, parties.other.number, parties.our_leg


def person(id_: str, aor: str, more: str = "") -> str:
    return f'<participant participant_id="{id_}"><nameID aor="{aor}"/>{more}</participant>'


def test_the_standards_own_form_tells_who_is_on_which_stream() -> None:
    parties = heard(METADATA, "1", "2")
    assert numbers(parties) == ("0986760000", "0986760001", 1) and (parties.ours.name, parties.other.name) == (
        "市民課",
        "鈴木 花子",
    )
    assert numbers(heard(METADATA, "2", "1")) == ("0986760000", "0986760001", 0)


def test_the_citys_number_tells_who_is_the_city_when_it_calls() -> None:
    assert numbers(heard(METADATA, "1", "2", ours=Numbers.read(("0986760001",)))) == ("0986760001", "0986760000", 0)


def test_of_two_numbers_of_the_citys_the_called_one_answers() -> None:
    assert numbers(heard(METADATA, "1", "2", ours=Numbers.read(("098676*",)))) == ("0986760000", "0986760001", 1)


ORACLE = """<?xml version='1.0' encoding='UTF-8'?>
<recording xmlns='urn:ietf:params:xml:ns:recording'><datamode>complete</datamode>
<session id="s"><associate-time>2026-11-28T09:00:00</associate-time>
<extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:ucid>00FA;encoding=hex</apkt:ucid></extensiondata></session>
<participant id="p1" session="s"><nameID aor="sip:0986760000@10.0.0.1"><name>soo</name></nameID><send>st1</send>
<extensiondata xmlns:apkt="http:/acmepacket.com/siprec/extensiondata"><apkt:callingParty>false</apkt:callingParty></extensiondata>
</participant>
<participant id="p2" session="s"><nameID aor="sip:0986760001@10.0.0.2"><name>"鈴木"</name></nameID><send>st2</send>
<extensiondata xmlns:apkt="http:/acmepacket.com/siprec/extensiondata"><apkt:callingParty>true</apkt:callingParty></extensiondata>
</participant>
<stream id="st1" session="s"><label>16777227</label></stream>
<stream id="st2" session="s"><label>16777228</label></stream></recording>"""


def test_oracle_says_itself_who_called() -> None:
    parties = heard(ORACLE, "16777227", "16777228")
    assert numbers(parties) == ("0986760000", "0986760001", 0) and parties.other.name == "鈴木"


def test_of_one_mixed_stream_both_parties_are_known() -> None:
    parties = heard(ORACLE, "16777227")
    assert (parties.ours.number, parties.other.number) == ("0986760000", "0986760001")


SONUS = """<?xml version="1.0"?><tns:recording xmlns:tns='urn:ietf:params:xml:ns:recording'><tns:datamode>complete</tns:datamode>
<tns:group group_id="g"><tns:associate-time>1970-05-15T00:41:05Z</tns:associate-time>
<callData xmlns='urn:ietf:params:xml:ns:callData'><fromhdr>"鈴木" &lt;sip:0986760001@192.0.2.9&gt;;tag=1</fromhdr>
<tohdr>&lt;sip:0986760000@192.0.2.1&gt;;tag=2</tohdr><callid>x</callid></callData></tns:group>
<tns:participant participant_id="p1"><tns:nameID aor="172.16.0.1"/></tns:participant>
<tns:participant participant_id="p2"><tns:nameID aor="172.16.0.2"/></tns:participant>
<tns:stream stream_id="s1"><tns:label>1</tns:label></tns:stream><tns:stream stream_id="s2"><tns:label>2</tns:label></tns:stream>
<tns:participantstreamassoc participant_id="p1"><tns:send>s2</tns:send></tns:participantstreamassoc>
<tns:participantstreamassoc participant_id="p2"><tns:send>s1</tns:send></tns:participantstreamassoc>
</tns:recording>"""


def test_ribbons_own_words_are_believed_rather_than_its_crossed_senders() -> None:
    assert numbers(heard(SONUS, "1", "2")) == ("0986760000", "0986760001", 1)


CISCO = f"""<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>complete</datamode>
{person("a", "sip:0986760001@10.0.0.1")}{person("b", "sip:0986760000@10.0.0.2")}
<stream stream_id="x"><label>97</label></stream><stream stream_id="y"><label>98</label></stream>
<participantstreamassoc participant_id="a"/><participantstreamassoc participant_id="b"/></recording>"""
SEMS = f"""<recording xmlns='urn:ietf:params:xml:ns:recording:1'>{person("a", "0986760001@10.0.0.1")}{person("b", "0986760000")}
<stream stream_id="x"><label>a_leg</label></stream><stream stream_id="y"><label>b_leg</label></stream></recording>"""
BROADWORKS = """<recording_metadata xmlns='urn:ietf:params:xml:ns:siprec'><dataMode>complete</dataMode>
<participant id="a"><aor>sip:0986760001@as.example.jp</aor><name>Suzuki</name></participant>
<participant id="b"><aor>tel:0986760000</aor></participant></recording_metadata>"""


@pytest.mark.parametrize(
    ("xml", "labels"), [(CISCO, ("97", "98")), (SEMS, ("a_leg", "b_leg")), (BROADWORKS, ("m",)), (CISCO, ("", ""))]
)
def test_where_nothing_links_them_the_caller_comes_first(xml: str, labels: tuple[str, ...]) -> None:
    assert numbers(heard(xml, *labels)) == ("0986760000", "0986760001", 1)


def test_one_linked_stream_leaves_the_other_party_to_the_other() -> None:
    xml = CISCO.replace(
        '<participantstreamassoc participant_id="b"/>',
        '<participantstreamassoc participant_id="b"><send>x</send></participantstreamassoc>',
    )
    assert numbers(heard(xml, "97", "98")) == ("0986760000", "0986760001", 0)


def test_avayas_stand_in_is_nobody_until_the_real_ones_are_told() -> None:
    first = f"<recording>{person('d', 'sip:ASBCE@avaya.com')}</recording>"
    assert numbers(heard(first, "1", "2")) == ("", "", 1)


def test_unknown_elements_attributes_and_namespaces_are_left_alone() -> None:
    strange = METADATA.replace(
        "<session ", '<nice:ext xmlns:nice="urn:n" a="b"><nice:deep/></nice:ext><!-- c --><?pi x?><session '
    )
    assert numbers(heard(strange, "1", "2")) == ("0986760000", "0986760001", 1)


def partly(xml: str) -> Metadata:
    return read_metadata(
        f"<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>partial</datamode>{xml}</recording>".encode()
    )


def test_a_part_of_the_metadata_adds_to_what_was_told() -> None:
    known = read_metadata(METADATA.encode()).with_news(partly(person("Y2FsbGVy", "", "<nameID><name>新しい名前</name></nameID>")))
    assert known.participants["Y2FsbGVy"].name == "新しい名前" and known.participants["Y2FsbGVy"].number == "0986760001"
    assert known.speakers("1") == ["Y2FsbGVy"]


def test_a_client_that_goes_on_telling_of_streams_fills_no_memory() -> None:
    known = read_metadata(METADATA.encode())
    for n in range(20):
        streams = "".join(f'<stream stream_id="s{n}-{i}"><label>{n}-{i}</label></stream>' for i in range(500))
        known = known.with_news(partly(streams))
    assert len(known.labels) <= MOST_ELEMENTS and known.speakers("1") == ["Y2FsbGVy"]


def test_who_is_transferred_goes_and_another_comes() -> None:
    news = partly(
        person("third", "sip:0986760002@example.jp")
        + '<participantsessionassoc participant_id="Y2FsbGVk"><disassociate-time>2026-11-28T09:00:00Z</disassociate-time>'
        + "</participantsessionassoc>"
        + '<participantstreamassoc participant_id="third"><send>c3RyZWFtMg==</send></participantstreamassoc>'
    )
    known = read_metadata(METADATA.encode()).with_news(news)
    parties = parties_of_recording({0: "1", 1: "2"}, known, NOBODY)
    assert numbers(parties) == ("0986760002", "0986760001", 1)


@pytest.mark.parametrize("datamode", ["partial", "complete"])
def test_who_is_held_stays_on_the_leg_that_it_was_on(datamode: str) -> None:
    held = (
        METADATA.replace("complete", datamode).replace("<send>c3RyZWFtMQ==</send>", "").replace("<send>c3RyZWFtMg==</send>", "")
    )
    known = read_metadata(METADATA.encode()).with_news(read_metadata(held.encode()))
    assert numbers(parties_of_recording({0: "2", 1: "1"}, known, NOBODY)) == ("0986760000", "0986760001", 0)


UNLINKED = f"""<recording xmlns='urn:ietf:params:xml:ns:recording:1'>
{person("a", "sip:0986760001@10.0.0.1")}{person("b", "sip:0986760000@10.0.0.2")}</recording>"""


@pytest.mark.parametrize("xml", [METADATA, CISCO, UNLINKED])
def test_who_is_told_of_in_another_order_speaks_on_the_same_side(xml: str) -> None:
    first = read_metadata(xml.encode())
    turned = replace(first, participants=dict(reversed(first.participants.items())))
    assert first.with_news(turned) == first
    assert list(first.with_news(turned).participants) == list(first.participants)


def test_a_whole_snapshot_replaces_what_was_told() -> None:
    snapshot = read_metadata(SEMS.encode())
    assert read_metadata(METADATA.encode()).with_news(snapshot) == snapshot


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"no xml",
        b"<recording>",
        b'<!DOCTYPE r [<!ENTITY a "x">]><recording>&a;</recording>',
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><recording/>',
        b"<recording>" + b"<a/>" * 3_000 + b"</recording>",
        b"<recording>" + b" " * LONGEST_BYTES + b"</recording>",
        b"<a>" * 5_000,
        b"<recording>" + b"<participant id='a'>" * 100 + b"</participant>" * 100 + b"</recording>",
    ],
)
def test_what_is_no_metadata_or_too_much_of_it_is_unreadable(xml: bytes) -> None:
    with pytest.raises(Unreadable):
        read_metadata(xml)


def test_names_are_one_short_line_without_control_characters() -> None:
    long = METADATA.replace("鈴木 花子", "鈴\u202e木&#10;&#9;" + "花" * 500)
    name = heard(long, "1", "2").other.name
    assert name.startswith("鈴木") and len(name) <= 100 and name.isprintable()
