/** Requests to the server; every failure comes out as an ApiError whose message is a sentence for people. */

const ASK_TIMEOUT_MS = 60_000;

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

/**
 * @param {string} url @param {RequestInit} [init] @param {number} [timeoutMs]
 * @returns {Promise<Response>}
 */
export async function request(url, init = {}, timeoutMs = ASK_TIMEOUT_MS) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  init.signal?.addEventListener("abort", () => stop.abort());
  let response;
  try {
    response = await fetch(url, { ...init, signal: stop.signal, headers: { accept: "application/json", ...init.headers } });
  } catch {
    throw unreachable();
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return response;
  throw errorOf(response.status, await response.json().catch(() => null));
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
    xhr.upload.addEventListener("progress", (e) => e.lengthComputable && onProgress(e.loaded / e.total));
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
