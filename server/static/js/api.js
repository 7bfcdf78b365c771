/** Requests to the server; every failure comes out as an ApiError whose message is a sentence for people. */

const ASK_TIMEOUT_MS = 60_000;
const STALLED_MS = 20_000; // of a reply that has begun
const SENDING_STALLED_MS = 120_000;
const TAKING_MS = 600_000; // two gigabytes are written down, on whatever disk

export class ApiError extends Error {
  /** @param {string} message @param {string} code @param {number} status 0 when nothing came back */
  constructor(message, code, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** @param {number} status */
function sentence(status) {
  if (status === 401) return "ログインの時間が切れました。もう一度ログインしてください。";
  if (status === 404) return "お探しのものが見つかりません。";
  if (status === 413) return "大きすぎて受け付けられません。短くして、もう一度お試しください。";
  if (status === 429 || status === 503) return "ただいま混み合っています。少し待ってから、もう一度お試しください。";
  return "うまくいきませんでした。時間をおいて、もう一度お試しください。";
}

/** @param {number} status @param {unknown} body */
function errorOf(status, body) {
  const error = /** @type {any} */ (body)?.error;
  return new ApiError(error?.message || sentence(status), error?.code || "unknown", status);
}

function unreachable() {
  const message = navigator.onLine
    ? "市のサーバーにつながりませんでした。少し待ってから、もう一度お試しください。"
    : "インターネットにつながっていません。通信の状態を確かめて、もう一度お試しください。";
  return new ApiError(message, "offline", 0);
}

function brokenOff() {
  return new ApiError("市のサーバーからの返事が途中で止まりました。入力した内容はこの画面に残っています。少し待ってから、もう一度お試しください。", "broken_off", 0);
}

/**
 * The reply, once all of it has come: who waits for it never waits for ever.
 * @param {string} url @param {RequestInit} [init] @param {number} [timeoutMs] until it begins
 * @returns {Promise<Response>}
 */
export async function request(url, init = {}, timeoutMs = ASK_TIMEOUT_MS) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  let timer = setTimeout(abort, timeoutMs);
  const comes = () => { clearTimeout(timer); timer = setTimeout(abort, STALLED_MS); };
  init.signal?.addEventListener("abort", abort);
  let response = null;
  try {
    response = await fetch(url, { ...init, signal: stop.signal, headers: { accept: "application/json", ...init.headers } });
    comes();
    response = await whole(response, comes);
  } catch {
    throw response ? brokenOff() : unreachable();
  } finally {
    clearTimeout(timer);
    init.signal?.removeEventListener("abort", abort);
  }
  if (response.ok) return response;
  throw errorOf(response.status, await response.json().catch(() => null));
}

/** @param {Response} response @param {() => void} comes is told whenever more of it has come */
async function whole(response, comes) {
  if (!response.body) return response;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const blocks = [];
  const reader = response.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    blocks.push(next.value);
    comes();
  }
  const body = blocks.length ? new Blob(blocks, { type: response.headers.get("content-type") ?? "" }) : null; // a 204 may have none
  return new Response(body, response);
}

/** @param {string} url @param {RequestInit} [init] @returns {Promise<any>} */
export async function json(url, init) {
  return (await request(url, init)).json();
}

/** @param {string} url @param {unknown} body @param {AbortSignal} [signal] @returns {Promise<Response>} */
export function post(url, body, signal) {
  return request(url, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" }, signal });
}

/**
 * Upload with progress, which fetch can't report.
 * @param {string} url @param {FormData} form @param {(share: number) => void} onProgress
 * @returns {{done: Promise<any>, cancel: () => void}}
 */
export function upload(url, form, onProgress) {
  const xhr = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const wait = (/** @type {number} */ ms, /** @type {string} */ message) => {
      clearTimeout(timer);
      timer = setTimeout(() => { reject(new ApiError(message, "stalled", 0)); xhr.abort(); }, ms);
    };
    const sends = () => wait(SENDING_STALLED_MS, "送信が途中で止まりました。選んだファイルと入力した内容は残っています。通信の状態を確かめて、もう一度送ってください。");
    sends();
    xhr.upload.addEventListener("progress", (e) => { sends(); if (e.lengthComputable) onProgress(e.loaded / e.total); });
    xhr.upload.addEventListener("load", () => wait(TAKING_MS, "すべて送りましたが、受け付けたという返事がありません。一覧に出ているかを確かめてください。出ていなければ、もう一度送ってください。"));
    xhr.addEventListener("loadend", () => clearTimeout(timer));
    xhr.addEventListener("load", () => {
      let body = null;
      try { body = JSON.parse(xhr.responseText); } catch { /* an answer from something between us and the server */ }
      if (xhr.status >= 200 && xhr.status < 300) resolve(body);
      else reject(errorOf(xhr.status, body));
    });
    xhr.addEventListener("error", () => reject(unreachable()));
    xhr.addEventListener("abort", () => reject(new ApiError("送信をやめました。", "cancelled", 0)));
  });
  xhr.open("POST", url);
  xhr.setRequestHeader("accept", "application/json");
  xhr.send(form);
  return { done, cancel: () => xhr.abort() };
}
