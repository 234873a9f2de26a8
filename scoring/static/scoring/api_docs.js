// Swagger UI on our own schema; a request that changes something carries the session's CSRF token.
"use strict";

const docs = document.getElementById("docs");

function withToken(request) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  const ours = new URL(request.url, location.href).origin === location.origin;
  if (token && ours && request.method && request.method !== "GET") {
    request.headers["X-CSRFToken"] = token[1];
  }
  return request;
}

window.SwaggerUIBundle({
  url: docs.dataset.schema,
  domNode: docs,
  deepLinking: true,
  requestInterceptor: withToken,
});
