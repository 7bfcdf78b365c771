"""A decoded frame in, a graph of FFmpeg filters for it and its like out: to 16 kHz, and to as many channels as are wanted."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from av.filter import Graph

from asr.errand import SAMPLE_RATE_HZ

_AS_WRITTEN = ("flt", "dbl")  # samples that come from the file itself, and so may be no numbers


def resampling(frame: Any, layout: str, mix: str = "") -> Any:
    """A graph of FFmpeg filters on one thread: PyAV's AudioResampler starts one for each core, and threads are sealed off.

    Args:
        mix: how the channels are made of the frame's, in the words of the filter `pan`; empty for the usual way.
    """
    graph = Graph()
    graph.threads = 1
    source = graph.add(
        "abuffer",
        sample_rate=str(frame.sample_rate),
        sample_fmt=frame.format.name,
        channel_layout=frame.layout.name,
        time_base=f"1/{frame.sample_rate}",
    )
    numbers = [graph.add("aeval", "if(isnan(val(ch)),0,val(ch)):c=same")] if frame.format.name in _AS_WRITTEN else []
    mixing = [graph.add("pan", mix)] if mix else []
    form = graph.add("aformat", sample_rates=str(SAMPLE_RATE_HZ), sample_fmts="s16p", channel_layouts=layout)
    steps = [source, *numbers, *mixing, form, graph.add("abuffersink")]
    for step, following in pairwise(steps):
        step.link_to(following)
    graph.configure()
    return graph


def pulled(graph: Any) -> Iterable[Any]:
    while True:
        try:
            yield graph.pull()
        except (BlockingIOError, EOFError):
            return
