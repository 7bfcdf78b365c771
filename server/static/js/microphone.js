/** The microphone: records until told to stop, and says in a sentence why it can't. */

const KINDS = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4", "audio/ogg;codecs=opus"];

const SPEECH = 32_000; // bits a second: of 128,000, the browser's own, a slow line would be sending a minute for a minute

/** @type {Record<string, string>} */
const REFUSALS = {
  NotAllowedError: "マイクの使用が許可されていません。ブラウザの設定でこのページのマイクを許可するか、文字で入力してください。",
  SecurityError: "この画面ではマイクを使えません。文字で入力してください。",
  NotFoundError: "マイクが見つかりません。マイクをつなぐか、文字で入力してください。",
  NotReadableError: "マイクがほかのアプリで使われているようです。そのアプリを閉じるか、文字で入力してください。",
};

/** @returns {string | null} why this page can't record at all */
function impossible() {
  if (!window.isSecureContext) return "安全な接続（https）で開いたときだけ、声で質問できます。文字で入力してください。";
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return "このブラウザでは声で質問できません。文字で入力してください。";
  return null;
}

export class Microphone {
  /** @param {(level: number | null) => void} onLevel loudness 0..1, some times a second; null while nothing can be measured */
  constructor(onLevel) {
    this.onLevel = onLevel;
    /** @type {MediaRecorder | null} */
    this.recorder = null;
  }

  /**
   * Start recording. Throws an Error whose message is for people.
   * @returns {Promise<{recorded: Promise<Blob>}>} what was recorded, once `stop` is called
   */
  async start() {
    const reason = impossible();
    if (reason) throw new Error(reason);
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } });
    } catch (error) {
      throw new Error(REFUSALS[/** @type {Error} */ (error).name] ?? "マイクを使えませんでした。文字で入力してください。");
    }
    const kind = KINDS.find((k) => MediaRecorder.isTypeSupported(k));
    const recorder = new MediaRecorder(stream, { audioBitsPerSecond: SPEECH, ...(kind ? { mimeType: kind } : {}) });
    this.recorder = recorder;
    /** @type {Blob[]} */
    const parts = [];
    recorder.addEventListener("dataavailable", (e) => parts.push(e.data));
    const quiet = this.#listen(stream);
    const recorded = new Promise((resolve) => {
      recorder.addEventListener("stop", () => {
        quiet();
        stream.getTracks().forEach((t) => t.stop());
        resolve(new Blob(parts, { type: recorder.mimeType }));
      });
    });
    recorder.start();
    return { recorded };
  }

  stop() {
    if (this.recorder?.state === "recording") this.recorder.stop();
    this.recorder = null;
  }

  /** @param {MediaStream} stream @returns {() => void} stops the metering */
  #listen(stream) {
    const context = new AudioContext();
    const meter = context.createAnalyser();
    meter.fftSize = 512;
    context.createMediaStreamSource(stream).connect(meter);
    context.resume();
    const samples = new Float32Array(meter.fftSize);
    const timer = setInterval(() => {
      meter.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
      this.onLevel(context.state === "running" ? Math.min(1, rms * 6) : null);
    }, 80);
    return () => {
      clearInterval(timer);
      context.close();
    };
  }
}
