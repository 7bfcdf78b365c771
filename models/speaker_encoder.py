"""Windows of speech in, a vector for each voice out: the GE2E encoder (https://arxiv.org/abs/1710.10467) in NumPy.

The weights are Resemblyzer's (a 3-layer LSTM of 256 over 40 mel bands). A vector identifies a person: keep it no longer than
the recording is being worked on, and never store or log it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from core.settings import Settings
from models.checkpoint import read_checkpoint
from models.store import ModelStore

Array = npt.NDArray[np.float32]

SAMPLE_RATE_HZ = 16_000
WINDOW_S = 1.6  #: the length that the encoder was trained on
DIMENSIONS = 256

_MODEL = "ge2e-speaker-encoder"
_FFT, _HOP, _BANDS = 400, 160, 40
_LAYERS = 3
_HALF = np.float32(0.5)
_LOUDNESS = 10 ** (-30 / 20)  # root mean square, as in the encoder's training
_SILENCE = 1e-5  # below one step of 16 bits
_BATCH = 128
"""Windows in one go: enough for matrix products at full speed, and about 100 MB while they are worked on."""
_AHEAD = 16
"""Frames whose inputs are multiplied in one product, before the steps that wait for each other."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """One LSTM layer. Its gates are in the order input, forget, output, candidate. The weights of the first three are halved:
    sigmoid(x) = tanh(x / 2) / 2 + 1/2, so that one tanh serves all four."""

    from_input: Array  #: (inputs, 4 * hidden)
    from_hidden: Array  #: (hidden, 4 * hidden)
    bias: Array  #: (4 * hidden,)


class SpeakerEncoder:
    """Gives vectors whose dot product says how alike two voices are. Safe to share between threads."""

    def __init__(self, state: dict[str, Array], threads: int) -> None:
        self._layers = tuple(_layer(state, i) for i in range(_LAYERS))
        self._linear = np.ascontiguousarray(state["linear.weight"].T)
        self._linear_bias = state["linear.bias"]
        self._fourier = _fourier()
        self._filters = mel_filters()
        self._threads = threads
        self._blas = ThreadpoolController()
        self._turn = threading.Lock()

    def embed(self, windows: Array) -> Array:
        """(n, samples at 16 kHz in [-1, 1]) to (n, 256), each row of length 1."""
        return self._on_all_threads(windows, lambda batch: self._embed(self._mel(batch)))

    def embed_along(self, samples: Array, starts_s: npt.NDArray[np.float64]) -> Array:
        """Windows of a stretch of sound, which begin at these seconds of it (to 10 ms), to (n, 256).

        Each is brought to the loudness of the encoder's training, so that a voice far from the microphone is heard like one
        close to it. Windows that overlap share their spectra: a third of the work.
        """
        first = np.round(starts_s * SAMPLE_RATE_HZ / _HOP).astype(np.intp)
        frames = round(WINDOW_S * SAMPLE_RATE_HZ / _HOP)
        mel = self._mel(samples[None])[:, 0]
        squares = np.square(samples[: len(mel) * _HOP].reshape(-1, _HOP), dtype=np.float64).sum(axis=1)
        energy = np.concatenate(([0.0], squares.cumsum()))
        power = (energy[first + frames] - energy[first]) / (frames * _HOP)
        gain = (_LOUDNESS**2 / np.maximum(power, _SILENCE**2)).astype(np.float32)

        def embed(i: npt.NDArray[np.intp]) -> Array:
            begins = first[i, None] * _HOP
            sequence = mel[first[i] + np.arange(frames)[:, None]]
            # Frames at the ends of a window reach beyond it, where the encoder expects silence.
            sequence[:2] = self._mel(samples[begins + np.arange(_HOP + _FFT // 2)])
            sequence[-1] = self._mel(samples[begins + np.arange((frames - 3) * _HOP, frames * _HOP)])[-1]
            return self._embed(sequence * gain[i, None])

        return self._on_all_threads(np.arange(len(first)), embed)

    def _on_all_threads(self, windows: npt.NDArray[Any], embed: Callable[[npt.NDArray[Any]], Array]) -> Array:
        size = min(_BATCH, -(-len(windows) // self._threads)) or 1
        batches = [windows[at : at + size] for at in range(0, len(windows), size)]
        # A batch a thread, each with single-threaded products: the threads of the BLAS would wait for each other at every
        # step of the LSTM, which on a busy machine costs ten times the work itself. Its limit is global, hence the lock.
        with self._turn, self._blas.limit(limits=1, user_api="blas"), ThreadPoolExecutor(self._threads) as pool:
            vectors = list(pool.map(embed, batches))
        return np.concatenate(vectors) if vectors else np.empty((0, DIMENSIONS), np.float32)

    def _mel(self, windows: Array) -> Array:
        """(frames, n, bands): power, not logarithmic, frames centred on multiples of 10 ms, as librosa's defaults are."""
        padded = np.pad(windows, ((0, 0), (_FFT // 2, _FFT // 2)))
        frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT, axis=1)[:, ::_HOP][:, : windows.shape[1] // _HOP]
        # For 400 points a product with the Fourier matrix is faster than NumPy's transform.
        power = np.square(frames.transpose(1, 0, 2).reshape(-1, _FFT) @ self._fourier)
        half = power.shape[1] // 2
        mel: Array = (power[:, :half] + power[:, half:]) @ self._filters
        return mel.reshape(-1, len(windows), _BANDS)

    def _embed(self, mel: Array) -> Array:
        sequence = mel
        for layer in self._layers:
            sequence = _run(layer, sequence)
        vectors = np.maximum(sequence[-1] @ self._linear + self._linear_bias, 0.0)
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        normalised: Array = vectors / np.maximum(length, np.finfo(np.float32).tiny)
        return normalised


def load_speaker_encoder(settings: Settings) -> SpeakerEncoder:
    """The encoder from the store. Raises ModelMissing, ModelDamaged."""
    verified = ModelStore(settings.home / "models").resolve(_MODEL)
    return SpeakerEncoder(read_checkpoint(verified.path / "pretrained.pt", "model_state"), settings.cpu_threads)


def _fourier() -> Array:
    """(400, 402): a Hann window and the cosine, then the sine, part of each frequency."""
    at = np.arange(_FFT)[:, None]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * at / _FFT)
    phase = 2 * np.pi * at * np.arange(_FFT // 2 + 1) / _FFT
    return np.hstack((hann * np.cos(phase), hann * np.sin(phase))).astype(np.float32)


def mel_filters() -> Array:
    """(201, 40): triangles of equal area on Slaney's mel scale from 0 to 8 kHz, as `librosa.filters.mel` makes them."""
    edges = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE_HZ / 2), _BANDS + 2))
    bins = np.linspace(0.0, SAMPLE_RATE_HZ / 2, _FFT // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * 2.0 / (edges[2:] - edges[:-2])).astype(np.float32)


_LINEAR_BELOW_HZ, _HZ_PER_MEL = 1000.0, 200.0 / 3
_LOG_STEP = np.log(6.4) / 27


def _hz_to_mel(hz: float) -> float:
    return float(_LINEAR_BELOW_HZ / _HZ_PER_MEL + np.log(hz / _LINEAR_BELOW_HZ) / _LOG_STEP)  # for hz above 1000


def _mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    corner = _LINEAR_BELOW_HZ / _HZ_PER_MEL
    return np.where(mel < corner, mel * _HZ_PER_MEL, _LINEAR_BELOW_HZ * np.exp(_LOG_STEP * (mel - corner)))


def _layer(state: dict[str, Array], number: int) -> _Layer:
    def gates(name: str) -> Array:
        entry, forget, candidate, out = np.split(state[f"lstm.{name}_l{number}"], 4)
        return np.concatenate((entry * _HALF, forget * _HALF, out * _HALF, candidate))

    return _Layer(
        from_input=np.ascontiguousarray(gates("weight_ih").T),
        from_hidden=np.ascontiguousarray(gates("weight_hh").T),
        bias=gates("bias_ih") + gates("bias_hh"),
    )


def _run(layer: _Layer, sequence: Array) -> Array:
    """(frames, n, inputs) to (frames, n, hidden)."""
    frames, n, inputs = sequence.shape
    size = layer.from_hidden.shape[0]
    outputs = np.empty((frames, n, size), np.float32)
    hidden = np.zeros((n, size), np.float32)
    cell = np.zeros((n, size), np.float32)
    for start in range(0, frames, _AHEAD):
        ahead = sequence[start : start + _AHEAD].reshape(-1, inputs) @ layer.from_input
        ahead += layer.bias
        for i, from_inputs in enumerate(ahead.reshape(-1, n, 4 * size), start):
            gates = np.add(from_inputs, hidden @ layer.from_hidden, out=from_inputs)
            np.tanh(gates, out=gates)
            switches = gates[:, : 3 * size]
            switches *= _HALF
            switches += _HALF
            cell *= switches[:, size : 2 * size]
            cell += switches[:, :size] * gates[:, 3 * size :]
            hidden = np.multiply(switches[:, 2 * size :], np.tanh(cell), out=outputs[i])
    return outputs
