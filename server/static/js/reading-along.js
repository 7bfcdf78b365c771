/** What is said in the calls that go on, over /api/staff/calls/live; a broken connection is made again and refills. */

const RETRY_MS = [500, 1000, 2000, 4000];

/**
 * @typedef {{id: string, our_name: string, our_number: string, other_name: string, other_number: string, began_at: string,
 *            held: boolean, hearing: "heard" | "waiting" | "off" | "over"}} Call
 * @typedef {{now: (message: any) => void, calls: (message: any) => void, call: (message: any) => void, missing: (message: any) => void,
 *            lines: (message: any) => void, offer: (message: any) => void, connected: () => void, broken: () => void,
 *            refused: (message: string) => void}} Listener `broken`: it is being made again; `refused`: it is over
 */

export class ReadingAlong {
  /** @param {string} path @param {Listener} listener */
  constructor(path, listener) {
    this.path = path;
    this.listener = listener;
    /** @type {string | null} */
    this.watched = null;
    this.attempts = 0;
    this.over = false;
    this.#connect();
  }

  /** Read a call along from now on. @param {string} id */
  watch(id) {
    this.watched = id;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ call: id }));
  }

  /** Read none. What still comes of it is left alone. */
  leave() {
    this.watched = null;
  }

  #connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path}`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.attempts = 0;
      this.listener.connected();
      if (this.watched) this.watch(this.watched);
    });
    socket.addEventListener("message", (e) => this.#take(JSON.parse(e.data)));
    socket.addEventListener("close", () => {
      if (this.over) return;
      this.listener.broken();
      setTimeout(() => this.#connect(), RETRY_MS[Math.min(this.attempts++, RETRY_MS.length - 1)]);
    });
  }

  /** @param {any} message */
  #take(message) {
    if (message.type === "error") {
      this.over = true;
      this.listener.refused(message.message);
    } else if (!message.id || message.id === this.watched) { // else of a call that was left meanwhile
      /** @type {any} */ (this.listener)[message.type]?.(message);
    }
  }
}
