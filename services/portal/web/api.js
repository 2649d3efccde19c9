// Talking to the portal: JSON in and out, problem documents as errors.

export class Problem extends Error {
  constructor(status, document) {
    super(document?.detail ?? "服务没有响应，请稍后再试");
    this.status = status;
    this.code = document?.code ?? "";
    this.document = document ?? {};
  }

  // Nobody answered, or somebody who will: worth another try with the same content.
  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

// {status, data}; throws Problem for problem documents and when there is no connection.
export async function call(method, path, document) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: document === undefined ? {} : { "Content-Type": "application/json" },
      body: document === undefined ? undefined : JSON.stringify(document),
      cache: "no-store",
    });
  } catch {
    throw new Problem(0, { code: "offline", detail: "连接不上服务器" });
  }
  const type = response.headers.get("Content-Type") ?? "";
  const data = type.includes("json") ? await response.json().catch(() => null) : null;
  if (type.includes("problem+json") || (!response.ok && !data)) throw new Problem(response.status, data);
  return { status: response.status, data };
}

// A UUIDv7 (RFC 9562) from the clock and 74 random bits.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let at = Date.now();
  for (let i = 5; i >= 0; i--) {
    bytes[i] = at % 256;
    at = Math.floor(at / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// An element with attributes, properties by ".name", listeners by "onname", and children.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith(".")) element[name.slice(1)] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
