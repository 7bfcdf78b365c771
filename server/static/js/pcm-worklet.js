/** Sound of the microphone in, blocks of 16-bit mono PCM at 16 kHz out; runs beside the page. */

const RATE = 16000;
const BLOCK = 1600; // 0.1 s

class Pcm extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
    this.step = sampleRate / RATE;
    this.due = this.step; // source samples until the next one goes out
    this.sum = 0;
    this.count = 0;
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    for (const sample of inputs[0]?.[0] ?? []) {
      this.sum += sample; // the mean of those between keeps what 16 kHz can't hold low
      this.count += 1;
      this.due -= 1;
      if (this.due > 0) continue;
      this.due += this.step;
      this.push(this.sum / this.count);
      this.sum = this.count = 0;
    }
    return true;
  }

  /** @param {number} value */
  push(value) {
    this.block[this.filled++] = Math.max(-1, Math.min(1, value)) * 32767;
    if (this.filled < BLOCK) return;
    this.port.postMessage(this.block.buffer, [this.block.buffer]);
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
  }
}

registerProcessor("pcm", Pcm);
