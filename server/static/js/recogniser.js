/** Blocks of sound in, partial and final texts out, over /api/asr/stream; a broken connection is made again. */

const RATE = 16000;
const BLOCKS_PER_S = 10;
const KEPT = 300; // blocks that wait for a connection
const RETRY_MS = [500, 1000, 2000, 4000];
const STOP_WITHIN_MS = 8000;

/**
 * @typedef {{partial: (text: string) => void, final: (text: string) => void, connected: () => void, broken: () => void,
 *            refused: (message: string, code: string) => void}} Listener `broken`: it is being made again; `refused`: it is over
 */

export class Recogniser {
  /** @param {string} path @param {Listener} listener */
  constructor(path, listener) {
    this.path = path;
    this.listener = listener;
    /** @type {ArrayBuffer[]} */
    this.waiting = [];
    /** @type {ArrayBuffer[]} sent, and not yet in a final text: sent again over a new connection */
    this.open = [];
    this.settled = 0; // blocks of this connection before those
    /** @type {WebSocket | null} */
    this.socket = null;
    this.attempts = 0;
    this.over = false;
    this.connect();
  }

  connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path}`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.attempts = 0;
      socket.send(JSON.stringify({ type: "start", format: "pcm16", rate: RATE, language: "ja" }));
      const blocks = [...this.open, ...this.waiting].slice(-KEPT);
      this.open = this.waiting = [];
      this.settled = 0;
      blocks.forEach((block) => this.#pass(block, socket));
      this.listener.connected();
    });
    socket.addEventListener("message", (e) => this.#take(JSON.parse(e.data)));
    socket.addEventListener("close", () => this.#closed(socket));
  }

  /** @param {ArrayBuffer} block */
  send(block) {
    if (this.over) return;
    if (this.socket?.readyState === WebSocket.OPEN) this.#pass(block, this.socket);
    else this.waiting = [...this.waiting, block].slice(-KEPT);
  }

  /** Ask for the last texts. @returns {Promise<void>} once they are there */
  stop() {
    this.over = true;
    const socket = this.socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) {
      socket?.close();
      return Promise.resolve();
    }
    socket.send(JSON.stringify({ type: "stop" }));
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.close(), STOP_WITHIN_MS);
      socket.addEventListener("close", () => { clearTimeout(timer); resolve(); });
    });
  }

  /** @param {ArrayBuffer} block @param {WebSocket} socket */
  #pass(block, socket) {
    socket.send(block);
    this.open.push(block);
    this.#settle(this.open.length - KEPT);
  }

  /** @param {number} count of the oldest blocks are not needed again */
  #settle(count) {
    if (count > 0) this.settled += this.open.splice(0, count).length;
  }

  /** @param {any} message */
  #take(message) {
    if (message.type === "partial") this.listener.partial(message.text);
    else if (message.type === "final") {
      this.#settle(Math.ceil(message.end * BLOCKS_PER_S) - this.settled);
      this.listener.final(message.text);
    } else if (message.type === "error") {
      this.over = true;
      this.listener.refused(message.message, message.code);
    }
  }

  /** @param {WebSocket} socket */
  #closed(socket) {
    if (this.over || socket !== this.socket) return;
    this.listener.broken();
    const wait = RETRY_MS[Math.min(this.attempts++, RETRY_MS.length - 1)];
    setTimeout(() => { if (!this.over) this.connect(); }, wait);
  }
}
