// Swagger UI on our own schema; a request that changes something carries the session's CSRF token.
"use strict";

const docs = document.getElementById("docs");

/** @param {{url: string, method?: string, headers: Record<string, string>}} request */
function withToken(request) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  const ours = new URL(request.url, location.href).origin === location.origin;
  if (token && ours && request.method && request.method !== "GET") {
    request.headers["X-CSRFToken"] = token;
  }
  return request;
}

/** @typedef {{url: string | undefined, domNode: HTMLElement | null, deepLinking: boolean, requestInterceptor: typeof withToken}} Options */
/** @type {Window & {SwaggerUIBundle: (options: Options) => void}} */ (/** @type {unknown} */ (window)).SwaggerUIBundle({
  url: docs?.dataset.schema,
  domNode: docs,
  deepLinking: true,
  requestInterceptor: withToken,
});
