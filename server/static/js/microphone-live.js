/** The microphone as it is heard: blocks of 16-bit PCM at 16 kHz, until told to stop. */

const RATE = 16000;

/** @type {Record<string, string>} */
const REFUSALS = {
  NotAllowedError: "マイクの使用が許可されていません。ブラウザの設定でこのページのマイクを許可してください。",
  SecurityError: "この画面ではマイクを使えません。管理者に連絡してください。",
  NotFoundError: "マイクが見つかりません。マイクをつないで、もう一度お試しください。",
  NotReadableError: "マイクがほかのアプリで使われているようです。そのアプリを閉じて、もう一度お試しください。",
};

/** @returns {string | null} why this page can't hear at all */
function impossible() {
  if (!window.isSecureContext) return "字幕は、安全な接続（https）で開いたときだけ使えます。管理者に連絡してください。";
  if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) return "このブラウザでは字幕を使えません。新しいブラウザで開いてください。";
  return null;
}

export class LiveMicrophone {
  constructor() {
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {any} */
    this.awake = null;
  }

  /**
   * Throws an Error whose message is for people; the microphone may be on then, until it is stopped.
   * @param {(block: ArrayBuffer) => void} onBlock ten times a second
   */
  async start(onBlock) {
    const reason = impossible();
    if (reason) throw new Error(reason);
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    } catch (error) {
      throw new Error(REFUSALS[/** @type {Error} */ (error).name] ?? "マイクを使えませんでした。つなぎ直して、もう一度お試しください。");
    }
    const source = this.#source(this.stream);
    const context = source.context;
    try {
      await context.audioWorklet.addModule(new URL("./pcm-worklet.js", import.meta.url));
    } catch {
      throw new Error("字幕の部品を読み込めませんでした。通信の状態を確かめて、もう一度お試しください。");
    }
    const pcm = new AudioWorkletNode(context, "pcm", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    pcm.port.onmessage = (e) => onBlock(e.data);
    source.connect(pcm);
    await this.context?.resume();
    try {
      this.awake = await /** @type {any} */ (navigator).wakeLock?.request("screen");
    } catch { /* the screen may go dark, no more */ }
  }

  stop() {
    this.stream?.getTracks().forEach((t) => t.stop());
    this.context?.close();
    this.awake?.release();
    this.stream = this.context = this.awake = null;
  }

  /** @param {MediaStream} stream */
  #source(stream) {
    this.context = new AudioContext({ sampleRate: RATE });
    try {
      return this.context.createMediaStreamSource(stream);
    } catch { // Firefox connects no stream of another rate; the worklet brings it down then
      this.context.close();
      this.context = new AudioContext();
      return this.context.createMediaStreamSource(stream);
    }
  }
}
